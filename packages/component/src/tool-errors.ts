import { BulkheadError } from '@bulkhead/vocabulary'

// The tools say what they refuse in words only. Each phrase here was seen from the pinned version.
const PROPOSALS: readonly (readonly [phrase: RegExp, proposal: string])[] = [
  [/exceptions|exception[- ]handling|tag section|legacy_exceptions|exnref/i, 'exception-handling'],
  [/threads|shared memor|atomic/i, 'threads'],
  [/memory64|64-bit memor/i, 'memory64'],
  [/tail[- ]calls?/i, 'tail-call'],
  [/custom page sizes|page ?size/i, 'custom-page-sizes'],
  [
    /wasm-gc|gc (?:proposal|support|types?)|heap types|array type|struct type|recursion group|function references/i,
    'gc',
  ],
  [/relaxed[- ]simd/i, 'relaxed-simd'],
  [/simd/i, 'simd'],
  [/extended[- ]const|constant expression required|not allowed in constant expression/i, 'extended-const'],
  [/multi-memory|multiple memories/i, 'multi-memory'],
  [/stack[- ]switching/i, 'stack-switching'],
  [/wide arithmetic/i, 'wide-arithmetic'],
  [/component model async|async|future|stream|error-context/i, 'component-model-async'],
]

/**
 * The proposal that a refusal is about. Only asked where a text is known to be a refusal of a feature: a tool quotes
 * names out of the component, which may say anything.
 */
export function proposalIn(text: string): string | undefined {
  if (
    !/not enabled|must be enabled|enable (?:with|via)|not supported|unsupported|disabled|is not allowed|invalid opcode/i.test(
      text,
    )
  ) {
    return undefined
  }
  return PROPOSALS.find(([phrase]) => phrase.test(text))?.[1]
}

/** What a tool threw, as an error of ours: an unsupported proposal, or bytes that it does not take. */
export function toolError(stage: 'read' | 'adapted' | 'transpiled' | 'compiled', thrown: unknown): BulkheadError {
  if (thrown instanceof BulkheadError) return thrown
  const text = textOf(thrown)
  const proposal = proposalIn(text)
  if (proposal !== undefined) return unsupportedProposal(proposal, text)
  const code = stage === 'transpiled' ? 'component-transpile-failed' : 'component-invalid'
  return new BulkheadError(code, `the component could not be ${stage}: ${firstLine(text)}`, {
    details: { stage, reason: text.slice(0, 2000) },
  })
}

function unsupportedProposal(proposal: string, reason: string): BulkheadError {
  const hint =
    proposal === 'extended-const'
      ? 'start node with --experimental-wasm-extended-const, or use Node 24'
      : `build it without the proposal \`${proposal}\``
  return new BulkheadError(
    'component-proposal-unsupported',
    `the component uses the WebAssembly proposal \`${proposal}\`, which is not supported here`,
    { details: { proposal, reason: reason.slice(0, 2000) }, hint },
  )
}

/** The tools throw `{ payload }` objects as well as errors. */
function textOf(thrown: unknown): string {
  if (typeof thrown === 'object' && thrown !== null && 'payload' in thrown) return String(thrown.payload)
  return thrown instanceof Error ? thrown.message : String(thrown)
}

function firstLine(text: string): string {
  const lines = text.split('\n').map((line) => line.trim())
  return lines
    .filter((line) => line !== '' && line !== 'Caused by:')
    .slice(0, 3)
    .join(': ')
    .slice(0, 300)
}

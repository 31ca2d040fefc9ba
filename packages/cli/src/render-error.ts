import { BulkheadError, Fault, wireFromUnknown } from '@bulkhead/vocabulary'
import { exitCodeOf, exitCodes } from './exit-codes.js'
import { jsonText } from './json-text.js'
import { printable } from './printable.js'
import type { Terminal } from './terminal.js'

/** Messages list findings and names; far beyond what one of them holds. */
const shownCharactersMax = 4_000

export type ErrorStyle = { readonly json: boolean; readonly verbose: boolean }

/**
 * Prints an error that ended a command to stderr, and gives the exit code. A stack is shown only for our own faults, and
 * only when asked for.
 *
 * @returns 1 to 4 as SPEC 15 says
 */
export function reportError(thrown: unknown, terminal: Terminal, style: ErrorStyle): number {
  const lines = style.json ? [jsonText({ error: wireFromUnknown(thrown) })] : describe(thrown, terminal, style)
  terminal.stderr.write(`${lines.join('\n')}\n`)
  return thrown instanceof BulkheadError ? exitCodeOf(thrown) : exitCodes.failed
}

function describe(thrown: unknown, { stderr }: Terminal, { verbose }: ErrorStyle): readonly string[] {
  const error = stderr.paint('red', 'error:')
  const findings = findingsIn(thrown)
  if (findings !== undefined) {
    const what = findings === 1 ? 'the document has an error' : `the documents have ${findings} errors`
    const lines = String((thrown as Error).message).split('\n')
    return [`${error} ${what}`, ...lines.map((line) => printable(line, shownCharactersMax))]
  }
  // A component's author chose the names that a refusal repeats.
  const lines = [`${error} ${printable(thrown instanceof Error ? thrown.message : String(thrown), shownCharactersMax)}`]
  if (thrown instanceof BulkheadError && thrown.hint !== undefined) {
    lines.push(`${stderr.paint('cyan', 'hint:')}  ${printable(thrown.hint, shownCharactersMax)}`)
  }
  const ours = thrown instanceof Fault || !(thrown instanceof BulkheadError)
  if (ours && verbose && thrown instanceof Error && thrown.stack !== undefined) {
    lines.push(...thrown.stack.split('\n').map((line) => printable(line, shownCharactersMax)))
  }
  if (ours && !verbose)
    lines.push(`${stderr.paint('cyan', 'hint:')}  this is a fault of Bulkhead; --verbose shows where`)
  return lines
}

/** The number of findings of a document's error, also of one that came from another process. */
function findingsIn(thrown: unknown): number | undefined {
  const findings = thrown instanceof BulkheadError ? thrown.details['findings'] : undefined
  return Array.isArray(findings) ? findings.length : undefined
}

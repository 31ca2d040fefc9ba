import type { Decision, Layer, Rule } from '@bulkhead/vocabulary'
import { layers } from '@bulkhead/vocabulary'
import type { FieldReader } from '../service/field-reader.js'
import type { FieldWriter } from '../service/field-writer.js'
import type { Verdict } from './gate.js'
import type { SocketAction } from './network-request.js'

/**
 * How the far side judges what a socket wants: an address may be granted by the name that led to it, which only the far
 * side knows. `resource` is by what it was judged: the name where one decided, else the address.
 */
export type Judgement = { readonly action: SocketAction; readonly resource: string; readonly decision: Decision }

export function writeJudgement(answer: FieldWriter, { request, decision }: Verdict): FieldWriter {
  const { layer, rule } = decision
  answer.text(request.resource).u8(layers.indexOf(layer))
  if (rule === undefined) answer.u8(0)
  else
    answer
      .u8(1)
      .text(rule.pattern)
      .text(rule.origin.document)
      .u32(rule.origin.line ?? 0)
  return decision.verdict === 'granted' ? answer.u8(1) : answer.u8(0).text(decision.reason)
}

export function readJudgement(answer: FieldReader, action: SocketAction): Judgement {
  const text = (): string => answer.text(Number.POSITIVE_INFINITY)
  const resource = text()
  const layer: Layer = answer.oneOf(layers)
  const rule = answer.u8() === 0 ? undefined : readRule(text(), text(), answer.u32())
  if (answer.u8() === 1 && rule !== undefined)
    return { action, resource, decision: { verdict: 'granted', layer, rule } }
  const reason = text()
  return { action, resource, decision: { verdict: 'denied', layer, reason, ...(rule === undefined ? {} : { rule }) } }
}

function readRule(pattern: string, document: string, line: number): Rule {
  return { pattern, origin: line === 0 ? { document } : { document, line } }
}

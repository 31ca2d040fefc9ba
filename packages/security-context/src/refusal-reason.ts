import type { Layer } from '@bulkhead/vocabulary'
import type { Piece } from './coverage.js'
import { originOf } from './hint-text.js'
import type { Refusal } from './refusals.js'

/** One line for an operator: why a layer does not grant a whole pattern. Patterns of documents stand in it as they are. */
export function gapReason({ layer, rules, mount }: Refusal, pieces: readonly Piece[] = []): string {
  const [rule] = rules
  if (rule !== undefined) {
    return `${layer === 'role' ? 'a role denies it' : 'denied'}: \`${rule.pattern}\` (${originOf(rule.origin)})`
  }
  if (layer === 'mount') {
    return mount === undefined ? 'nothing is mounted there' : `\`${mount.guestPath}\` is mounted for reading only`
  }
  const name = layerNames[layer] ?? `the ${layer} layer`
  const part = pieces.filter((piece) => piece.layer === layer).map((piece) => `\`${piece.rule.pattern}\``)
  return part.length === 0 ? `${name} allows nothing of it` : `${name} allows only a part of it: ${part.join(', ')}`
}

const layerNames: Partial<Record<Layer, string>> = {
  forbidden: 'the forbidden list',
  manifest: 'the manifest',
  approval: 'the approval',
  policy: 'the policy',
  ceiling: "the supervisor's ceiling",
  reduction: 'the reduction',
  role: 'the role file',
}

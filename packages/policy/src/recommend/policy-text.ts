import { actionsOf, type Grant, type KindCatalogue, kindsOf } from '@bulkhead/capability'
import type { RecommendedLine } from './recommended-line.js'

/**
 * The recommended policy as a native document: kinds and actions in the vocabulary's order, patterns sorted, above each
 * pattern why it is there. Deny rules in force stay.
 */
export function policyText(lines: readonly RecommendedLine[], deny: readonly Grant[], kinds: KindCatalogue): string {
  const allowed = sections(lines, ({ grant }) => grant, kinds, commented)
  const denied = sections(
    deny,
    (grant) => grant,
    kinds,
    (grant) => [`  ${written(grant)},`],
  )
  const allow = allowed.length === 0 ? ['# nothing was used'] : allowed
  const text = ['[allow]', ...allow, ...(denied.length === 0 ? [] : ['', '[deny]', ...denied])]
  return `${text.join('\n')}\n`
}

function sections<T>(
  items: readonly T[],
  grantOf: (item: T) => Grant,
  kinds: KindCatalogue,
  render: (item: T) => readonly string[],
): readonly string[] {
  const byAction = new Map<string, T[]>()
  for (const item of items) {
    const { kind, action } = grantOf(item)
    const key = `${kind}.${action}`
    const list = byAction.get(key)
    if (list === undefined) byAction.set(key, [item])
    else list.push(item)
  }
  return kindsOf(kinds).flatMap((kind) =>
    actionsOf(kind, kinds).flatMap((action) => {
      const key = `${kind}.${action}`
      const list = byAction.get(key)
      return list === undefined ? [] : [`${key} = [`, ...list.flatMap(render), ']']
    }),
  )
}

function commented({ grant, reason, confidence }: RecommendedLine): readonly string[] {
  return [`  # ${reason}; confidence ${confidence}`, `  ${written(grant)},`]
}

function written({ pattern, limits }: Grant): string {
  const { maxFileSizeBytes, connections } = limits ?? {}
  const bounds = [
    ...(maxFileSizeBytes === undefined ? [] : [`max_file_size = ${quoted(byteText(maxFileSizeBytes))}`]),
    ...(connections === undefined ? [] : [`connections = ${connections}`]),
  ]
  return bounds.length === 0 ? quoted(pattern) : `{ ${[`pattern = ${quoted(pattern)}`, ...bounds].join(', ')} }`
}

/** Bytes exactly, in the largest unit that divides them. */
function byteText(bytes: number): string {
  if (bytes === 0) return '0B'
  const units = ['B', 'KiB', 'MiB', 'GiB', 'TiB']
  let [amount, unit] = [bytes, 0]
  while (amount % 1024 === 0 && unit < units.length - 1) {
    amount /= 1024
    unit++
  }
  return `${amount}${units[unit]}`
}

/** A TOML basic string. JSON escapes all that TOML wants escaped, but for DEL; patterns hold no halves of surrogate pairs. */
function quoted(text: string): string {
  return JSON.stringify(text).replace(/[\u007f-\u009f\u200b-\u200f\u2028-\u202e\u2060-\u2069\ufeff]/g, (character) => {
    return `\\u${character.charCodeAt(0).toString(16).padStart(4, '0')}`
  })
}

import type { Grant, KindCatalogue } from '@bulkhead/capability'
import { actionNamed, kindNamed } from '@bulkhead/capability'
import {
  type InspectedDocument,
  type Inspection,
  isList,
  isTable,
  type KeyPath,
  quote,
  type TomlValue,
} from '@bulkhead/document'
import { type GrantLimits, parseBytes } from '@bulkhead/vocabulary'
import type { NativeRule, NativeRules } from './native-schema.js'

/** The rules of one side of a native policy, in the order of the document. */
export function nativeGrants(
  rules: NativeRules | undefined,
  path: KeyPath,
  document: InspectedDocument,
  kinds: KindCatalogue,
): readonly Grant[] {
  return Object.entries(rules ?? {}).flatMap(([kindName, actions]) => {
    const kind = kindNamed(kindName, kinds)
    if (kind === undefined) return []
    return Object.entries(actions ?? {}).flatMap(([actionName, list]) => {
      const action = actionNamed(kind, actionName, kinds)
      if (action === undefined) return []
      return (list ?? []).map((rule, index): Grant => {
        const at = [...path, kindName, actionName, index]
        const origin = { document: document.file, ...document.positionOf(patternPath(rule, at)) }
        const limits = typeof rule === 'string' ? undefined : limitsOf(rule)
        const pattern = typeof rule === 'string' ? rule : rule.pattern
        return limits === undefined ? { kind, action, pattern, origin } : { kind, action, pattern, origin, limits }
      })
    })
  })
}

function patternPath(rule: unknown, path: KeyPath): KeyPath {
  return typeof rule === 'string' ? path : [...path, 'pattern']
}

function limitsOf({ max_file_size, connections }: Exclude<NativeRule, string>): GrantLimits | undefined {
  const maxFileSizeBytes = max_file_size === undefined ? undefined : parseBytes(max_file_size)
  if (maxFileSizeBytes !== undefined) return { maxFileSizeBytes }
  return connections === undefined ? undefined : { connections: Number(connections) }
}

/**
 * Reports each pattern that one list holds twice. It looks at the document itself and not at what the schema made of it,
 * so that a duplicate is found beside other mistakes.
 */
export function reportDuplicateRules(inspection: Inspection, side: TomlValue | undefined, path: KeyPath): void {
  for (const [kind, actions] of entriesOf(side)) {
    for (const [action, list] of entriesOf(actions)) {
      if (isList(list)) reportDuplicates(inspection, list, [...path, kind, action])
    }
  }
}

function reportDuplicates(inspection: Inspection, list: readonly TomlValue[], path: KeyPath): void {
  const lines = new Map<string, number>()
  for (const [index, rule] of list.entries()) {
    const pattern = isTable(rule) ? rule['pattern'] : rule
    if (typeof pattern !== 'string') continue
    const at = inspection.document.positionOf(patternPath(rule, [...path, index]))
    const first = lines.get(pattern)
    if (first === undefined) lines.set(pattern, at.line)
    else inspection.reportAt(at, `the pattern ${quote(pattern)} is listed twice`, `it stands already in line ${first}`)
  }
}

function entriesOf(value: TomlValue | undefined): readonly (readonly [string, TomlValue])[] {
  return isTable(value) ? Object.entries(value) : []
}

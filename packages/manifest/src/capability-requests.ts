import {
  actionsOf,
  checkPattern,
  type Grant,
  type KindCatalogue,
  kindsOf,
  noCustomKinds,
  PatternError,
  type PatternUse,
} from '@bulkhead/capability'
import {
  type Entry,
  type Field,
  flag,
  isTable,
  listOf,
  quote,
  readTable,
  reject,
  rejectType,
  type Schema,
  text,
} from '@bulkhead/document'
import type { Kind } from '@bulkhead/vocabulary'
import { patternsMax, patternsPerActionMax, whyCharactersMax } from './limits.js'

/**
 * The table `[capabilities]`: kind → action → patterns, as dotted keys or as nested tables. Built once for a component,
 * because `self:` in a storage pattern means that component. Besides the built-in kinds it takes the custom ones of
 * `kinds`.
 *
 * @returns requests in the order of the document
 */
export function capabilityRequests(componentId: string, kinds: KindCatalogue = noCustomKinds): Field<readonly Grant[]> {
  const schema = Object.fromEntries(kindsOf(kinds).map((kind) => [kind, requestsOf(kind, componentId, kinds)]))
  return (entry) => {
    const table = readTable(entry, schema, { what: 'capability kind', ...(kinds.size === 0 ? { beyond } : {}) })
    if (table === undefined) return undefined
    const requests = Object.values(table).flatMap((grants) => grants ?? [])
    if (requests.length <= patternsMax) return requests
    return reject(entry, `${requests.length} patterns are too many`, `at most ${patternsMax} in one manifest`)
  }
}

/** A command that reads a document by itself has no host application to ask. */
const beyond = 'a kind of a host application is known only to the runtime that it creates'

function requestsOf(kind: Kind, componentId: string, kinds: KindCatalogue): Field<readonly Grant[]> {
  const schema = Object.fromEntries(
    actionsOf(kind, kinds).map((action) => [
      action,
      patternsOf({ kind, action, componentId, kinds, port: 'required' }),
    ]),
  )
  return (entry) => {
    const table = readTable(entry, schema satisfies Schema, { what: `${kind} action` })
    return table === undefined ? undefined : Object.values(table).flatMap((grants) => grants ?? [])
  }
}

function patternsOf(use: PatternUse): Field<readonly Grant[]> {
  const list = listOf((entry: Entry) => request(entry, use), { what: 'patterns', itemsMax: patternsPerActionMax })
  return (entry) => {
    const grants = list(entry)
    if (grants !== undefined) reportDuplicates(entry, grants)
    return grants
  }
}

function reportDuplicates(entry: Entry, grants: readonly Grant[]): void {
  const firstLines = new Map<string, number | undefined>()
  for (const { pattern, origin } of grants) {
    if (firstLines.has(pattern)) {
      const message = `the pattern ${quote(pattern)} is listed twice`
      const { line = 1, column = 1 } = origin
      entry.inspection.reportAt({ line, column }, message, `it stands already in line ${firstLines.get(pattern)}`)
    } else {
      firstLines.set(pattern, origin.line)
    }
  }
}

const why = text({ what: 'a reason', charactersMax: whyCharactersMax, blank: 'allowed' })

/** A bare pattern, which the component cannot do without, or `{ pattern, optional, why }`. */
function request(entry: Entry, use: PatternUse): Grant | undefined {
  if (typeof entry.value === 'string') return patternOf(entry, use)
  if (!isTable(entry.value)) return rejectType(entry, 'a pattern in quotes, or `{ pattern, optional, why }`')
  const pattern = (inner: Entry): Grant | undefined => patternOf(inner, use)
  const table = readTable(entry, { pattern, optional: flag, why }, { required: ['pattern'] })
  if (table?.pattern === undefined) return undefined
  const { pattern: grant, ...others } = table
  return { ...grant, ...others }
}

function patternOf(entry: Entry, use: PatternUse): Grant | undefined {
  const { value: pattern, path, inspection } = entry
  if (typeof pattern !== 'string') return rejectType(entry, 'a pattern in quotes')
  try {
    checkPattern(pattern, use)
  } catch (error) {
    if (!(error instanceof PatternError)) throw error
    inspection.reportInText(
      path,
      error.position,
      `in the pattern ${quote(pattern)}: ${error.message}`,
      error.hint ?? '',
    )
    return undefined
  }
  const { kind, action } = use
  const origin = { document: inspection.document.file, ...inspection.document.positionOf(path) }
  return { kind, action, pattern, origin }
}

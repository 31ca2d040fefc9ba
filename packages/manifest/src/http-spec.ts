import {
  asTable,
  didYouMean,
  type Entry,
  entriesOf,
  type Field,
  type Position,
  quantity,
  quote,
  readTable,
  reject,
  renderWhere,
  text,
} from '@bulkhead/document'
import { parseBytes } from '@bulkhead/vocabulary'
import { httpBodyBytesDefault, httpRoutesMax, nameCharactersMax } from './limits.js'
import { type ListenAddress, parseListen } from './listen-address.js'
import { parseRoutePattern, type RoutePattern } from './route-pattern.js'

/** Requests that match go to this child, or to one of its instances. */
export type RouteSpec = RoutePattern & {
  /** As it was written. */
  readonly pattern: string
  /** The id of a child, after `tenant/` where it belongs to one. */
  readonly child: string
  readonly at: Position
}

/** How the tree answers HTTP requests. */
export type HttpSpec = {
  readonly listen: ListenAddress
  readonly routes: readonly RouteSpec[]
  /** The longest body of a request. */
  readonly bodyBytesMax: number
  readonly at: Position
}

const words = text({ what: 'an address', charactersMax: nameCharactersMax })
const childName = text({ what: 'the id of a child', charactersMax: nameCharactersMax })

function listen(directory: string): Field<ListenAddress> {
  return (entry) => {
    const written = words(entry)
    if (written === undefined) return undefined
    const address = parseListen(written, directory)
    return 'message' in address ? reject(entry, address.message, address.hint) : address
  }
}

const routes: Field<readonly RouteSpec[]> = (entry) => {
  const table = asTable(entry)
  if (table === undefined) return undefined
  const entries = entriesOf(entry, table)
  if (entries.length > httpRoutesMax) {
    return reject(entry, `${entries.length} routes are too many`, `at most ${httpRoutesMax}`)
  }
  if (entries.length === 0) return reject(entry, 'no route is listed', 'write { "/**" = "CHILD" }')
  const taken = new Map<string, Position>()
  return entries.flatMap(([pattern, inner]) => route(pattern, inner, taken))
}

function route(pattern: string, entry: Entry, taken: Map<string, Position>): readonly RouteSpec[] {
  const at = entry.inspection.document.positionOf(entry.path, 'key')
  const child = childName(entry)
  const parsed = parseRoutePattern(pattern)
  if ('message' in parsed) {
    entry.inspection.reportAt(at, parsed.message, parsed.hint)
    return []
  }
  const { host = '', path, isPrefix } = parsed
  const meaning = `${host}${path}${isPrefix ? '/**' : ''}`
  const first = taken.get(meaning)
  if (first !== undefined) {
    const hint = `${quote(meaning)} stands already ${renderWhere(first)}`
    entry.inspection.reportAt(at, `the route ${quote(pattern)} is there twice`, hint)
    return []
  }
  taken.set(meaning, at)
  return child === undefined ? [] : [{ ...parsed, pattern, child, at }]
}

const fields = (directory: string) => ({
  listen: listen(directory),
  routes,
  max_body: quantity(parseBytes, (bytes) => bytes, {
    what: 'a size as `"16MiB"` (B, KiB, MiB, GiB, TiB)',
    min: '0B',
    max: '1TiB',
  }),
})

/** The table `[http]` (SPEC 8). Whether its children exist is known when all are read: `reportUnknownChildren`. */
export function httpSpec(directory: string): Field<HttpSpec> {
  return (entry) => {
    const table = readTable(entry, fields(directory), { required: ['listen', 'routes'] })
    if (table?.listen === undefined || table.routes === undefined) return undefined
    return {
      listen: table.listen,
      routes: table.routes,
      bodyBytesMax: table.max_body ?? httpBodyBytesDefault,
      at: entry.inspection.document.positionOf(entry.path, 'key'),
    }
  }
}

/** Reports routes that lead to nobody. */
export function reportUnknownChildren(http: HttpSpec, { inspection }: Entry, ids: readonly string[]): void {
  for (const { pattern, child } of http.routes) {
    if (ids.includes(child)) continue
    inspection.report(['http', 'routes', pattern], `the tree has no child ${quote(child)}`, didYouMean(child, ids))
  }
}

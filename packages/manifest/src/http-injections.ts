import { parseHostCandidate } from '@bulkhead/capability'
import { asTable, type Entry, entriesOf, type Field, type Position, quote, readTable, text } from '@bulkhead/document'
import { isAddableField } from '@bulkhead/vocabulary'
import { injectionsPerChildMax, nameCharactersMax } from './limits.js'
import { isVariableName, variableNameHint } from './variables.js'

/** A header field that the host adds to a child's requests for one origin; its value is a secret that the child need not hold. */
export type InjectionSpec = {
  /** `https://api.example.com`, with a port where one was written. */
  readonly origin: string
  readonly header: string
  /** The name of a secret: of the child's own, or one that the host application gives. */
  readonly secret: string
  /** Where the name of the secret stands. */
  readonly at: Position
}

const word = text({ what: 'a name', charactersMax: nameCharactersMax })
const fields = { header: word, secret: word }

/** The table `http` of a child: `inject`, from an origin to `{ header, secret }`. */
export const childHttp: Field<readonly InjectionSpec[]> = (entry) =>
  readTable(entry, { inject: injections })?.inject ?? []

function injections(entry: Entry): readonly InjectionSpec[] | undefined {
  const table = asTable(entry)
  if (table === undefined) return undefined
  const entries = entriesOf(entry, table)
  if (entries.length > injectionsPerChildMax) {
    const hint = `at most ${injectionsPerChildMax} for one child`
    entry.inspection.report(entry.path, `${entries.length} origins are too many`, hint)
    return undefined
  }
  const taken = new Set<string>()
  return entries.flatMap(([origin, inner]) => injection(origin, inner, taken) ?? [])
}

function injection(origin: string, entry: Entry, taken: Set<string>): InjectionSpec | undefined {
  const { inspection, path } = entry
  const meaning = originMeant(origin)
  if (meaning === undefined) {
    const hint = 'write a scheme and a host, like "https://api.example.com": no path, and no pattern'
    inspection.report(path, `${quote(origin)} is not an origin`, hint, 'key')
    return undefined
  }
  if (taken.has(meaning)) {
    inspection.report(path, `the origin ${quote(origin)} is there twice`, 'remove one of them', 'key')
    return undefined
  }
  taken.add(meaning)
  const table = readTable(entry, fields, { required: ['header', 'secret'] })
  if (table?.header === undefined || table.secret === undefined) return undefined
  const { header, secret } = table
  if (!isAddableField(header)) {
    inspection.report(
      [...path, 'header'],
      `${quote(header)} is not a header that can be added`,
      'one like "authorization"',
    )
    return undefined
  }
  if (!isVariableName(secret)) {
    inspection.report([...path, 'secret'], `${quote(secret)} is not a name of a secret`, variableNameHint)
    return undefined
  }
  return { origin, header, secret, at: inspection.document.positionOf([...path, 'secret']) }
}

/** What an origin comes to, however it is spelled; `undefined` for what is none. */
function originMeant(text: string): string | undefined {
  const scheme = /^(https?):\/\/[^\s/?#@\\]+$/.exec(text)?.[1]
  if (scheme === undefined) return undefined
  const candidate = parseHostCandidate(text) ?? parseHostCandidate(`${text}:${scheme === 'http' ? 80 : 443}`)
  return candidate?.port === undefined ? undefined : JSON.stringify([scheme, candidate.host, candidate.port])
}

import { compilePathPattern, PatternError } from '@bulkhead/capability'
import { type Entry, type Field, isTable, listOf, oneOf, quote, readTable, reject, text } from '@bulkhead/document'
import { BulkheadError } from '@bulkhead/vocabulary'
import { attestorsMax, nameCharactersMax, urlCharactersMax } from './limits.js'
import { type PublicKey, parsePublicKey } from './public-key.js'
import type { Revocation, TrustSource } from './trust-document.js'

const DIGEST = /^sha256:[0-9a-f]{64}$/
const COMMIT = /^[0-9a-f]{40}$/
/** As git names branches. A full reference, or a wildcard, would match nothing. */
const BRANCH = /^(?![/-]|refs\/)(?!.*(?:\.\.|\/\/|@\{|[*?[\\~^:]))[!-~]+(?<![./])$/
const URL_PATTERN = /^(?:https|ssh):\/\/(?![^/]*[A-Z@%?#])[!-.0-~]+\/[!-"$&-~]+$/
/** Patterns are matched against URLs in their normal form: what has another one matches nothing. */
const unmatchable: readonly (readonly [form: RegExp, hint: string])[] = [
  [/(?:\.git|\/)$/, 'URLs are compared without `.git` and without a trailing `/`'],
  [/^(?:https:\/\/[^/]*:443|ssh:\/\/[^/]*:22)\//, 'URLs are compared without the port that their scheme has anyway'],
  [/^ssh:\/\/[a-z0-9.-]+\//, 'over `ssh:` at its own port a repository is the one of `https:`: write that'],
  [
    /[^:/]\/(?:\.{1,2})?(?:\/|$)|^[a-z]+:\/\/[^/]*\.\//,
    'URLs are compared without empty segments, `.`, `..` and a dot behind the host',
  ],
]

const keyText = text({ what: 'a public key', charactersMax: nameCharactersMax })

function key(entry: Entry): PublicKey | undefined {
  const written = keyText(entry)
  if (written === undefined) return undefined
  try {
    return parsePublicKey(written)
  } catch (error) {
    if (!(error instanceof BulkheadError)) throw error
    return reject(entry, error.message, error.hint ?? '')
  }
}

/** Text of a form. */
function formed(what: string, form: RegExp, hint: string, charactersMax = nameCharactersMax): Field<string> {
  const field = text({ what, charactersMax })
  return (entry) => {
    const written = field(entry)
    if (written === undefined || form.test(written)) return written
    return reject(entry, `${quote(written)} is not ${what}`, hint)
  }
}

const digest = formed('a digest', DIGEST, 'write `sha256:` and 64 lower-case hexadecimal digits')
const pathText = text({ what: 'a path pattern', charactersMax: 4096 })
const urlText = formed(
  'a pattern of repository URLs',
  URL_PATTERN,
  'write `https://host/owner/*`: the host in lower case, no user name, no escapes',
  urlCharactersMax,
)

function url(entry: Entry): string | undefined {
  const written = urlText(entry)
  if (written === undefined) return undefined
  const [, hint] = unmatchable.find(([form]) => form.test(written)) ?? []
  return hint === undefined ? written : reject(entry, `${quote(written)} can match nothing`, hint)
}

function path(entry: Entry): string | undefined {
  const written = pathText(entry)
  if (written === undefined) return undefined
  try {
    compilePathPattern(written)
    return written
  } catch (error) {
    if (!(error instanceof PatternError)) throw error
    entry.inspection.reportInText(entry.path, error.position, error.message, error.hint ?? '')
    return undefined
  }
}

const type = oneOf(['git', 'signing-key', 'local'])
const gitFields = {
  type,
  url,
  branch: formed('a branch', BRANCH, 'write `main`, without `refs/heads/`'),
  commit: formed('a commit', COMMIT, 'write all 40 hexadecimal digits, in lower case'),
  attestors: listOf(key, { what: 'public keys', itemsMax: attestorsMax }),
}
const keyFields = {
  type,
  public_key: key,
  certificate: digest,
  signer: text({ what: 'a name', charactersMax: nameCharactersMax }),
}
const localFields = { type, path, digest }

/** One `[[sources]]`: its type decides which keys it may have. */
export function source(entry: Entry): TrustSource | undefined {
  const at = entry.inspection.document.positionOf(entry.path)
  switch (typeOf(entry)) {
    case 'git': {
      const table = readTable(entry, gitFields, { required: ['url', 'attestors'] })
      if (table?.url === undefined || table.attestors === undefined) return undefined
      return { ...table, type: 'git', url: table.url, attestors: table.attestors, at }
    }
    case 'signing-key': {
      const table = readTable(entry, keyFields)
      const anchor = oneAnchor(entry, table?.public_key, table?.certificate)
      if (anchor === undefined) return undefined
      return { type: 'signing-key', anchor, at, ...(table?.signer === undefined ? {} : { signer: table.signer }) }
    }
    case 'local': {
      const table = readTable(entry, localFields, { required: ['path'] })
      if (table?.path === undefined) return undefined
      return { ...table, type: 'local', path: table.path, at }
    }
    default:
      return undefined
  }
}

/** The type of a source; a missing or unknown one is reported, and then nothing else is said of that source. */
function typeOf(entry: Entry): TrustSource['type'] | undefined {
  if (!isTable(entry.value)) return reject(entry, 'a source is a table', 'write `[[sources]]` above its keys')
  const written = entry.value['type']
  if (written === undefined) return reject(entry, '`type` is missing', 'one of `git`, `signing-key`, `local`')
  return type({ ...entry, value: written, path: [...entry.path, 'type'] })
}

type SigningKey = Extract<TrustSource, { readonly type: 'signing-key' }>

function oneAnchor(
  entry: Entry,
  key: PublicKey | undefined,
  fingerprint: string | undefined,
): SigningKey['anchor'] | undefined {
  if (!hasExactlyOne(entry, 'public_key', 'certificate')) return undefined
  if (key !== undefined) return { kind: 'key', key }
  return fingerprint === undefined ? undefined : { kind: 'certificate', fingerprint }
}

const revocationFields = { digest, key }

/** One `[[revoked]]`. */
export function revocation(entry: Entry): Revocation | undefined {
  const at = entry.inspection.document.positionOf(entry.path)
  const table = readTable(entry, revocationFields)
  if (table === undefined || !hasExactlyOne(entry, 'digest', 'key')) return undefined
  if (table.key !== undefined) return { kind: 'key', key: table.key, at }
  return table.digest === undefined ? undefined : { kind: 'digest', digest: table.digest, at }
}

/** Whether exactly one of two keys is written; else that is reported. */
function hasExactlyOne(entry: Entry, one: string, other: string): boolean {
  const { value } = entry
  const written = isTable(value) ? [one, other].filter((name) => Object.hasOwn(value, name)) : []
  if (written.length === 1) return true
  const found = written.length === 0 ? 'none' : 'both'
  reject(entry, `exactly one of \`${one}\` and \`${other}\` belongs here, and there is ${found}`, `write one of them`)
  return false
}

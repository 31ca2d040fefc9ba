import { type Action, BulkheadError, type Kind, type Request } from '@bulkhead/vocabulary'
import { actionNamed, actionsOf, type KindCatalogue, kindNamed, kindsOf, noCustomKinds } from './kind-catalogue.js'
import { capabilityTextUnitsMax } from './limits.js'
import { quote } from './reasons.js'

/** What `KIND.ACTION=PATTERN` says. The pattern is not checked yet: that needs to know whose it is (`checkPattern`). */
export type Capability = { readonly kind: Kind; readonly action: Action; readonly pattern: string }

/**
 * Reads `KIND.ACTION=PATTERN`, as commands and options spell a grant. The pattern is everything behind the first `=`.
 *
 * @throws {BulkheadError} `usage` when the form, the kind or the action is unknown.
 * @example
 * ```ts
 * parseCapability('filesystem.read=/data/**') // { kind: 'filesystem', action: 'read', pattern: '/data/**' }
 * ```
 */
export function parseCapability(text: string, kinds: KindCatalogue = noCustomKinds): Capability {
  const { kind, action, rest } = parse(text, 'PATTERN', kinds)
  return { kind, action, pattern: rest }
}

/**
 * Reads `KIND.ACTION=RESOURCE`, as commands spell a question.
 *
 * @throws {BulkheadError} `usage` when the form, the kind or the action is unknown.
 */
export function parseRequest(text: string, kinds: KindCatalogue = noCustomKinds): Request {
  const { kind, action, rest } = parse(text, 'RESOURCE', kinds)
  return { kind, action, resource: rest }
}

type Parsed = { readonly kind: Kind; readonly action: Action; readonly rest: string }

function parse(text: string, what: string, catalogue: KindCatalogue): Parsed {
  if (text.length > capabilityTextUnitsMax) {
    throw new BulkheadError('usage', `${quote(text)} is too long`, {
      hint: `at most ${capabilityTextUnitsMax} characters`,
    })
  }
  const equals = text.indexOf('=')
  const dot = text.indexOf('.')
  const kind = dot === -1 ? undefined : kindNamed(text.slice(0, dot), catalogue)
  const action = kind === undefined ? undefined : actionNamed(kind, text.slice(dot + 1, equals), catalogue)
  const rest = text.slice(equals + 1)
  if (kind !== undefined && action !== undefined && equals !== -1 && rest !== '') return { kind, action, rest }
  const known = kindsOf(catalogue).flatMap((name) => actionsOf(name, catalogue).map((verb) => `${name}.${verb}`))
  throw new BulkheadError('usage', `${quote(text)} is not KIND.ACTION=${what}`, {
    hint: `KIND.ACTION is one of ${known.join(', ')}`,
  })
}

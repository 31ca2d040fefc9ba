import { BulkheadError, isAddableField, isFieldValue } from '@bulkhead/vocabulary'
import { withFailure } from './http-error.js'
import { type CheckedHead, checkAuthority, type HttpField } from './http-head.js'
import { networkError } from './network-error.js'

/** A header field that the host adds to requests for one origin, so that its component need not hold what it says. */
export type HttpInjection = {
  /** `https://api.example.com`, with a port where it is not the scheme's own. */
  readonly origin: string
  readonly header: string
  readonly value: string
}

/** The fields that are added, by the origin of the request. */
export type Injections = ReadonlyMap<string, readonly HttpField[]>

/**
 * Checks what is to be added, once, before anybody sends anything. No error of this file holds a value.
 *
 * @throws {BulkheadError} `usage` for an origin, a header or a value that is none.
 */
export function checkInjections(injections: readonly HttpInjection[]): Injections {
  const byOrigin = new Map<string, HttpField[]>()
  for (const { origin, header, value } of injections) {
    const key = originOf(origin)
    if (!isAddableField(header))
      throw new BulkheadError('usage', `\`${header.slice(0, 40)}\` is not a header that can be added to a request`)
    if (!isFieldValue(value))
      throw new BulkheadError(
        'usage',
        `the value for the header \`${header}\` of \`${origin}\` cannot stand in a header`,
        {
          hint: 'a header has one line, of printable characters: look for a line end at the end of the secret',
        },
      )
    const fields = byOrigin.get(key) ?? []
    byOrigin.set(key, [...fields, [header, value]])
  }
  return byOrigin
}

function originOf(text: string): string {
  const [, scheme, authority] = /^(https?):\/\/([^/?#@\\\s]+)$/.exec(text) ?? []
  if ((scheme !== 'http' && scheme !== 'https') || authority === undefined)
    throw new BulkheadError('usage', `\`${text}\` is not an origin`, {
      hint: 'write it like "https://api.example.com"',
    })
  return checkAuthority(scheme, authority).origin
}

/**
 * The fields of a request as they are sent: those of its origin's injections, and of the component's own all but those of the
 * same names. So a component can send nobody else's credentials to where it is given some.
 *
 * @throws {BulkheadError} `network-failed` for a method by which a server sends back what it got.
 */
export function injectedFields({ origin, request }: CheckedHead, injections: Injections): readonly HttpField[] {
  const added = injections.get(origin)
  if (added === undefined) return request.fields
  if (/^trac[ek]$/i.test(request.method)) {
    const refused = networkError('invalid-argument', `\`${request.method}\` would send back what the host adds`)
    throw withFailure(refused, 'HTTP-request-method-invalid')
  }
  const names = new Set(added.map(([name]) => name.toLowerCase()))
  return [...request.fields.filter(([name]) => !names.has(name.toLowerCase())), ...added]
}

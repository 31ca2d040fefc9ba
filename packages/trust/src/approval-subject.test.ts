import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { type ApprovalSubject, fingerprintOf } from './approval-subject.js'
import { canonicalJson, type Json } from './canonical-json.js'
import { digestText } from './keys.test.support.js'
import { subjectOf } from './subjects.test.support.js'

describe('the fingerprint of a request', () => {
  it('is the same whatever the order, and whatever is listed twice', () => {
    const { capabilities, inherited } = subjectOf({ inherited: ['TZ', 'LANG'] })
    const turned = subjectOf({
      capabilities: [...capabilities, ...capabilities].reverse(),
      inherited: [...inherited].reverse(),
    })
    expect(fingerprintOf(turned)).toBe(fingerprintOf(subjectOf({ inherited: ['TZ', 'LANG'] })))
    expect(fingerprintOf(subjectOf())).toMatch(/^sha256:[0-9a-f]{64}$/)
  })

  it('is the same in every version: decisions that lie on the disk are bound to it', () => {
    expect(fingerprintOf(subjectOf())).toBe('sha256:82033f12534442dbfb979f8664d32dd24e6ea08f886b36a1706e9f4828037828')
  })

  const changes: readonly (readonly [string, Partial<ApprovalSubject>])[] = [
    ['the bytes', { componentDigest: digestText('9') }],
    ['the manifest', { manifestDigest: digestText('9') }],
    ['the manifest, away', { manifestDigest: null }],
    [
      'a capability more',
      { capabilities: [...subjectOf().capabilities, { kind: 'network', action: 'connect', pattern: 'a:1' }] },
    ],
    ['a capability less', { capabilities: subjectOf().capabilities.slice(1) }],
    ['an optional one', { capabilities: subjectOf().capabilities.map((ask) => ({ ...ask, optional: true })) }],
    ['the place of a mount', { mounts: [{ guest: '/data', host: '/', mode: 'write' }] }],
    ['the mode of a mount', { mounts: [{ guest: '/data', host: '/srv/data', mode: 'read' }] }],
    ['the guest path of a mount', { mounts: [{ guest: '/', host: '/srv/data', mode: 'write' }] }],
    ['an inherited variable', { inherited: ['TZ', 'AWS_SECRET_ACCESS_KEY'] }],
    ['an interface', { interfaces: ['wasi:filesystem/types', 'acme:crm/contacts'] }],
  ]
  it.each(changes)('changes with %s', (_, more) => {
    expect(fingerprintOf(subjectOf(more))).not.toBe(fingerprintOf(subjectOf()))
  })

  it('does not confuse one list with another, or one field with the next', () => {
    const one = subjectOf({ inherited: ['a'], interfaces: ['b'] })
    expect(fingerprintOf(subjectOf({ inherited: ['b'], interfaces: ['a'] }))).not.toBe(fingerprintOf(one))
    const mount = (guest: string, host: string): string =>
      fingerprintOf(subjectOf({ mounts: [{ guest, host, mode: 'read' }] }))
    expect(mount('/a","/b', '/c')).not.toBe(mount('/a', '/b","/c'))
  })
})

describe('canonical JSON', () => {
  it('is JSON that says the same, whatever the order of the keys', () => {
    const json = fc.jsonValue({ maxDepth: 4 }) as fc.Arbitrary<Json>
    const reversed = (value: Json): Json => {
      if (typeof value !== 'object' || value === null) return value
      if (Array.isArray(value)) return value.map(reversed)
      return Object.fromEntries(
        Object.entries(value)
          .reverse()
          .map(([key, inner]) => [key, reversed(inner)]),
      )
    }
    fc.assert(
      fc.property(json, (value) => {
        expect(JSON.parse(canonicalJson(value))).toEqual(JSON.parse(JSON.stringify(value)))
        expect(canonicalJson(reversed(value))).toBe(canonicalJson(value))
      }),
    )
  })
})

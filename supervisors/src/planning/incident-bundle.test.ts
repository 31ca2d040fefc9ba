import type { HealthEvent } from '@bulkhead/vocabulary'
import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { incidentBytesMax, incidentEntriesMax, incidentLogBytesMax } from '../limits.js'
import { type IncidentSources, incidentBundle } from './incident-bundle.js'

const bytes = (text: string): Uint8Array => new TextEncoder().encode(text)
const event = (seq: number, reason = 'r'): HealthEvent => ({
  seq,
  time: 0,
  type: 'child.exited',
  supervisor: 'root',
  reason,
})
const sources = (more: Partial<IncidentSources> = {}): IncidentSources => ({
  child: 'mallory/bad',
  tenant: 'mallory',
  incarnation: 7,
  from: 'reduced',
  to: 'process',
  reason: '5 different filesystem requests were denied within 10 s',
  atMs: 1_700_000_000_000,
  audit: [{ seq: 1, event: 'access-denied', resource: '/etc/passwd', layer: 'manifest', probe: false }],
  events: [event(1)],
  ledger: { memoryBytes: 1_024, checksDenied: 5 },
  mailbox: [{ subject: 'orders.new', bytes: 12, sender: 'shop' }],
  log: bytes('hello\n'),
  digest: 'sha256:aa',
  codeDigest: 'sha256:bb',
  policy: { version: 3, hash: 'sha256:cc', text: '[allow]' },
  secrets: [],
  ...more,
})

it('says who, from where to where, why, when, and what was known', () => {
  expect(incidentBundle(sources())).toEqual({
    format: 1,
    child: 'mallory/bad',
    tenant: 'mallory',
    incarnation: 7,
    from: 'reduced',
    to: 'process',
    reason: '5 different filesystem requests were denied within 10 s',
    time: '2023-11-14T22:13:20.000Z',
    digest: 'sha256:aa',
    codeDigest: 'sha256:bb',
    policy: { version: 3, hash: 'sha256:cc', text: '[allow]' },
    ledger: { memoryBytes: 1_024, checksDenied: 5 },
    mailbox: [{ subject: 'orders.new', bytes: 12, sender: 'shop' }],
    events: [{ seq: 1, time: 0, type: 'child.exited', supervisor: 'root', reason: 'r' }],
    audit: [{ seq: 1, event: 'access-denied', resource: '/etc/passwd', layer: 'manifest', probe: false }],
    log: 'hello\n',
    truncated: [],
  })
})

describe('secrets', () => {
  const secret = 's3cr"et\nkey'
  const secrets = ['key-of-all', secret]

  it('are nowhere in it, whole', () => {
    const said = JSON.stringify(
      incidentBundle(
        sources({
          secrets,
          reason: `exit: ${secret}`,
          log: bytes(`my key is ${secret}!`),
          audit: [{ resource: `/x/${secret}`, nested: { deep: [secret] } }],
          events: [event(1, secret)],
          mailbox: [{ subject: secret, bytes: 1, sender: secret }],
          policy: { version: 1, text: `# ${secret}` },
        }),
      ),
    )
    expect(said).not.toContain(JSON.stringify(secret).slice(1, -1))
    expect(said).not.toContain('s3cr')
    expect(said).toContain('[secret]')
  })

  it('are not in it by the half that was left of the log, nor by what another one holds', () => {
    const cut = bytes(`et\nkey and then ${'.'.repeat(10)}`)
    expect(incidentBundle(sources({ secrets, log: cut })).log).toBe(' and then ..........')
    expect(incidentBundle(sources({ secrets: ['abcd', 'abcdef', ''], log: bytes('-abcdef-') })).log).toBe('-[secret]-')
    const long = bytes(`${'x'.repeat(50)}${secret}${'y'.repeat(incidentLogBytesMax - 7)}`)
    expect(incidentBundle(sources({ secrets, log: long })).log).toMatch(/^y+$/)
  })
})

describe('bounds', () => {
  it('keeps the newest entries of each list and the end of the log, and says what it cut', () => {
    const many = Array.from({ length: incidentEntriesMax + 5 }, (_, seq) => event(seq))
    const bundle = incidentBundle(sources({ events: many, log: bytes(`first ${'.'.repeat(20_000)} last`) }))
    expect(bundle.events).toHaveLength(incidentEntriesMax)
    expect(bundle.events.at(-1)).toMatchObject({ seq: incidentEntriesMax + 4 })
    expect(bundle.log.endsWith(' last')).toBe(true)
    expect(bundle.log).not.toContain('first')
    expect(bundle.truncated).toEqual(['log', 'events'])
  })

  it('stays within its bytes whatever comes in', () => {
    const text = fc.string({ maxLength: 5_000, unit: 'binary' })
    const list = fc.integer({ min: 0, max: 400 })
    fc.assert(
      fc.property(text, list, list, list, (words, audits, events, heads) => {
        const bundle = incidentBundle(
          sources({
            reason: words,
            log: bytes(words.repeat(5)),
            policy: { version: 1, text: words.repeat(10) },
            audit: Array.from({ length: audits }, () => ({ a: words, b: words, c: { words } })),
            events: Array.from({ length: events }, (_, seq) => event(seq, words)),
            mailbox: Array.from({ length: heads }, () => ({ subject: words, bytes: 1, sender: words })),
          }),
        )
        expect(Buffer.byteLength(JSON.stringify(bundle))).toBeLessThanOrEqual(incidentBytesMax)
      }),
      { numRuns: 30 },
    )
  })
})

import { expect, it } from 'vitest'
import { decisionCodec, entryCodec, subjectCodec } from './approval-records.js'
import { subjectOf } from './subjects.test.support.js'

const entry = { child: 'a', state: 'pending', fingerprint: 'sha256:1', subject: subjectOf(), requestedAt: 1 }
const decision = { child: 'a', fingerprint: 'sha256:1', verdict: 'approved', reviewer: 'ana', time: 1 }
const bytes = (value: unknown): Uint8Array => Buffer.from(JSON.stringify(value))

it('takes what it wrote', () => {
  expect(entryCodec.decode(bytes(entry))).toEqual(entry)
  expect(decisionCodec.decode(bytes({ ...decision, narrow: [] }))).toEqual({ ...decision, narrow: [] })
  expect(subjectCodec.decode(bytes(entry.subject))).toEqual(entry.subject)
})

const strangers: readonly (readonly [string, unknown])[] = [
  ...['child', 'fingerprint', 'state', 'subject', 'requestedAt'].map((key) => [key, { ...entry, [key]: [] }] as const),
  ['an unknown state', { ...entry, state: 'running' }],
  ['a list', [entry]],
  ['nothing', null],
]
it.each(strangers)('believes no entry of another shape: %s', (_, value) => {
  expect(() => entryCodec.decode(bytes(value))).toThrow(TypeError)
})

it.each(['capabilities', 'mounts', 'inherited', 'interfaces'])('believes no request without %s', (key) => {
  const without = { ...entry.subject, [key]: undefined }
  expect(() => subjectCodec.decode(bytes(without))).toThrow(TypeError)
  expect(() => entryCodec.decode(bytes({ ...entry, subject: without }))).toThrow(TypeError)
})

it.each(['child', 'fingerprint', 'reviewer', 'verdict', 'time', 'narrow'])(
  'believes no decision with a strange %s',
  (key) => {
    expect(() => decisionCodec.decode(bytes({ ...decision, [key]: { of: 'another kind' } }))).toThrow(TypeError)
  },
)

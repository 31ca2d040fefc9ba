import { expect, it } from 'vitest'
import { adminCommands } from './commands.js'

const accepts = (command: keyof typeof adminCommands, input: unknown): boolean =>
  adminCommands[command].input.safeParse(input).success

const grant = { child: 'ingest', capabilities: ['filesystem.read=/data/**'], author: 'ada' }

it.each([
  ['a child of a tenant', { ...grant, child: 'acme/ingest' }],
  ['a reason', { ...grant, reason: 'für den Export – 100 %' }],
  ['an end', { ...grant, expiresMs: 3_600_000 }],
])('takes %s', (_title, input) => {
  expect(accepts('grant', grant)).toBe(true)
  expect(accepts('grant', input)).toBe(true)
})

it.each([
  ['no author', { ...grant, author: undefined }],
  ['an author without a name', { ...grant, author: '' }],
  ['a child that is none', { ...grant, child: '../ingest' }],
  ['nothing to grant', { ...grant, capabilities: [] }],
  ['more grants than are kept', { ...grant, capabilities: Array(257).fill('storage.read=self:*') }],
  ['a reason of two lines', { ...grant, reason: 'one\ntwo' }],
  ['a terminal escape', { ...grant, reason: '\u001b[2J' }],
  ['a novel', { ...grant, reason: 'x'.repeat(1_001) }],
  ['an end in the past', { ...grant, expiresMs: -1 }],
  ['an end at once', { ...grant, expiresMs: 0 }],
  ['an end that no calendar has', { ...grant, expiresMs: Number.MAX_SAFE_INTEGER }],
  ['an end in fractions', { ...grant, expiresMs: 0.5 }],
  ['a key that nobody knows', { ...grant, force: true }],
])('refuses %s', (_title, input) => {
  expect(accepts('grant', input)).toBe(false)
})

it('wants a reason of who denies', () => {
  expect(accepts('deny', { child: 'ingest', reason: 'reads too much', author: 'ada' })).toBe(true)
  expect(accepts('deny', { child: 'ingest', reason: '', author: 'ada' })).toBe(false)
})

it('describes every command in one line', () => {
  for (const { description } of Object.values(adminCommands)) expect(description).toMatch(/^[a-z][^\n]+[^.\n]$/)
})

import { mkdtemp, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { BulkheadError, type ErrorCode } from '@bulkhead/vocabulary'
import { expect, it } from 'vitest'
import { recorder, run } from '../terminal.test.support.js'
import { authorOf } from './author.js'
import type { Desk, OpenDesk } from './desk.js'
import { openPatiently } from './open-patiently.js'

const nothing = { grants: { grants: [] } }

it('asks the state directory of the working directory, one that is named, or that of a tree file', async () => {
  const directory = await mkdtemp(join(tmpdir(), 'cli-'))
  await writeFile(join(directory, 'app.toml'), 'state = "kept"\n[children.a]\ncomponent = "a.wasm"\n')
  expect((await run(['grants'], nothing, directory)).opened).toEqual([join(directory, '.bulkhead'), 'closed'])
  expect((await run(['grants', '--state', 'other'], nothing, directory)).opened[0]).toBe(join(directory, 'other'))
  expect((await run(['grants', '--tree', 'app.toml'], nothing, directory)).opened[0]).toBe(join(directory, 'kept'))
})

it('refuses to guess between two, and says where a tree file is wrong', async () => {
  const directory = await mkdtemp(join(tmpdir(), 'cli-'))
  const both = await run(['grants', '--tree', 'a', '--state', 'b'], nothing, directory)
  expect(both).toMatchObject({ code: 2, opened: [] })
  expect((await run(['grants', '--tree', 'nothing.toml'], nothing, directory)).error).toContain('cannot be read')
  await writeFile(join(directory, 'bad.toml'), 'state = 3\n')
  const bad = await run(['grants', '--tree', 'bad.toml'], nothing, directory)
  expect(bad).toMatchObject({ code: 2, opened: [] })
  expect(bad.error).toContain('bad.toml:1:')
})

it.each<[ErrorCode, number]>([
  ['runtime-unreachable', 4],
  ['grant-refused', 3],
  ['approval-denied', 3],
  ['approval-required', 3],
  ['capability-required', 3],
  ['signature-invalid', 3],
  ['policy-replayed', 3],
  ['approval-queue-full', 3],
  ['grant-not-found', 2],
  ['policy-not-found', 2],
  ['approval-not-found', 2],
  ['policy-validation-failed', 2],
  ['state-not-found', 2],
  ['update-conflict', 1],
  ['store-corrupt', 1],
])('ends with its own code for %s', async (code, exit) => {
  const error = new BulkheadError(code, 'no `\u001b[2J`', { hint: 'look' })
  const ran = await run(['grants'], { grants: error })
  expect(ran.code).toBe(exit)
  expect(ran.error).toBe('error: no `\\x1b[2J`\nhint:  look\n')
  expect(ran.opened.at(-1)).toBe('closed')
  expect(JSON.parse((await run(['grants', '--json'], { grants: error })).error)).toMatchObject({ error: { code } })
})

it('prints all findings of a document that another process refused', async () => {
  const finding = { file: 'p.toml', line: 3, column: 5, message: 'unknown key `alow`', hint: 'did you mean `allow`?' }
  const error = new BulkheadError(
    'policy-validation-failed',
    'p.toml:3:5: unknown key `alow`\n  did you mean `allow`?',
    {
      details: { findings: [finding] },
    },
  )
  const { code, error: text } = await run(['grants'], { grants: error })
  expect(code).toBe(2)
  expect(text).toBe('error: the document has an error\np.toml:3:5: unknown key `alow`\n  did you mean `allow`?\n')
})

it('names the user of the system as one line', () => {
  const { terminal } = recorder()
  expect(authorOf({ ...terminal, user: 'ada' })).toBe('ada')
  expect(authorOf({ ...terminal, user: 'a\nb\u001b[2J\u2028c' })).toBe('ab[2Jc')
  expect(authorOf({ ...terminal, user: '' })).toBe('unknown')
  expect(authorOf({ ...terminal, user: 'x'.repeat(1_000) })).toHaveLength(128)
})

it('waits for a directory that another command holds, and not for ever', async () => {
  const held = new BulkheadError('runtime-unreachable', 'there is no admin socket')
  const missing = new BulkheadError('state-not-found', 'there is none')
  const desk: Desk = { request: async () => ({ grants: [] }) as never, close: async () => {} }
  let tries = 0
  const failing = (count: number, error: BulkheadError): OpenDesk => {
    tries = 0
    return async () => {
      tries += 1
      if (tries <= count) throw error
      return desk
    }
  }
  expect(await openPatiently('/s', failing(2, held))).toBe(desk)
  expect(tries).toBe(3)
  await expect(openPatiently('/s', failing(1_000, held), 120)).rejects.toBe(held)
  expect(tries).toBeGreaterThan(1)
  await expect(openPatiently('/s', failing(1_000, missing))).rejects.toBe(missing)
  expect(tries).toBe(1)
})

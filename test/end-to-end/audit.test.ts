import { cpSync, readFileSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { beforeAll, expect, it } from 'vitest'
import { freshDirectory, guest, run } from './command.js'

let folder = ''

beforeAll(async () => {
  folder = freshDirectory()
  for (let times = 0; times < 3; times += 1) {
    await run(['exec', '--state', 'state', guest('sockets-connect')], { cwd: folder })
  }
})

it('names record, file and line of a flipped byte', async () => {
  const copy = freshDirectory()
  cpSync(join(folder, 'state/audit'), join(copy, 'audit'), { recursive: true })
  const file = join(copy, 'audit/audit-000001.jsonl')
  const bytes = readFileSync(file)
  const at = bytes.indexOf('"seq":2,') + '"seq":2,'.length + 12
  bytes[at] = (bytes[at] ?? 0) ^ 1
  writeFileSync(file, bytes)
  const done = await run(['audit', 'verify', copy])
  expect(done.exitCode).toBe(1)
  expect(done.stdout).toMatch(/^tampered/)
  expect(done.stdout).toMatch(/audit-000001\.jsonl:2: record 2: /)
  const json = await run(['audit', 'verify', join(copy, 'audit'), '--json'])
  expect(JSON.parse(json.stdout)).toMatchObject({ status: 'tampered', problems: [{ line: 2, seq: 2 }] })
})

it('filters', async () => {
  const query = (...args: readonly string[]) => run(['audit', 'query', 'state', '--json', ...args], { cwd: folder })
  const network = await query('--kind', 'network', '--resource', 'tcp://127.*')
  expect(network.stdout).toContain('"verdict":"denied"')
  expect((await query('--kind', 'network', '--verdict', 'granted')).stdout).toBe('')
  expect((await query('--child', 'nobody')).stdout).toBe('')
  expect((await query('--since', '2100-01-01')).stdout).toBe('')
})

it('says when there is nothing to look at', async () => {
  const done = await run(['audit', 'verify'], { cwd: freshDirectory() })
  expect(done.exitCode).toBe(2)
  expect(done.stderr).toContain('there is no directory `.bulkhead`')
})

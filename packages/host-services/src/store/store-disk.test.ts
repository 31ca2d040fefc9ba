// A disk that is full, and a process that may open no more files: real ones, in name spaces and processes of their own.
import { spawnSync } from 'node:child_process'
import { mkdtempSync, rmSync } from 'node:fs'
import { createRequire } from 'node:module'
import { tmpdir } from 'node:os'
import { dirname, join } from 'node:path'
import { pathToFileURL } from 'node:url'
import { afterEach, beforeEach, expect, it } from 'vitest'

let root = ''
beforeEach(() => {
  root = mkdtempSync(join(tmpdir(), 'bulkhead-disk-'))
})
afterEach(() => rmSync(root, { recursive: true, force: true }))

const canMount = spawnSync('unshare', ['-rm', 'mount', '-t', 'tmpfs', 'none', tmpdir()]).status === 0
if (!canMount) console.log('skipped: this machine lets nobody mount, so that no full disk can be had')

const built = dirname(createRequire(import.meta.url).resolve('@bulkhead/host-services'))
const prologue = `
import { openStoreLab } from ${JSON.stringify(pathToFileURL(join(built, 'store', 'store.test.support.js')).href)}
const faults = []
const attempt = (work) => { try { return work() ?? 'done' } catch (error) { return error.code } }
`

function inShell(command: string, script: string): unknown {
  const env = { PATH: process.env['PATH'], SCRIPT: prologue + script }
  const line = `${command} && exec ${process.execPath} --input-type=module -e "$SCRIPT" "${root}"`
  const [program = '', ...args] = [...(command.startsWith('mount') ? ['unshare', '-rm'] : []), 'sh', '-c', line]
  const { stdout, stderr } = spawnSync(program, args, { env, encoding: 'utf8' })
  expect(stderr).toBe('')
  return JSON.parse(stdout)
}

it.skipIf(!canMount)('a full disk refuses what does not fit, keeps what was there, and its books; room helps', () => {
  const script = `
const lab = await openStoreLab({ root: process.argv[1], events: { onFault: (error) => faults.push(error.code) } })
const one = lab.attach('one', { quotaBytes: 1e9 })
const said = []
one.client.set('self:a', 'kept', new Uint8Array(100))
let written = 0
for (; attempt(() => one.client.set('self:a', 'k' + written, new Uint8Array(100_000))) === 'done'; written++);
const used = one.spent().used
said.push(written > 3, attempt(() => one.client.set('self:a', 'next', new Uint8Array(100_000))))
said.push(attempt(() => one.client.get('self:a', 'kept').length), one.client.exists('self:a', 'next'))
said.push(one.spent().used === used, attempt(() => one.client.delete('self:a', 'k0')))
said.push(attempt(() => one.client.set('self:a', 'small', new Uint8Array(10))))
await new Promise((resolve) => setTimeout(resolve, 50))
said.push([...new Set(faults)])
await lab.service.close()
await lab.state.close().catch(() => undefined) // a full disk takes no word of a clean stop
console.log(JSON.stringify(said))`
  const said = inShell(`mount -t tmpfs -o size=2m,mode=700 none "${root}"`, script)
  expect(said).toEqual([true, 'state-unwritable', 100, false, true, 'done', 'done', ['state-unwritable']])
})

it('a process that may open no more files still has it', () => {
  const script = `
import { closeSync, openSync } from 'node:fs'
const before = await openStoreLab({ root: process.argv[1] })
const one = before.attach('one')
const taken = []
try { for (;;) taken.push(openSync('/dev/null')) } catch {}
const said = [attempt(() => one.client.set('self:a', 'k', new Uint8Array(10))), attempt(() => one.client.get('self:a', 'k').length)]
for (const descriptor of taken) closeSync(descriptor)
await before.close()
console.log(JSON.stringify(said))`
  expect(inShell('ulimit -n 100', script)).toEqual(['done', 10])
})

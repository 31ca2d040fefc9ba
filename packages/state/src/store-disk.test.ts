import { spawnSync } from 'node:child_process'
import { mkdtempSync, rmSync } from 'node:fs'
import { createRequire } from 'node:module'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { pathToFileURL } from 'node:url'
import { afterEach, beforeEach, describe, expect, it } from 'vitest'

// Disks that refuse, as real ones: a small file system, a read-only one, a limit on the size of files. In a name space of
// its own, so that no mount outlives the test.

let root = ''
beforeEach(() => {
  root = mkdtempSync(join(tmpdir(), 'bulkhead-disk-'))
})
afterEach(() => rmSync(root, { recursive: true, force: true }))

const canMount = spawnSync('unshare', ['-rm', 'mount', '-t', 'tmpfs', 'none', tmpdir()]).status === 0
if (!canMount) console.log('skipped: this machine lets nobody mount, so that no full or read-only disk can be had')

const prologue = `
import { spawnSync } from 'node:child_process'
import { jsonCodec, StateDirectory } from ${JSON.stringify(
  pathToFileURL(createRequire(import.meta.url).resolve('@bulkhead/state')).href,
)}
import { Store } from ${JSON.stringify(pathToFileURL(createRequire(import.meta.url).resolve('@bulkhead/state/store')).href)}
const [root] = process.argv.slice(1)
const said = []
const attempt = async (what, work) => {
  try {
    said.push([what, (await work()) ?? 'done'])
  } catch (error) {
    said.push([what, error.code, error.details?.reason, error.hint])
  }
}
const any = jsonCodec((found) => found)
const big = 'x'.repeat(100_000)
const remount = (options) => spawnSync('mount', ['-o', 'remount,' + options, root]).status
`
const epilogue = '\nconsole.log(JSON.stringify(said))'

function inShell(command: string, script: string): unknown {
  const node = `exec ${process.execPath} --input-type=module -e "$SCRIPT" "${root}"`
  const env = { PATH: process.env['PATH'], SCRIPT: prologue + script + epilogue }
  const mount = command.startsWith('mount') ? ['unshare', '-rm'] : []
  const [program = '', ...args] = [...mount, 'sh', '-c', `${command} && ${node}`]
  const { stdout, stderr } = spawnSync(program, args, { env, encoding: 'utf8' })
  expect(stderr).toBe('')
  return JSON.parse(stdout)
}

const fill = `
const state = await StateDirectory.open(root)
const store = await Store.open(state, 'policies')
const table = store.table('one', any)
await store.transact(() => table.put('kept', 'old'))
let written = 0
await attempt('fill', async () => {
  for (; written < 100; written++) {
    await store.transact(() => { table.put('kept', 'new ' + written); table.put('big ' + written, big) })
  }
})
said.push(['kept', table.get('kept') === 'new ' + (written - 1), table.get('big ' + written) === undefined])
`
const freed = `
await attempt('remove', () => store.transact(() => table.remove('big 0')))
await attempt('again', () => store.transact(() => { table.put('kept', 'fits') }))
said.push(['kept', table.get('kept')])
`

const closed = `
await attempt('close the store', () => store.close())
await attempt('close the state directory', () => state.close())
`

describe.skipIf(!canMount)('a full disk', () => {
  it('refuses, leaves the old, and takes the next once there is room', () => {
    const said = inShell(`mount -t tmpfs -o mode=700,size=2m none ${root}`, `${fill}${freed}${closed}`)
    expect(said).toEqual([
      ['fill', 'state-unwritable', 'EIO', `free space on the disk that holds ${root}/policies`],
      ['kept', true, true],
      ['remove', true],
      ['again', 'done'],
      ['kept', 'fits'],
      ['close the store', 'done'],
      ['close the state directory', 'state-unwritable', 'ENOSPC', `free space on the disk that holds ${root}`],
    ])
  })

  it('of which nothing is left refuses a file and a new store', () => {
    const script = `
      const state = await StateDirectory.open(root)
      await attempt('fill', () => state.replaceFile('large', new Uint8Array(4_000_000)))
      await attempt('small', () => state.replaceFile('small', new Uint8Array(10)))
      await state.replaceFile('large', new Uint8Array(960_000))
      await attempt('store', () => Store.open(state, 'policies'))
      await state.replaceFile('large', new Uint8Array(10))
      await attempt('store', async () => (await Store.open(state, 'policies')).close())
    `
    expect(inShell(`mount -t tmpfs -o mode=700,size=1m none ${root}`, script)).toEqual([
      ['fill', 'state-unwritable', 'ENOSPC', `free space on the disk that holds ${root}`],
      ['small', 'done'],
      ['store', 'state-unwritable', 'ENOSPC', `free space on the disk that holds ${root}/policies`],
      ['store', 'done'],
    ])
  })
})

describe('a limit on the size of files', () => {
  it('refuses and leaves the old', () => {
    const said = inShell('ulimit -f 2000', fill + freed)
    expect(said).toEqual([
      ['fill', 'state-unwritable', 'EIO', `free space on the disk that holds ${root}/policies`],
      ['kept', true, true],
      ['remove', true],
      ['again', 'done'],
      ['kept', 'fits'],
    ])
  })
})

describe.skipIf(!canMount)('a read-only disk', () => {
  it('lets nobody open a state directory', () => {
    const script = `
      await (await StateDirectory.open(root)).close()
      said.push(['remount', remount('ro')])
      await attempt('open', () => StateDirectory.open(root))
      said.push(['remount', remount('rw')])
      await attempt('open', async () => (await StateDirectory.open(root)).close())
    `
    expect(inShell(`mount -t tmpfs -o mode=700 none ${root}`, script)).toEqual([
      ['remount', 0],
      ['open', 'state-unwritable', 'EROFS', `make ${root} writable for the user who runs this`],
      ['remount', 0],
      ['open', 'done'],
    ])
  })
})

// A state directory on a disk that is full, or cannot be written: whole processes, on a small file system of their own.
import { spawnSync } from 'node:child_process'
import {
  copyFileSync,
  mkdirSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  realpathSync,
  rmSync,
  writeFileSync,
} from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterEach, beforeEach, describe, expect, it } from 'vitest'
import { guestFile } from '../../support/test-runtime.mjs'
import { bulkhead, run } from '../command.js'
import { writeTree } from '../supervision/supervised-tree.js'

const isThere = spawnSync('bwrap', ['--dev-bind', '/', '/', 'true']).status === 0
if (!isThere) console.warn('full and read-only disks are not tried here: this takes bubblewrap')

let folder: string
beforeEach(() => {
  folder = realpathSync(mkdtempSync(join(tmpdir(), 'bulkhead-disks-')))
  mkdirSync(join(folder, '.bulkhead'), { mode: 0o700 })
  copyFileSync(guestFile('hello'), join(folder, 'hello.wasm'))
  writeFileSync(join(folder, 'bulkhead.toml'), '[children.hello]\ncomponent = "./hello.wasm"\n')
})
afterEach(() => rmSync(folder, { recursive: true, force: true }))

/** Runs a script of a shell in which `bulkhead` is ours, where `.bulkhead` is what `mount` says. */
function shell(mount: readonly string[], script: string): { readonly text: string; readonly exitCode: number | null } {
  const ours = `bulkhead() { "${process.execPath}" "${bulkhead}" "$@" 2>&1; echo "[exit $?]"; }\ncd "${folder}"\n`
  const args = ['--dev-bind', '/', '/', '--proc', '/proc', ...mount, 'sh', '-c', ours + script]
  const { stdout, status } = spawnSync('bwrap', args, { encoding: 'utf8', timeout: 110_000 })
  return { text: stdout, exitCode: status }
}
const small = (bytes: number): readonly string[] => ['--size', String(bytes), '--tmpfs', join(folder, '.bulkhead')]
const exec = 'bulkhead exec --state .bulkhead hello.wasm'
const fill = 'cat /dev/zero > .bulkhead/full 2>/dev/null'

describe.runIf(isThere)('a state directory on a disk that', () => {
  it.each([4_096, 8_192, 12_288])(
    'has room for %d bytes is refused with what mends it',
    (bytes) => {
      const { text } = shell(small(bytes), exec)
      expect(text).toMatch(/error: `.*\.bulkhead.*` cannot be written: ENOSPC/)
      expect(text).toContain('free space on the disk that holds')
      expect(text).toContain('[exit 2]')
      expect(text).not.toContain('fault of Bulkhead')
      const tree = shell(small(bytes), 'bulkhead run bulkhead.toml')
      expect(tree.text).toMatch(/cannot be written: ENOSPC[\s\S]*\[exit 2\]/)
    },
    60_000,
  )

  it('fills up between two runs keeps what it has, and is gone on with', () => {
    const { text } = shell(
      small(1_000_000),
      `${exec}; ${fill}; ${exec}; rm .bulkhead/full; ${exec}; bulkhead audit verify`,
    )
    const answers = text.split(/\[exit (\d)\]\n/)
    expect(answers[0]).toBe('hello\n')
    expect(answers.slice(1, 2)).toEqual(['0'])
    // The second is refused, or runs where nothing needs to be written; it is no fault of ours either way.
    expect(text).not.toContain('fault of Bulkhead')
    expect(answers.slice(4, 6)).toEqual(['hello\n', '0'])
    expect(answers[6]).toMatch(/^(intact|unsealed-tail)/)
    expect(answers[7]).toBe('0')
  }, 60_000)

  it('fills up under a tree that runs holds up orders, and no child; with room again everything is on record', () => {
    writeTree(folder, { a: {} })
    const { text } = shell(
      small(2_000_000),
      `
      "${process.execPath}" "${bulkhead}" run bulkhead.toml >run.txt 2>&1 & pid=$!
      until "${process.execPath}" "${bulkhead}" request a.do count 2>/dev/null; do kill -0 $pid || exit; sleep 0.2; done; echo
      ${fill}
      until grep -q journal.stalled run.txt; do kill -0 $pid || exit; "${process.execPath}" "${bulkhead}" request a.do count; sleep 0.2; done >/dev/null 2>&1
      bulkhead restart a >restarted.txt & order=$!
      sleep 1; echo "so far: $(cat restarted.txt)"
      bulkhead ps --json
      rm .bulkhead/full
      wait $order; cat restarted.txt
      bulkhead request a.do count
      kill $pid; wait $pid; echo "[exit $?]"
      bulkhead audit verify
      bulkhead audit query --json`,
    )
    expect(text).not.toContain('fault of Bulkhead')
    const [, whileFull = '', then = ''] = text.split('so far: ')[1]?.split(/^([\s\S]*?)(?=a {2}is stopped)/) ?? []
    expect(whileFull).toMatch(/^\n/)
    expect(whileFull).toMatch(/"state": ?"running"/)
    expect(then).toMatch(/^a {2}is stopped in order and started again\n\[exit 0\]\n1\[exit 0\]\n\[exit 0\]\nintact/)
    expect(then).toMatch(/"event":"order-given".*\n.*"event":"order-ended".*"outcome":"restarted"/)
  }, 110_000)

  it('is read-only is refused with what mends it', () => {
    const state = join(folder, '.bulkhead')
    for (const command of [exec, 'bulkhead run bulkhead.toml']) {
      const { text } = shell(['--ro-bind', state, state], command)
      expect(text).toMatch(/cannot be written: EROFS[\s\S]*make .* writable for the user who runs this/)
      expect(text).toContain('[exit 2]')
    }
    // The same directory where it can be written.
    expect(shell([], exec).text).toBe('hello\n[exit 0]\n')
  }, 60_000)
})

it('a state directory of a newer version is refused as it is, and nothing in it is changed', async () => {
  const asked = ['exec', '--state', '.bulkhead', 'hello.wasm']
  expect(await run(asked, { cwd: folder })).toMatchObject({ exitCode: 0, stdout: 'hello\n' })
  const version = join(folder, '.bulkhead', 'version')
  const ours = readFileSync(version, 'utf8')
  writeFileSync(version, 'bulkhead-state 99\n')
  const before = readdirSync(join(folder, '.bulkhead'), { recursive: true })
  for (const command of [asked, ['run', 'bulkhead.toml']]) {
    const { exitCode, stderr } = await run(command, { cwd: folder })
    expect([command[0], exitCode, stderr]).toEqual([command[0], 1, expect.stringContaining('`bulkhead-state 99`')])
    expect(stderr).toContain('open it with the version that wrote it')
  }
  expect(readdirSync(join(folder, '.bulkhead'), { recursive: true })).toEqual(before)
  writeFileSync(version, ours)
  expect(await run(asked, { cwd: folder })).toMatchObject({ exitCode: 0, stdout: 'hello\n' })
}, 60_000)

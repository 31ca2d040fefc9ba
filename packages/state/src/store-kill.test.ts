import { type ChildProcess, spawn } from 'node:child_process'
import { once } from 'node:events'
import { mkdtempSync, rmSync } from 'node:fs'
import { createRequire } from 'node:module'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { createInterface } from 'node:readline'
import { setTimeout as delay } from 'node:timers/promises'
import { pathToFileURL } from 'node:url'
import { expect, it } from 'vitest'
import { jsonCodec } from './codec.js'
import { StateDirectory } from './state-directory.js'
import { Store } from './store.js'

// A process that updates in a loop is killed at random moments. Each update writes two tables and a large value, and is
// acknowledged on a pipe, which the kernel keeps when its writer dies.

const writer = `
import { writeSync } from 'node:fs'
import { jsonCodec, StateDirectory } from ${JSON.stringify(
  pathToFileURL(createRequire(import.meta.url).resolve('@bulkhead/state')).href,
)}
import { Store } from ${JSON.stringify(pathToFileURL(createRequire(import.meta.url).resolve('@bulkhead/state/store')).href)}
const state = await StateDirectory.open(process.argv[1])
const store = await Store.open(state, 'policies')
const any = jsonCodec((found) => found)
const [numbers, texts] = [store.table('numbers', any), store.table('texts', any)]
for (let n = (numbers.get('n') ?? 0) + 1; ; n++) {
  await store.transact(() => {
    numbers.put('n', n)
    texts.put('large', String(n).repeat(3_000))
    texts.put('slot ' + (n % 10), n)
  })
  writeSync(1, n + '\\n')
}
`
const roundsPerChain = 11

async function killDuringUpdates(chain: number): Promise<void> {
  const root = mkdtempSync(join(tmpdir(), 'bulkhead-kill-'))
  try {
    for (let round = 0; round < roundsPerChain; round++) {
      const acknowledged = await runUntilKilled(root, ((round * 37 + chain * 17) % 29) + 1)
      await checkNothingIsLost(root, acknowledged)
    }
  } finally {
    rmSync(root, { recursive: true, force: true })
  }
}

/** The number of the last update that was acknowledged before the kill. */
async function runUntilKilled(root: string, afterMs: number): Promise<number> {
  const stdio = ['ignore', 'pipe', 'inherit'] as const
  const child: ChildProcess = spawn(process.execPath, ['--input-type=module', '-e', writer, root], {
    stdio: [...stdio],
  })
  let last = 0
  if (child.stdout === null) throw new Error('no pipe')
  const lines = createInterface(child.stdout)
  const closed = once(lines, 'close')
  lines.on('line', (line) => {
    last = Number(line)
  })
  await once(lines, 'line')
  await delay(afterMs)
  child.kill('SIGKILL')
  await Promise.all([once(child, 'exit'), closed])
  return last
}

async function checkNothingIsLost(root: string, acknowledged: number): Promise<void> {
  const state = await StateDirectory.open(root)
  expect(state.previousStop).toBe('unclean')
  const store = await Store.open(state, 'policies')
  const numbers = store.table('numbers', jsonCodec(Number))
  const texts = store.table('texts', jsonCodec(String))
  const n = numbers.get('n') ?? 0
  expect(acknowledged).toBeGreaterThan(0)
  expect([acknowledged, acknowledged + 1]).toContain(n)
  expect(texts.get('large')).toBe(String(n).repeat(3_000))
  for (let before = n; before > Math.max(0, n - 10); before--) {
    expect(texts.get(`slot ${before % 10}`)).toBe(String(before))
  }
  await store.close()
  await state.close()
}

it('what was acknowledged survives SIGKILL at any moment, and nothing is there by half', async () => {
  await Promise.all([killDuringUpdates(0), killDuringUpdates(1)])
})

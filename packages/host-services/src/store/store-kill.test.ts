// A process that writes without end through the service is killed at random moments. Each write is acknowledged on a pipe,
// which the kernel keeps when its writer dies. Afterwards nothing that was acknowledged is missing, batches are whole, and
// what everybody is said to use is the sum of what lies there.
import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { mkdtempSync, rmSync } from 'node:fs'
import { createRequire } from 'node:module'
import { tmpdir } from 'node:os'
import { dirname, join } from 'node:path'
import { createInterface } from 'node:readline'
import { setTimeout as delay } from 'node:timers/promises'
import { pathToFileURL } from 'node:url'
import { jsonCodec, StateDirectory } from '@bulkhead/state'
import { Store } from '@bulkhead/state/store'
import { expect, it } from 'vitest'
import { openStoreLab } from './store.test.support.js'
import { allocatedBytes, storedValueCodec } from './stored-value.js'

const built = dirname(createRequire(import.meta.url).resolve('@bulkhead/host-services'))
const writer = `
import { writeSync } from 'node:fs'
import { openStoreLab } from ${JSON.stringify(pathToFileURL(join(built, 'store', 'store.test.support.js')).href)}
const { attach } = await openStoreLab({ root: process.argv[1] })
const one = attach('one', { quotaBytes: 50_000_000 }).client
const two = attach('two', { quotaBytes: 50_000_000 }).client
for (;;) {
  const n = one.increment('shared:n', 'n', 1n)
  const size = Number(n * 7919n % 9000n)
  one.set('self:a', 'k' + n % 20n, new Uint8Array(size))
  two.setMany('shared:pair', ['x', 'y', 'z'].map((key) => ({ key, value: new TextEncoder().encode(String(n)) })))
  if (n % 5n === 0n) one.delete('self:a', 'k' + n % 7n)
  writeSync(1, n + '\\n')
}
`

async function runUntilKilled(root: string, afterMs: number): Promise<number> {
  const child = spawn(process.execPath, ['--input-type=module', '-e', writer, root], {
    stdio: ['ignore', 'pipe', 'inherit'],
  })
  let last = 0
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
  const held = await openStoreLab({ root })
  const { client } = held.attach('one')
  const n = client.increment('shared:n', 'n', 0n)
  expect([BigInt(acknowledged), BigInt(acknowledged + 1)]).toContain(n)
  const pair = client.getMany('shared:pair', ['x', 'y', 'z']).map((value) => new TextDecoder().decode(value))
  expect(new Set(pair).size).toBe(1)
  expect([String(acknowledged), String(acknowledged + 1)]).toContain(pair[0])
  await held.close()
}

async function checkBooks(root: string): Promise<void> {
  const state = await StateDirectory.open(root)
  const store = await Store.open(state, 'storage')
  const sums = new Map<string, number>()
  for (const [key, stored] of store.table('values', storedValueCodec).entries()) {
    sums.set(stored.owner, (sums.get(stored.owner) ?? 0) + allocatedBytes(key, stored))
  }
  expect(new Map(store.table('usage', jsonCodec(Number)).entries())).toEqual(sums)
  expect([...sums.keys()]).toEqual(['one', 'two'])
  await store.close()
  await state.close()
}

it('loses nothing that was acknowledged, and its books add up', async () => {
  const root = mkdtempSync(join(tmpdir(), 'bulkhead-kill-'))
  try {
    for (let round = 0; round < 8; round++) {
      const acknowledged = await runUntilKilled(root, ((round * 37) % 61) + 1)
      await checkNothingIsLost(root, acknowledged)
      await checkBooks(root)
    }
  } finally {
    rmSync(root, { recursive: true, force: true })
  }
})

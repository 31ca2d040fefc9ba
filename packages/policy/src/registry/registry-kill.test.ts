import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { mkdtempSync, rmSync } from 'node:fs'
import { createRequire } from 'node:module'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { createInterface } from 'node:readline'
import { setTimeout as delay } from 'node:timers/promises'
import { pathToFileURL } from 'node:url'
import { StateDirectory } from '@bulkhead/state'
import { Store } from '@bulkhead/state/store'
import { expect, it } from 'vitest'
import { hashOfText } from './policy-version.js'
import { ingest, openWords } from './registry.test.support.js'

// A process that changes a policy in a loop is killed at any moment: there is the old version or the new one, whole, and
// head, versions and the highest sequence agree. What is built is what runs there.

const { resolve } = createRequire(import.meta.url)
const at = (name: string): string => JSON.stringify(pathToFileURL(resolve(name)).href)
const changer = `
import { writeSync } from 'node:fs'
import { StateDirectory } from ${at('@bulkhead/state')}
import { Store } from ${at('@bulkhead/state/store')}
import { PolicyRegistry } from ${at('@bulkhead/policy')}
const store = await Store.open(await StateDirectory.open(process.argv[1]), 'policies')
const parse = ({ text }) => ({ words: text.split(' ') })
const registry = PolicyRegistry.open(store, { parse, clock: { monotonicNs: process.hrtime.bigint } })
const key = 'child:ingest'
for (let n = registry.current(key)?.number ?? 0; ; ) {
  n++
  const text = ('v' + n + ' ').repeat(2_000)
  const draft = { format: 'native', file: 'f', text, author: 'ana', time: n, reason: '', signature: { sequence: n, key: 'k' } }
  await registry.update(key, draft, { componentId: 'ingest' })
  writeSync(1, n + '\\n')
}
`

async function changeUntilKilled(root: string, afterMs: number): Promise<number> {
  const child = spawn(process.execPath, ['--input-type=module', '-e', changer, root], {
    stdio: ['ignore', 'pipe', 'inherit'],
  })
  const lines = createInterface(child.stdout)
  const closed = once(lines, 'close')
  let last = 0
  lines.on('line', (line) => {
    last = Number(line)
  })
  await once(lines, 'line')
  await delay(afterMs)
  child.kill('SIGKILL')
  await Promise.all([once(child, 'exit'), closed])
  return last
}

it('a kill during updates leaves the old version or the new one', async () => {
  const root = mkdtempSync(join(tmpdir(), 'bulkhead-registry-'))
  try {
    for (let round = 1; round <= 5; round++) {
      const acknowledged = await changeUntilKilled(root, round * 5)
      await using state = await StateDirectory.open(root)
      await using store = await Store.open(state, 'policies')
      const registry = openWords(store)
      const current = registry.current(ingest)
      expect([acknowledged, acknowledged + 1]).toContain(current?.number)
      const number = current?.number ?? 0
      expect(current?.text).toBe(`v${number} `.repeat(2_000))
      expect(current?.signature?.sequence).toBe(number)
      const numbers = registry.history(ingest).map((version) => version.number)
      expect(numbers).toEqual(Array.from({ length: Math.min(20, number) }, (_, index) => number - index))
      for (const version of registry.history(ingest)) expect(version.hash).toBe(hashOfText(version.text))
    }
  } finally {
    rmSync(root, { recursive: true, force: true })
  }
})

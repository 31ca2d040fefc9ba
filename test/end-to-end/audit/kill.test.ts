// `kill -9` at any instant of a process that audits under load, again and again over the same log: never a false alarm, and
// what was promised is there. BULKHEAD_KILLS says how often.
import { spawn } from 'node:child_process'
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { setTimeout as sleep } from 'node:timers/promises'
import { fileURLToPath } from 'node:url'
import { queryLog, verifyLog } from '@bulkhead/audit'
import { expect, it, onTestFinished } from 'vitest'
import { run } from '../command.js'

const kills = Number(process.env['BULKHEAD_KILLS'] ?? 8)
const program = fileURLToPath(new URL('audit-load.mjs', import.meta.url))

/** Starts it, kills it a random while after it began, and returns what it had said by then. */
async function killed(directory: string, state: string): Promise<readonly string[]> {
  const started = spawn(process.execPath, [program, directory, state], { stdio: ['ignore', 'pipe', 'inherit'] })
  let text = ''
  const begun = new Promise<void>((resolve) => {
    started.stdout.on('data', (bytes: Buffer) => {
      text += bytes.toString()
      if (text.includes('begins\n')) resolve()
    })
  })
  const ended = new Promise<void>((resolve) => started.once('close', () => resolve()))
  await Promise.race([begun, ended])
  await sleep(Math.random() * 400)
  started.kill('SIGKILL')
  await ended
  // What came after the last newline was not said.
  return text.split('\n').slice(1, -1)
}

it(
  `is never tampered with and lacks nothing that was promised, killed ${kills} times`,
  async () => {
    const state = mkdtempSync(join(tmpdir(), 'bulkhead-kill-'))
    onTestFinished(() => rmSync(state, { recursive: true, force: true }))
    const directory = join(state, 'audit')
    const promised: string[] = []
    for (let time = 0; time < kills; time += 1) {
      promised.push(...(await killed(directory, state)))
      const { status, problems } = await verifyLog(directory)
      expect({ problems, status: status === 'intact' ? 'unsealed-tail' : status }).toEqual({
        ...{ problems: [], status: 'unsealed-tail' },
      })
    }
    const kept = new Set<string | undefined>()
    let recovered = 0
    for await (const { event, resource, reason } of queryLog(directory)) {
      kept.add(resource ?? reason)
      if (event === 'recovered') recovered += 1
    }
    expect(promised.length).toBeGreaterThan(0)
    expect(promised.filter((one) => !kept.has(one))).toEqual([])
    expect(recovered).toBeLessThan(kills)
    const told = await run(['audit', 'verify', state])
    expect(told).toMatchObject({ exitCode: 0, stdout: expect.stringMatching(/^(unsealed-tail|intact)/) })
    // Beside it what is no accident: one byte of the first record.
    const first = join(directory, 'audit-000001.jsonl')
    const bytes = readFileSync(first)
    bytes[20] = (bytes[20] ?? 0) ^ 1
    writeFileSync(first, bytes)
    expect(await verifyLog(directory)).toMatchObject({ status: 'tampered' })
  },
  60_000 + kills * 20_000,
)

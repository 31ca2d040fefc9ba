// A guest without a runtime above it, in a thread and in a process of its own: its log and its secrets.
import { mkdtempSync, realpathSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { detectWalls } from '@bulkhead/actor'
import type { LogLine } from '@bulkhead/vocabulary'
import { afterAll, describe, expect, it } from 'vitest'
import { actorLab } from '../../support/actor-lab.mjs'
import { guestFile } from '../../support/test-runtime.mjs'

const walls = await detectWalls()
const places = walls.up.has('bubblewrap') ? (['thread', 'process'] as const) : (['thread'] as const)
const levels = ['trace', 'debug', 'info', 'warn', 'error', 'critical']

describe.each(places)('a guest in a %s of its own', (place) => {
  const opened = actorLab(place)
  const host = realpathSync(mkdtempSync(join(tmpdir(), 'bulkhead-rungs-')))
  afterAll(async () => {
    await (await opened).close()
    rmSync(host, { recursive: true })
  })
  const rules = { allow: ['environment.read API_KEY'], host }

  it('logs more than a lane holds, to a host that is slow, and loses nothing of it', async () => {
    const lab = await opened
    const lines: LogLine[] = []
    const charged = { bytes: 0 }
    const actor = await lab.run(
      guestFile('storage-logger'),
      rules,
      {},
      {
        secrets: [['API_KEY', 'hunter2-hunter2']],
        logs: async (line) => {
          await new Promise(setImmediate)
          lines.push(line)
        },
        pace: {
          waitMs: () => 0,
          charge: (bytes) => {
            charged.bytes += bytes
          },
        },
      },
    )
    expect(await actor.exited).toMatchObject({ class: 'normal' })
    expect(lines.length).toBe(301)
    expect(lines[0]).toEqual({ level: 'info', context: 'API_KEY', message: 'hunter2-hunter2' })
    expect(lines.slice(1, 8).map(({ level }) => level)).toEqual([...levels, 'trace'])
    expect(new Set(lines.slice(1).map(({ message }) => message))).toEqual(new Set(['.'.repeat(700)]))
    expect(charged.bytes).toBeGreaterThan(300 * 700)
    const [record] = lab.records.flatMap((one) => (one.type === 'access' && one.resource === 'API_KEY' ? [one] : []))
    expect(record).toBeDefined()
  })

  it('waits where its host takes no more, and is ended all the same', async () => {
    const lab = await opened
    let taken = 0
    const actor = await lab.run(
      guestFile('storage-logger'),
      rules,
      {},
      {
        logs: () => {
          taken++
        },
        pace: { waitMs: () => (taken < 10 ? 0 : 1_000_000), charge: () => {} },
      },
    )
    while (taken < 10) await new Promise((resolve) => setTimeout(resolve, 5))
    expect(await actor.kill()).toBe('exited')
    await actor.exited
    // What it had handed over before it was killed waits for no pace any more.
    expect(taken).toBeGreaterThanOrEqual(10)
    expect(taken).toBeLessThan(300)
  })
})

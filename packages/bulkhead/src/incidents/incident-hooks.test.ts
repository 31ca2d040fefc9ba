import { existsSync, mkdtempSync, readFileSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { incidentBundle } from '@bulkhead/supervisors'
import { systemClock } from '@bulkhead/vocabulary'
import { afterEach, beforeEach, expect, it } from 'vitest'
import type { HookCommand } from './hook-command.js'
import type { Incident } from './incident.js'
import { type HookSpec, IncidentHooks } from './incident-hooks.js'
import { hooksAtOnceMax, hooksWaitingMax } from './limits.js'

let directory: string
beforeEach(() => {
  directory = mkdtempSync(join(tmpdir(), 'hooks-'))
})
afterEach(() => rmSync(directory, { recursive: true }))

const incident = (id = 7): Incident => ({
  id,
  hooks: [],
  bundle: incidentBundle({
    ...{ child: 'ingest', incarnation: 2, from: 'reduced', to: 'process', reason: '$(touch owned)', atMs: 0 },
    ...{ audit: [], events: [], mailbox: [], ledger: {}, policy: { version: 1 }, secrets: [], digest: 'sha256:0' },
    log: new Uint8Array(),
  }),
})
const shell = (script: string): HookCommand => ({ words: ['/bin/sh', '-c', script], directory })

function hooks(spec: Partial<HookSpec>, publish = async () => ({ receivers: 1, overloaded: 0 })): IncidentHooks {
  return new IncidentHooks({ deadlineMs: 20_000, ...spec }, { publish, clock: systemClock })
}

it('gives a command the incident on its input, and no more of the host than where to look for programs', async () => {
  const command = shell('cat > input; env > environment; pwd > place')
  expect(await hooks({ command }).tell(incident(), '/state/incidents/7')).toEqual([
    { hook: 'command', outcome: 'done' },
  ])
  expect(JSON.parse(readFileSync(join(directory, 'input'), 'utf8'))).toEqual(incident())
  const names = readFileSync(join(directory, 'environment'), 'utf8').match(/^\w+(?==)/gm)
  const ours = ['PATH', 'ID', 'FILE', 'CHILD', 'FROM', 'TO', 'TIME']
  expect(names?.filter((name) => name.startsWith('BULKHEAD'))).toHaveLength(ours.length - 1)
  // What a shell sets by itself.
  const shells = ['PWD', 'SHLVL', '_', 'OLDPWD']
  const others = names?.filter((name) => !name.startsWith('BULKHEAD_') && name !== 'PATH' && !shells.includes(name))
  expect(others).toEqual([])
  expect(existsSync(join(directory, 'owned'))).toBe(false)
})

it('says how a command failed, and of one that cannot be started', async () => {
  const failed = await hooks({ command: shell('echo "no pager" >&2; exit 3') }).tell(incident(), 'x')
  expect(failed).toEqual([{ hook: 'command', outcome: 'failed', reason: 'exit code 3: no pager' }])
  const quiet = await hooks({ command: shell('exit 4') }).tell(incident(), 'x')
  expect(quiet).toEqual([{ hook: 'command', outcome: 'failed', reason: 'exit code 4' }])
  const missing = await hooks({ command: { words: ['./nothing'], directory } }).tell(incident(), 'x')
  expect(missing).toEqual([{ hook: 'command', outcome: 'failed', reason: expect.stringContaining('ENOENT') }])
})

it('kills a command at its deadline, with what it has started', async () => {
  const command = shell('(sleep 60; touch late) & echo $! > pid; wait')
  const outcomes = await hooks({ command, deadlineMs: 500 }).tell(incident(), 'x')
  expect(outcomes).toEqual([{ hook: 'command', outcome: 'late', reason: 'it took longer than 500 ms' }])
  const pid = Number(readFileSync(join(directory, 'pid'), 'utf8'))
  await until(() => !isAlive(pid))
})

it('waits for no process that a command leaves behind', async () => {
  const command = shell('sleep 60 & echo $! > pid')
  expect(await hooks({ command }).tell(incident(), 'x')).toEqual([{ hook: 'command', outcome: 'done' }])
  process.kill(Number(readFileSync(join(directory, 'pid'), 'utf8')))
})

it('publishes what a list shows, and no more', async () => {
  const published: unknown[] = []
  const publish = async (topic: string, body: Uint8Array) => {
    published.push(topic, JSON.parse(new TextDecoder().decode(body)))
    return { receivers: 1, overloaded: 0 }
  }
  const told = new IncidentHooks({ topic: 'ops', deadlineMs: 1_000 }, { publish, clock: systemClock })
  expect(await told.tell(incident(), 'x')).toEqual([{ hook: 'topic', outcome: 'done' }])
  const summary = { id: 7, child: 'ingest', incarnation: 2, from: 'reduced', to: 'process', reason: '$(touch owned)' }
  expect(published).toEqual(['ops', { ...summary, time: '1970-01-01T00:00:00.000Z' }])
})

it.each([
  [{ receivers: 0, overloaded: 0 }, 'nobody is subscribed to ops'],
  [{ receivers: 1, overloaded: 2 }, '2 of its subscribers had no room'],
])('says when a topic did not reach everybody', async (published, reason) => {
  const outcomes = await hooks({ topic: 'ops' }, async () => published).tell(incident(), 'x')
  expect(outcomes).toEqual([{ hook: 'topic', outcome: 'failed', reason }])
})

it('calls the host application, and bears what it throws and what never ends', async () => {
  const seen: number[] = []
  const fine = hooks({ callback: ({ id }) => void seen.push(id) })
  expect(await fine.tell(incident(), 'x')).toEqual([{ hook: 'callback', outcome: 'done' }])
  expect(seen).toEqual([7])
  const throws = hooks({
    callback: () => {
      throw new Error('no')
    },
  })
  expect(await throws.tell(incident(), 'x')).toEqual([{ hook: 'callback', outcome: 'failed', reason: 'no' }])
  let aborted = false
  const endless = hooks({
    deadlineMs: 20,
    callback: (_, signal) => {
      signal.addEventListener('abort', () => {
        aborted = true
      })
      return new Promise(() => {})
    },
  })
  expect(await endless.tell(incident(), 'x')).toMatchObject([{ hook: 'callback', outcome: 'late' }])
  expect(aborted).toBe(true)
})

it('runs few at a time, makes few wait, and ends all of them when it is told to', async () => {
  let running = 0
  const busy = hooks({
    callback: () => {
      running++
      return new Promise(() => {})
    },
  })
  const told = Array.from({ length: hooksAtOnceMax + hooksWaitingMax + 1 }, (_, id) => busy.tell(incident(id), 'x'))
  expect(await told.at(-1)).toEqual([{ hook: 'callback', outcome: 'skipped' }])
  expect(running).toBe(hooksAtOnceMax)
  busy.abort()
  const outcomes = (await Promise.all(told)).flat().map(({ outcome }) => outcome)
  expect(outcomes.filter((outcome) => outcome === 'failed')).toHaveLength(hooksAtOnceMax)
  expect(running).toBe(hooksAtOnceMax)
})

function isAlive(pid: number): boolean {
  try {
    // A zombie that nobody has waited for is dead.
    return !/^State:\s+Z/m.test(readFileSync(`/proc/${pid}/status`, 'utf8'))
  } catch {
    return false
  }
}

async function until(isSo: () => boolean): Promise<void> {
  while (!isSo()) await new Promise((resolve) => setTimeout(resolve, 5))
}

import { parseChildId, SimulatedClock } from '@bulkhead/vocabulary'
import { expect, it } from 'vitest'
import { type RunEvent, RunRegistry } from './run-registry.js'
import { report, SimulatedPort, settle } from './simulated-port.test.support.js'

const id = parseChildId('a')
const other = parseChildId('b')
const terms = { level: 'thread', canary: false } as const

function registry() {
  const clock = new SimulatedClock()
  const heard: string[] = []
  const hear = (event: RunEvent): void => void heard.push(`${event.type} ${event.incarnation}`)
  return { clock, heard, hear, registry: new RunRegistry(clock) }
}

it('refuses a second run beside one whose exit is unseen, and takes it once the exit was seen', async () => {
  const { registry: runs, hear, heard } = registry()
  const port = new SimulatedPort()
  runs.begin(id, 1, port, terms, hear)
  expect(() => runs.begin(id, 2, port, terms, hear)).toThrow(expect.objectContaining({ code: 'internal' }))
  expect(port.runs).toHaveLength(1)
  port.run.exit(report('crash'))
  await settle()
  runs.begin(id, 2, port, terms, hear)
  await settle()
  expect(heard).toEqual(['run.ready 1', 'run.exited 1', 'run.ready 2'])
  expect(port.doubled).toBe(false)
})

it('counts a zombie until its exit is seen', async () => {
  const { registry: runs, hear, heard } = registry()
  const port = new SimulatedPort({ onKill: 'zombie' })
  runs.begin(id, 1, port, terms, hear)
  runs.kill(id, 1)
  await settle()
  expect([runs.zombies.length, runs.size]).toEqual([1, 1])
  expect(() => runs.begin(id, 2, port, terms, hear)).toThrow('would run twice')
  port.run.exit(report('resource'))
  await settle()
  expect([runs.zombies.length, runs.size]).toEqual([0, 0])
  expect(heard).toEqual(['run.ready 1', 'kill.zombie 1', 'run.exited 1'])
})

it('takes a kill that fails for a zombie, and a start that throws for an exit', async () => {
  const { registry: runs, hear, heard } = registry()
  const port = new SimulatedPort({ onKill: 'rejects' })
  runs.begin(id, 1, port, terms, hear)
  runs.kill(id, 1)
  await settle()
  expect(heard.at(-1)).toBe('kill.zombie 1')
  port.failStart = new Error('no thread')
  runs.begin(other, 1, port, terms, hear)
  expect(heard.at(-1)).toBe('run.exited 1')
  expect(runs.size).toBe(1)
})

it('kills a run whose exit promise broke, and believes only the kill', async () => {
  for (const [onKill, last, left] of [
    ['exits-mute', 'run.exited 1', 0],
    ['zombie', 'run.stuck 1', 1],
  ] as const) {
    const { registry: runs, hear, heard } = registry()
    const port = new SimulatedPort({ onKill })
    runs.begin(id, 1, port, terms, hear)
    port.run.loseExit(new Error('broken pipe'))
    await settle()
    expect(heard.at(-1)).toBe(last)
    expect(runs.size).toBe(left)
  }
})

it('X1. reaps exactly what no machine owns, and is done in time also when a kill is never answered', async () => {
  const { registry: runs, hear, clock } = registry()
  const owned = new SimulatedPort()
  const orphan = new SimulatedPort({ onKill: 'silent' })
  runs.begin(id, 1, owned, terms, hear)
  runs.begin(other, 1, orphan, terms, hear)
  let isDone = false
  const reaping = runs
    .reap((child) => child === id)
    .then(() => {
      isDone = true
    })
  await settle()
  expect([owned.run.kills, orphan.run.kills, isDone]).toEqual([0, 1, false])
  clock.advance(1_500)
  await reaping
  expect(runs.zombies).toEqual([other])
  orphan.run.exit(report('crash'))
  await settle()
  expect(runs.zombies).toEqual([])
})

import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { StateDirectory } from '@bulkhead/state'
import { type HealthEvent, type HealthEventDraft, systemClock } from '@bulkhead/vocabulary'
import { afterEach, beforeEach, expect, it } from 'vitest'
import type { IncidentFacts } from './incident-desk.js'
import { IncidentDesk } from './incident-desk.js'
import { IncidentFiles } from './incident-files.js'
import type { HookSpec } from './incident-hooks.js'
import { incidentsWaitingMax } from './limits.js'

let base: string
let state: StateDirectory
beforeEach(async () => {
  base = mkdtempSync(join(tmpdir(), 'incidents-'))
  state = await StateDirectory.open(join(base, 'state'), { create: true })
})
afterEach(async () => {
  await state.close()
  rmSync(base, { recursive: true, force: true })
})

const facts: IncidentFacts = {
  ...{ principal: 'component:ingest', digest: 'sha256:0', ledger: { restarts: 3 }, policy: { version: 1 } },
  mailbox: [{ subject: 'orders', bytes: 3, sender: 'intake' }],
  secrets: ['hunter22'],
}

function open(hooks: Partial<HookSpec> = {}, auditOf = async () => [{ event: 'access-denied' }] as const) {
  const raised: HealthEventDraft[] = []
  const files = new IncidentFiles(state)
  const raise = (draft: HealthEventDraft): void => void raised.push(draft)
  const desk = new IncidentDesk({
    ...{ files, raise, auditOf, clock: systemClock, hooks: { deadlineMs: 1_000, ...hooks } },
  })
  const publish = async () => ({ receivers: 1, overloaded: 0 })
  desk.attach({ factsOf: (child) => (child === 'stranger' ? undefined : facts), publish })
  return { desk, files, raised }
}

let seq = 0
function event(type: HealthEvent['type'], more: Partial<HealthEvent> = {}): HealthEvent {
  return { seq: ++seq, time: 1_000, type, supervisor: 'root', child: 'ingest', incarnation: 4, ...more }
}
const quarantined = (more: Partial<HealthEvent> = {}): HealthEvent =>
  event('child.quarantined', {
    from: 'evaluating',
    to: 'quarantined',
    level: 'quarantine',
    reason: 'it forged',
    ...more,
  })

it('writes down what was known, and says that it did', async () => {
  const { desk, files, raised } = open()
  desk.note(event('child.reduced', { from: 'thread', to: 'reduced', level: 'reduced' }))
  desk.wrote('ingest', new TextEncoder().encode('the password is hunter22\n'))
  desk.note(event('child.isolated', { from: 'reduced', to: 'process', level: 'process', reason: 'it floods' }))
  await desk.close()
  expect(raised).toEqual([
    {
      ...{ type: 'incident.recorded', supervisor: 'root', child: 'ingest', incarnation: 4, level: 'process' },
      reason: 'incident 1: it floods',
    },
  ])
  const { bundle, hooks } = await files.show(1)
  expect(hooks).toEqual([])
  expect(bundle).toMatchObject({
    ...{ child: 'ingest', incarnation: 4, from: 'reduced', to: 'process', reason: 'it floods' },
    ...{ mailbox: facts.mailbox, ledger: { restarts: 3 }, audit: [{ event: 'access-denied' }] },
    log: 'the password is [secret]\n',
  })
  expect(bundle.events.map((one) => (one as HealthEvent).type)).toEqual(['child.reduced', 'child.isolated'])
})

it('knows from which rung a child fell, and forgets those that are removed', async () => {
  const { desk, files } = open()
  desk.note(event('child.isolated', { from: 'reduced', to: 'process', level: 'process' }))
  desk.note(quarantined())
  desk.note(event('child.released', { from: 'quarantine', to: 'reduced', level: 'reduced' }))
  desk.note(quarantined())
  desk.note(event('child.removed'))
  desk.note(quarantined())
  await desk.close()
  const listed = await files.list()
  expect(listed.map(({ from, to }) => `${from} ${to}`)).toEqual([
    'thread process',
    'process quarantine',
    'reduced quarantine',
    'thread quarantine',
  ])
})

it('takes no other event for an incident: neither who was quarantined before, nor who is no child', async () => {
  const { desk, files, raised } = open()
  for (const from of ['declared', 'waiting', 'stopped', 'completed', 'held']) desk.note(quarantined({ from }))
  desk.note(quarantined({ child: 'stranger' }))
  desk.note(event('child.reduced', { level: 'reduced' }))
  desk.note(event('child.exited', { class: 'security' }))
  desk.note({ seq: 1, time: 1, type: 'supervisor.started', supervisor: 'root' })
  await desk.close()
  expect(await files.list()).toEqual([])
  expect(raised).toEqual([])
})

it('keeps with an incident what became of its hooks, and says when one was not told', async () => {
  const { desk, files, raised } = open({
    topic: 'ops',
    callback: () => {
      throw new Error('no')
    },
  })
  desk.note(quarantined({ tenant: 'acme' }))
  await desk.close()
  expect((await files.list())[0]?.hooks).toEqual([
    { hook: 'topic', outcome: 'done' },
    { hook: 'callback', outcome: 'failed', reason: 'no' },
  ])
  expect(raised.map(({ type, reason, tenant }) => [type, reason, tenant])).toEqual([
    ['incident.recorded', 'incident 1: it forged', 'acme'],
    ['incident.failed', 'incident 1: the callback was not told: no', 'acme'],
  ])
})

it('says when it cannot be written, and goes on with the next', async () => {
  let calls = 0
  const auditOf = async () => {
    calls++
    if (calls === 1) throw new Error('the disk is gone')
    return [{ event: 'access-denied' }] as const
  }
  const { desk, files, raised } = open({}, auditOf)
  desk.note(quarantined())
  desk.note(quarantined())
  await desk.close()
  expect(raised.map(({ type, reason }) => [type, reason])).toEqual([
    ['incident.failed', 'the disk is gone'],
    ['incident.recorded', 'incident 1: it forged'],
  ])
  expect(await files.list()).toHaveLength(1)
})

it('does not heap up what cannot be written fast enough', async () => {
  const { desk, raised } = open()
  for (let count = 0; count <= incidentsWaitingMax; count++) desk.note(quarantined())
  expect(raised).toEqual([expect.objectContaining({ type: 'incident.failed' })])
  await desk.close()
  expect(raised).toHaveLength(1 + incidentsWaitingMax)
})

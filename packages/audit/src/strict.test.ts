// Strict mode as it ships: a real journal, real workers, a real process that is killed.
import { spawn, spawnSync } from 'node:child_process'
import { mkdtempSync, rmSync } from 'node:fs'
import { createRequire } from 'node:module'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { setTimeout as sleep } from 'node:timers/promises'
import { pathToFileURL } from 'node:url'
import { Worker } from 'node:worker_threads'
import type { AccessRecord } from '@bulkhead/vocabulary'
import { afterAll, describe, expect, it } from 'vitest'
import { AuditRing } from './audit-ring.js'
import { createDurability, Durability } from './durability.js'
import { Journal } from './journal.js'
import { queryLog } from './query-log.js'
import { loadOrCreateSealKey } from './seal-key.js'
import { verifyLog } from './verify-log.js'

const auditPackage = pathToFileURL(createRequire(import.meta.url).resolve('@bulkhead/audit')).href
const root = mkdtempSync(join(tmpdir(), 'bulkhead-strict-'))
afterAll(() => rmSync(root, { recursive: true, force: true }))
const sealKey = loadOrCreateSealKey(root)
let directories = 0
const newDirectory = (): string => join(root, `log-${directories++}`)
const identity = { component: 'a', incarnation: 1, trust: 't', approval: 'a', digest: 'd' }

const record = (resource: string, verdict: 'granted' | 'denied' = 'granted'): AccessRecord => ({
  ...{ at: process.hrtime.bigint(), policyVersion: 1, kind: 'filesystem', action: 'read', resource, verdict },
  ...{ layer: 'manifest', rule: 'r', count: 1 },
})

const workerSource = `const { workerData: data, parentPort } = require('node:worker_threads')
  import(data.auditPackage).then(({ AuditRing }) => {
    const ring = new AuditRing(data.memory, { clock: process.hrtime.bigint, onWait: (waiting) => waits.push(waiting) })
    const waits = []
    parentPort.on('message', ({ resource, verdict }) => {
      waits.length = 0
      const recorded = ring.append({ at: process.hrtime.bigint(), policyVersion: 1, kind: 'filesystem', action: 'read',
        resource, verdict, layer: 'manifest', rule: 'r', count: 1 })
      parentPort.postMessage({ recorded, waits: [...waits] })
    })
  })`

async function withWriter(
  directory: string,
  use: (ask: (resource: string, verdict?: string) => Promise<unknown>, journal: Journal) => Promise<void>,
): Promise<void> {
  const journal = await Journal.open({ directory, sealKey, strict: true })
  const { id, memory } = journal.attach(identity)
  const worker = new Worker(workerSource, { eval: true, workerData: { memory, auditPackage } })
  const ask = (resource: string, verdict = 'granted') => {
    const answered = new Promise((resolve) => worker.once('message', resolve))
    worker.postMessage({ resource, verdict })
    return answered
  }
  await use(ask, journal)
  await worker.terminate()
  await journal.release(id)
  await journal.close()
}

async function resourcesOf(directory: string): Promise<string[]> {
  const found: string[] = []
  for await (const { resource } of queryLog(directory)) if (resource !== undefined) found.push(resource)
  return found
}

describe('a strict journal', () => {
  it('has what was granted on its disk when the writer goes on, each decision as a record of its own', async () => {
    const directory = newDirectory()
    await withWriter(directory, async (ask) => {
      for (const resource of ['/a', '/a', '/a', '/b']) {
        expect(await ask(resource)).toEqual({ recorded: true, waits: [true, false] })
        expect((await resourcesOf(directory)).at(-1)).toBe(resource)
      }
      // What was refused has no effect that it could be late for.
      expect(await ask('/c', 'denied')).toEqual({ recorded: true, waits: [] })
    })
    expect(await resourcesOf(directory)).toEqual(['/a', '/a', '/a', '/b', '/c'])
    expect(await verifyLog(directory)).toMatchObject({ status: 'intact', records: 5 })
  })

  it('refuses to be one without a disk', async () => {
    await expect(Journal.open({ directory: undefined, strict: true })).rejects.toMatchObject({ code: 'usage' })
  })

  it('tells a writer that must not block how its record stands', async () => {
    const directory = newDirectory()
    const journal = await Journal.open({ directory, sealKey, strict: true })
    const { id, memory } = journal.attach(identity)
    const ring = new AuditRing(memory, { clock: process.hrtime.bigint })
    expect([ring.isStrict, ring.isStalled]).toEqual([true, false])
    expect(ring.tryAppend(record('/a'))).toBe('recorded')
    const position = ring.position()
    ring.hurry()
    while (ring.standingOf(position) === 'pending') await sleep(1)
    expect(ring.standingOf(position)).toBe('durable')
    expect(await resourcesOf(directory)).toEqual(['/a'])
    new Durability(memory.durable ?? createDurability()).setStalled(true)
    expect(ring.standingOf(position + 8)).toBe('stalled')
    expect(ring.append(record('/b'))).toBe(false)
    expect(ring.append(record('/b', 'denied'))).toBe(true)
    await journal.release(id)
    await journal.close()
    expect(await resourcesOf(directory)).toEqual(['/a', '/b'])
  })

  it('lets go of who waits when it is closed', async () => {
    const directory = newDirectory()
    const journal = await Journal.open({ directory, sealKey, strict: true })
    const { memory } = journal.attach(identity)
    const worker = new Worker(workerSource, { eval: true, workerData: { memory, auditPackage } })
    await new Promise((resolve) => worker.once('online', resolve))
    const answered = new Promise((resolve) => {
      worker.once('message', resolve)
      worker.once('error', (error) => resolve(error.message))
    })
    worker.postMessage({ resource: '/a', verdict: 'granted' })
    await journal.close()
    const written = await resourcesOf(directory)
    expect(await answered).toEqual(
      written.length === 1 ? { recorded: true, waits: [true, false] } : 'the journal has ended this audit ring',
    )
    await worker.terminate()
  })
})

describe('positions of what the disk has', () => {
  it('are compared across the wrap of their word', () => {
    const durability = new Durability(createDurability())
    durability.reach(0xffff_fff0)
    expect([durability.covers(0xffff_fff0), durability.covers(8)]).toEqual([true, false])
    durability.reach(16)
    expect([durability.covers(8), durability.covers(16), durability.covers(24)]).toEqual([true, true, false])
  })
})

describe('a process with a strict journal', () => {
  const prelude = (directory: string): string => `
    import { Journal, loadOrCreateSealKey } from ${JSON.stringify(auditPackage)}
    import { Worker } from 'node:worker_threads'
    const journal = await Journal.open({ directory: ${JSON.stringify(directory)}, strict: true,
      sealKey: loadOrCreateSealKey(${JSON.stringify(root)}), onStalled: () => console.log('stalled'),
      onResumed: () => console.log('resumed') })
    const { memory } = journal.attach({ component: 'a', incarnation: 1, trust: 't', approval: 'a', digest: 'd' },
      { rate: { rate: { amount: 1e6, perMs: 1000 } } })`

  it('has every act on record that was seen outside, whenever it is killed', async () => {
    const directory = newDirectory()
    const actor = `const { workerData: data } = require('node:worker_threads')
      const { writeSync } = require('node:fs')
      import(data.auditPackage).then(({ AuditRing }) => {
        const ring = new AuditRing(data.memory, { clock: process.hrtime.bigint })
        for (let act = 0; ; act++) {
          const resource = '/' + data.round + '/' + act
          if (ring.append({ at: process.hrtime.bigint(), policyVersion: 1, kind: 'filesystem', action: 'read', resource,
            verdict: 'granted', layer: 'manifest', rule: 'r', count: 1 })) writeSync(1, resource + '\\n')
        }
      })`
    const seen: string[] = []
    for (let round = 0; round < 12; round++) {
      const source = `${prelude(directory)}
        new Worker(${JSON.stringify(actor)}, { eval: true, execArgv: [], workerData: { memory, round: ${round},
          auditPackage: ${JSON.stringify(auditPackage)} } })`
      const child = spawn(process.execPath, ['--input-type=module', '-e', source], {
        stdio: ['ignore', 'pipe', 'pipe'],
      })
      const acts = Math.floor(Math.random() * 200)
      let text = ''
      let errors = ''
      child.stderr.on('data', (bytes) => {
        errors += String(bytes)
      })
      child.stdout.on('data', (bytes) => {
        text += String(bytes)
        if (text.split('\n').length > acts) child.kill('SIGKILL')
      })
      await new Promise((resolve) => child.once('close', resolve))
      expect([child.signalCode, errors]).toEqual(['SIGKILL', ''])
      seen.push(...text.split('\n').slice(0, -1))
      expect(await verifyLog(directory)).toMatchObject({ status: 'unsealed-tail', problems: [] })
    }
    const recorded = new Set(await resourcesOf(directory))
    expect(seen.filter((resource) => !recorded.has(resource))).toEqual([])
    expect(seen.length).toBeGreaterThanOrEqual(12)
  }, 120_000)

  it('denies while the disk refuses, and goes on when it takes again', async () => {
    const directory = newDirectory()
    const source = `${prelude(directory)}
      import { spawnSync } from 'node:child_process'
      const worker = new Worker(${JSON.stringify(workerSource)}, { eval: true, execArgv: [], workerData: { memory,
        auditPackage: ${JSON.stringify(auditPackage)} } })
      const ask = (resource) => new Promise((resolve) => {
        worker.once('message', ({ recorded }) => resolve(recorded))
        worker.postMessage({ resource, verdict: 'granted' })
      })
      let granted = 0
      while (await ask('/' + 'x'.repeat(900))) granted++
      console.log(granted > 4 ? 'denied' : granted, await ask('/again'))
      spawnSync('prlimit', ['--pid', String(process.pid), '--fsize=unlimited'])
      while (!(await ask('/after'))) await new Promise((go) => setTimeout(go, 50))
      console.log('granted')
      await worker.terminate()
      await journal.close()`
    const limited = ['-c', 'ulimit -S -f 16; exec "$0" --input-type=module -e "$1"', process.execPath, source]
    const { stdout, stderr } = spawnSync('sh', limited, { encoding: 'utf8', timeout: 60_000 })
    expect(stderr).toBe('')
    expect(stdout).toBe('stalled\ndenied false\nresumed\ngranted\n')
    expect(await verifyLog(directory)).toMatchObject({ status: 'intact', problems: [] })
    expect((await resourcesOf(directory)).filter((resource) => resource === '/again')).toEqual([])
  }, 90_000)
})

// The journal as it ships: its real thread, real workers that are killed, a real process that is killed.
import { execFileSync, spawnSync } from 'node:child_process'
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { createRequire } from 'node:module'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { setTimeout as sleep } from 'node:timers/promises'
import { pathToFileURL } from 'node:url'
import { Worker } from 'node:worker_threads'
import { cell, LaneWriter, SharedCells } from '@bulkhead/lane'
import type { RateSettings } from '@bulkhead/quota'
import type { AccessRecord } from '@bulkhead/vocabulary'
import { afterAll, describe, expect, it } from 'vitest'
import { AuditRing } from './audit-ring.js'
import { Journal, type JournalOptions } from './journal.js'
import { probesDistinctMax, reportsUntakenMax, ringsMax } from './limits.js'
import type { RingIdentity } from './log-record.js'
import { queryLog } from './query-log.js'
import { RecordEncoder } from './record-encoder.js'
import type { RingRecord } from './report.js'
import { waitingBytes } from './ring-memory.js'
import { loadOrCreateSealKey } from './seal-key.js'
import { verifyLog } from './verify-log.js'

const auditPackage = pathToFileURL(createRequire(import.meta.url).resolve('@bulkhead/audit')).href
const root = mkdtempSync(join(tmpdir(), 'bulkhead-journal-'))
afterAll(() => rmSync(root, { recursive: true, force: true }))
const sealKey = loadOrCreateSealKey(root)
let directories = 0
const newDirectory = (): string => join(root, `log-${directories++}`)

const clock = process.hrtime.bigint
const ingest: RingIdentity = {
  component: 'ingest',
  incarnation: 1,
  trust: 'unknown',
  approval: 'approved',
  digest: `sha256:${'0'.repeat(64)}`,
}

/** As good as none. */
const fast: RateSettings = { rate: { amount: 1e6, perMs: 1_000 } }

function access(resource: string, changes: Partial<AccessRecord> = {}): AccessRecord {
  return {
    at: clock(),
    policyVersion: 3,
    kind: 'filesystem',
    action: 'read',
    resource,
    verdict: 'granted',
    layer: 'manifest',
    rule: '/data/**',
    count: 1,
    ...changes,
  }
}

function denial(resource: string, changes: Partial<AccessRecord> = {}): AccessRecord {
  const { rule: _rule, ...rest } = access(resource)
  return { ...rest, verdict: 'denied', reason: 'no rule grants it', ...changes }
}

async function withJournal(
  options: Omit<JournalOptions, 'directory'> & { readonly directory?: string },
  use: (journal: Journal, records: RingRecord[]) => Promise<void>,
): Promise<void> {
  const records: RingRecord[] = []
  const journal = await Journal.open({
    directory: undefined,
    sealKey,
    onRecords: (some) => records.push(...some),
    ...options,
  })
  await use(journal, records)
  await journal.close()
}

const linesOf = (directory: string, name = 'audit-000001.jsonl') =>
  readFileSync(join(directory, name), 'utf8')
    .split('\n')
    .slice(0, -1)
    .map((line) => JSON.parse(line))

describe('a journal', () => {
  it('writes what happened, who did it, and under which rule', async () => {
    const directory = newDirectory()
    await withJournal({ directory }, async (journal) => {
      await journal.note({ event: 'policy-loaded', component: 'ingest', policyVersion: 3, details: { file: 'a.toml' } })
      const { id, memory } = journal.attach({ ...ingest, tenant: 'acme' })
      const ring = new AuditRing(memory, { clock })
      for (let count = 0; count < 50; count++) ring.append(access('/data/a'))
      ring.append(denial('/etc/pass\u0000wd'))
      expect(await journal.release(id)).toEqual({ granted: 50, denied: 1, probes: 0, records: expect.any(Number) })
    })
    const lines = linesOf(directory)
    expect(lines.map((line) => line.seq)).toEqual(lines.map((_, index) => index + 1))
    expect(lines[0]).toMatchObject({ event: 'policy-loaded', policyVersion: 3, details: { file: 'a.toml' } })
    expect(lines.at(-1)).toEqual({
      v: 1,
      seq: lines.length,
      time: expect.stringMatching(/^20\d\d-.*Z$/),
      event: 'access-denied',
      ...ingest,
      tenant: 'acme',
      policyVersion: 3,
      kind: 'filesystem',
      action: 'read',
      resource: '/etc/pass\u0000wd',
      verdict: 'denied',
      layer: 'manifest',
      reason: 'no rule grants it',
      probe: false,
      count: 1,
      attested: 'host',
      prev: lines.at(-2).hash,
      hash: expect.stringMatching(/^[0-9a-f]{64}$/),
    })
    const granted = lines.filter((line) => line.verdict === 'granted')
    expect(granted.reduce((sum, line) => sum + line.count, 0)).toBe(50)
    expect(await verifyLog(directory)).toMatchObject({ status: 'intact', records: lines.length })
  })

  it('counts what it has placed, and what still lies in its rings', async () => {
    await withJournal({ directory: newDirectory() }, async (journal) => {
      expect(journal.load()).toEqual({ records: 0, rings: 0, waitingBytes: 0 })
      const { id, memory } = journal.attach(ingest)
      const ring = new AuditRing(memory, { clock })
      ring.append(access('/data/a'))
      ring.append(access('/data/b'))
      expect(journal.load().rings).toBe(1)
      expect(journal.load().waitingBytes).toBeLessThan(1_000)
      await journal.release(id)
      await journal.note({ event: 'policy-loaded', component: 'ingest' })
      expect(journal.load()).toEqual({ records: 3, rings: 0, waitingBytes: 0 })
      // What the writer of a ring claims of it is not believed beyond the ring's size.
      const other = journal.attach(ingest)
      const words = new Int32Array(other.memory.buffer)
      Atomics.store(words, cell.tail, Atomics.load(words, cell.head) - 8)
      expect(waitingBytes(other.memory)).toBeLessThanOrEqual(other.memory.buffer.byteLength)
    })
  })

  it('says whose word a record is', async () => {
    const directory = newDirectory()
    await withJournal({ directory }, async (journal) => {
      const { id, memory } = journal.attach(ingest, { attested: 'child' })
      new AuditRing(memory, { clock }).append(access('/data/a'))
      await journal.release(id)
    })
    expect(linesOf(directory)[0]).toMatchObject({ resource: '/data/a', attested: 'child' })
  })

  it('has a note on the disk before it answers, after what was recorded before it', async () => {
    const directory = newDirectory()
    await withJournal({ directory }, async (journal) => {
      const ring = new AuditRing(journal.attach(ingest).memory, { clock })
      ring.append(access('/data/before'))
      await journal.note({ event: 'permission-revoked', resource: 'x'.repeat(2_000) })
      const lines = linesOf(directory)
      expect(lines.map((line) => line.resource?.slice(0, 12))).toEqual(['/data/before', 'xxxxxxxxxxxx'])
      expect(Buffer.byteLength(lines[1].resource)).toBeLessThanOrEqual(1_024)
    })
  })

  it('logs a run that goes on before it ends', async () => {
    const directory = newDirectory()
    await withJournal({ directory }, async (journal) => {
      const ring = new AuditRing(journal.attach(ingest).memory, { clock })
      const first = access('/data/a')
      ring.append(first)
      for (let waits = 0; waits < 200 && linesOf(directory).length < 1; waits++) await sleep(10)
      for (let count = 0; count < 9; count++) ring.append(first)
      for (let waits = 0; waits < 100 && linesOf(directory).length < 2; waits++) await sleep(20)
      expect(linesOf(directory).map((line) => line.count)).toEqual([1, 9])
    })
  })

  it('reports denials before the release answers, in order, and everything when asked', async () => {
    await withJournal({}, async (journal, records) => {
      const some = journal.attach(ingest)
      const all = journal.attach({ ...ingest, component: 'all' }, { report: 'all' })
      for (const { memory } of [some, all]) {
        const ring = new AuditRing(memory, { clock })
        ring.append(access('/data/a'))
        ring.append(denial('/1'))
        ring.append(denial('/2'))
      }
      await Promise.all([journal.release(some.id), journal.release(all.id)])
      const resourcesOf = (ring: number) =>
        records.filter((record) => record.ring === ring).map((record) => record.type === 'access' && record.resource)
      expect(resourcesOf(some.id)).toEqual(['/1', '/2'])
      expect(resourcesOf(all.id)).toEqual(['/data/a', '/1', '/2'])
    })
  })

  it('tells a probe from a denial by looking, and counts 256 distinct ones as one violation', async () => {
    await withJournal({}, async (journal, records) => {
      const { id, memory } = journal.attach(ingest)
      const ring = new AuditRing(memory, { clock })
      ring.append(denial('/etc/passwd', { probeHostPath: '/etc/passwd' }))
      ring.append(denial('/', { probeHostPath: '' }))
      ring.append(denial('/etc/passwd/x', { probeHostPath: '/etc/passwd/x' }))
      for (let count = 0; count < probesDistinctMax - 3; count++) {
        ring.append(denial(`/no/${count}`, { probeHostPath: join(root, 'no', String(count)) }))
        ring.append(denial(`/no/0`, { probeHostPath: join(root, 'no', '0') }))
      }
      await journal.note({ event: 'released' })
      expect(records.filter((record) => record.type === 'probe-flood')).toEqual([])
      for (let count = 0; count < 300; count++) {
        ring.append(denial(`/more/${count}`, { probeHostPath: join(root, 'more', String(count)) }))
      }
      const totals = await journal.release(id)
      expect(totals).toMatchObject({ granted: 0, denied: 1 })
      expect(records.filter((record) => record.type === 'probe-flood')).toEqual([
        { type: 'probe-flood', ring: id, component: 'ingest', incarnation: 1, distinct: 256, withinMs: 10_000 },
      ])
      const denials = records.filter((record) => record.type === 'access' && !record.probe)
      expect(denials).toMatchObject([{ resource: '/etc/passwd' }])
    })
  })

  it('begins a new file when one is full, and goes on with the chain', async () => {
    const directory = newDirectory()
    await withJournal({ directory, fileBytesMax: 1_000 }, async (journal) => {
      for (let count = 0; count < 12; count++) await journal.note({ event: 'released', details: { count } })
    })
    const { status, files, records } = await verifyLog(directory)
    expect([status, records]).toEqual(['intact', 12])
    expect(files).toBeGreaterThan(2)
  })

  it('seals within a second', async () => {
    const directory = newDirectory()
    await withJournal({ directory }, async (journal) => {
      await journal.note({ event: 'released' })
      for (let waits = 0; waits < 60 && (await verifyLog(directory)).sealedThrough === 0; waits++) await sleep(50)
      expect(await verifyLog(directory)).toMatchObject({ status: 'unsealed-tail', sealedThrough: 1 })
    })
  })

  it('refuses a directory without a key, and a key that cannot sign', async () => {
    await expect(Journal.open({ directory: newDirectory() })).rejects.toThrow('needs a key')
    await expect(Journal.open({ directory: newDirectory(), sealKey: new Uint8Array(3) })).rejects.toThrow()
  })

  it('refuses to write on a log that lacks what its seals cover', async () => {
    const directory = newDirectory()
    await withJournal({ directory }, (journal) => journal.note({ event: 'released' }))
    writeFileSync(join(directory, 'audit-000001.jsonl'), '')
    await expect(Journal.open({ directory, sealKey })).rejects.toMatchObject({ code: 'store-corrupt' })
  })

  it('refuses everything after its end, and what it does not know', async () => {
    const journal = await Journal.open({ directory: undefined })
    const { id } = journal.attach(ingest)
    await expect(journal.release(99)).rejects.toThrow('no ring 99')
    const [, totals] = await Promise.all([journal.close(), journal.release(id)])
    expect(totals).toMatchObject({ granted: 0 })
    expect(() => journal.attach(ingest)).toThrow('closed')
    await expect(journal.note({ event: 'released' })).rejects.toThrow('closed')
    await journal.close()
  })

  it('has room for 4,096 rings and not for one more', async () => {
    await withJournal({}, async (journal) => {
      for (let count = 0; count < ringsMax; count++) journal.attach(ingest)
      expect(() => journal.attach(ingest)).toThrow('rings already')
    })
  })
})

describe('a ring of a journal', () => {
  it('is given up when its writer lies, and the others are not', async () => {
    await withJournal({}, async (journal, records) => {
      const liar = journal.attach(ingest)
      const liarInLane = journal.attach(ingest)
      const honest = journal.attach(ingest)
      new LaneWriter(liar.memory).tryWrite(new Uint8Array(40).fill(9))
      new LaneWriter(liarInLane.memory).tryWrite(new Uint8Array(40))
      new SharedCells(liarInLane.memory).putLength(0, 0xffff_ffff)
      new AuditRing(honest.memory, { clock }).append(access('/data/a'))
      expect(await journal.release(liar.id)).toMatchObject({ records: 0, corrupt: 'a record of an unknown format' })
      expect(await journal.release(liarInLane.id)).toMatchObject({
        corrupt: expect.stringContaining('impossible length'),
      })
      expect(await journal.release(honest.id)).toEqual({ granted: 1, denied: 0, probes: 0, records: 1 })
      expect(records.map((record) => [record.type, record.ring])).toEqual([
        ['corrupt', liar.id],
        ['corrupt', liarInLane.id],
      ])
    })
  })

  it('keeps the record that was committed just before the bad one', async () => {
    await withJournal({}, async (journal) => {
      const { id, memory } = journal.attach(ingest)
      new AuditRing(memory, { clock }).append(access('/data/last'))
      new LaneWriter(memory).tryWrite(new Uint8Array(40).fill(9))
      expect(await journal.release(id)).toEqual({
        granted: 1,
        denied: 0,
        probes: 0,
        records: 1,
        corrupt: 'a record of an unknown format',
      })
    })
  })

  it('waits when the host does not take its reports, and the other rings do not', async () => {
    const journal = await Journal.open({ directory: undefined, onRecords: () => {} })
    const loud = journal.attach(ingest, { rate: fast })
    const quiet = journal.attach(ingest)
    const ring = new AuditRing(loud.memory, { clock })
    // This thread takes no messages while it is in this loop: the journal may run ahead by so much and no more.
    const deadlineMs = performance.now() + 1_500
    const writer = new LaneWriter(loud.memory)
    let written = 0
    while (performance.now() < deadlineMs && written < reportsUntakenMax * 3) {
      if (writer.capacity() < 1_000) {
        if (written > reportsUntakenMax + 1_000) break
        Atomics.wait(new Int32Array(new SharedArrayBuffer(4)), 0, 0, 1)
        continue
      }
      ring.append(denial(`/${written++}`))
    }
    expect(writer.drained()).toBe(false)
    const quietWriter = new LaneWriter(quiet.memory)
    new AuditRing(quiet.memory, { clock }).append(access('/data/a'))
    for (let waits = 0; waits < 1_000 && !quietWriter.drained(); waits++) {
      Atomics.wait(new Int32Array(new SharedArrayBuffer(4)), 0, 0, 1)
    }
    expect(quietWriter.drained()).toBe(true)
    expect(writer.drained()).toBe(false)
    expect(await journal.release(loud.id)).toMatchObject({ denied: written })
    await journal.close()
  })

  it('is held to its rate by the journal whatever its writer does, and the others are not', async () => {
    await withJournal({}, async (journal, records) => {
      const hourly: RateSettings = { rate: { amount: 1, perMs: 3_600_000 }, burst: 3 }
      const greedy = journal.attach({ ...ingest, component: 'greedy' }, { rate: hourly, report: 'all' })
      const honest = journal.attach(ingest, { report: 'all' })
      // A writer that does not wait at its own line.
      const writer = new LaneWriter(greedy.memory)
      const encoder = new RecordEncoder()
      const write = (name: string) => writer.tryWrite(encoder.bytes, encoder.encode(access(name), 0))
      let written = 0
      while (write(`/${written}`)) written++
      expect(written).toBeGreaterThan(1_000)
      const ring = new AuditRing(honest.memory, { clock })
      for (let count = 0; count < 1_000; count++) ring.append(access(`/${count}`))
      const readOf = (id: number) => records.filter((record) => record.ring === id).length
      while (readOf(honest.id) < 1_000) await sleep(2)
      await journal.note({ event: 'released' })
      expect(readOf(greedy.id)).toBe(3)
      journal.changeRate(greedy.id, { ...hourly, burst: 5 })
      while (readOf(greedy.id) < 5) await sleep(2)
      await journal.note({ event: 'released' })
      expect(readOf(greedy.id)).toBe(5)
      // Its exit was seen: there is nothing to hold back any more.
      expect(await journal.release(greedy.id)).toMatchObject({ granted: written, records: written })
    })
  })

  it('lets its writer record nothing at a rate of zero, and go on when that is changed', async () => {
    await withJournal({}, async (journal) => {
      const { id, memory } = journal.attach(ingest, { rate: { rate: { amount: 0, perMs: 1_000 } } })
      const said = new SharedArrayBuffer(4)
      const source = `const { workerData: data } = require('node:worker_threads')
        import(data.auditPackage).then(({ AuditRing }) => {
          const ring = new AuditRing(data.memory, { clock: process.hrtime.bigint })
          Atomics.store(new Int32Array(data.said), 0, 1)
          ring.append({ at: 1n, policyVersion: 1, kind: 'filesystem', action: 'read', resource: '/', verdict: 'granted',
            layer: 'manifest', rule: 'r', count: 1 })
          Atomics.store(new Int32Array(data.said), 0, 2)
        })`
      const worker = new Worker(source, { eval: true, workerData: { memory, said, auditPackage } })
      const exit = new Promise((resolve) => worker.once('exit', resolve))
      const words = new Int32Array(said)
      while (Atomics.load(words, 0) === 0) await sleep(1)
      await sleep(20)
      expect(Atomics.load(words, 0)).toBe(1)
      journal.changeRate(id, fast)
      await exit
      expect(Atomics.load(words, 0)).toBe(2)
      expect(await journal.release(id)).toMatchObject({ granted: 1 })
      expect(() => journal.changeRate(id, fast)).toThrow('no ring')
    })
  })

  it('loses nothing that a killed worker was allowed to act on', async () => {
    await withJournal({}, async (journal) => {
      for (let round = 0; round < 8; round++) {
        const { id, memory } = journal.attach(ingest, { rate: fast })
        const done = new SharedArrayBuffer(4)
        const source = `const { workerData: data } = require('node:worker_threads')
          import(data.auditPackage).then(({ AuditRing }) => {
            const ring = new AuditRing(data.memory, { clock: process.hrtime.bigint })
            const done = new Int32Array(data.done)
            for (let act = 0; ; act++) {
              ring.append({ at: process.hrtime.bigint(), policyVersion: 1, kind: 'filesystem', action: 'read',
                resource: '/' + (act >> 2), verdict: 'granted', layer: 'manifest', rule: 'r', count: 1 })
              Atomics.store(done, 0, act + 1)
            }
          })`
        const worker = new Worker(source, { eval: true, workerData: { memory, done, auditPackage } })
        const acts = new Int32Array(done)
        while (Atomics.load(acts, 0) === 0) await sleep(1)
        await sleep(1 + round * 1.3)
        await worker.terminate()
        const { granted } = await journal.release(id)
        const acted = Atomics.load(acts, 0)
        expect([acted, acted + 1]).toContain(granted)
      }
    })
  })
})

describe('a process with a journal', () => {
  const prelude = (directory: string): string => `
    import { AuditRing, Journal, loadOrCreateSealKey } from ${JSON.stringify(auditPackage)}
    const journal = await Journal.open({
      directory: ${JSON.stringify(directory)}, sealKey: loadOrCreateSealKey(${JSON.stringify(root)}) })
    const { memory } = journal.attach({ component: 'a', incarnation: 1, trust: 't', approval: 'a', digest: 'd' },
      { rate: { rate: { amount: 1e6, perMs: 1000 } } })
    const ring = new AuditRing(memory, { clock: process.hrtime.bigint })
    const append = (act) => ring.append({ at: process.hrtime.bigint(), policyVersion: 1, kind: 'filesystem',
      action: 'read', resource: '/' + act, verdict: 'granted', layer: 'manifest', rule: 'r', count: 1 })`

  it('may be killed at any moment: the tail is unsealed, and the next journal goes on', async () => {
    const directory = newDirectory()
    for (let round = 0; round < 3; round++) {
      const source = `${prelude(directory)}
        await journal.note({ event: 'released', reason: 'noted ${round}' })
        setTimeout(() => process.kill(process.pid, 'SIGKILL'), ${10 + round * 15})
        for (let act = 0; ; act++) { append(act); if (act % 50 === 0) await new Promise((go) => setImmediate(go)) }`
      const { signal, stderr } = spawnSync(process.execPath, ['--input-type=module', '-e', source], {
        encoding: 'utf8',
      })
      expect([signal, stderr]).toEqual(['SIGKILL', ''])
      expect(await verifyLog(directory)).toMatchObject({ status: 'unsealed-tail', problems: [] })
    }
    const journal = await Journal.open({ directory, sealKey })
    expect(journal.recovered).toContain('the journal was not closed')
    await journal.close()
    expect(await verifyLog(directory)).toMatchObject({ status: 'intact' })
    const events = []
    for await (const { event, reason } of queryLog(directory)) {
      if (event === 'recovered' || event === 'released') events.push(event === 'released' ? reason : event)
    }
    // What was noted was promised: it survived each kill.
    expect(events).toEqual(['noted 0', 'recovered', 'noted 1', 'recovered', 'noted 2', 'recovered'])
  })

  it('ends by itself when nothing is owed', () => {
    const source = `${prelude(newDirectory())}
      append(1)
      console.log('end')`
    const options = { encoding: 'utf8', timeout: 10_000 } as const
    expect(execFileSync(process.execPath, ['--input-type=module', '-e', source], options)).toBe('end\n')
  })

  it('stays while an answer is owed', () => {
    const source = `${prelude(newDirectory())}
      append(1)
      journal.note({ event: 'released' }).then(() => journal.close()).then(() => console.log('closed'))`
    const options = { encoding: 'utf8', timeout: 10_000 } as const
    expect(execFileSync(process.execPath, ['--input-type=module', '-e', source], options)).toBe('closed\n')
  })

  it('answers a note only when the disk has taken it, and goes on when it takes again', async () => {
    const directory = newDirectory()
    const source = `${prelude(directory)}
      import { spawnSync } from 'node:child_process'
      const note = (count) => journal.note({ event: 'released', reason: 'x'.repeat(500), details: { count } })
      const late = new Promise((go) => setTimeout(go, 1_000, 'late'))
      let count = 0
      while ((await Promise.race([note(count++), late])) !== 'late');
      spawnSync('prlimit', ['--pid', String(process.pid), '--fsize=unlimited'])
      await note(count++)
      await journal.close()
      console.log(count)`
    // A limit on the size of files: the write that meets it is done in part, the next one fails.
    const limited = ['-c', 'ulimit -S -f 16; exec "$0" --input-type=module -e "$1"', process.execPath, source]
    const { stdout, stderr } = spawnSync('sh', limited, { encoding: 'utf8', timeout: 10_000 })
    expect(stderr).toBe('')
    expect(Number(stdout)).toBeGreaterThan(8)
    expect(await verifyLog(directory)).toMatchObject({ status: 'intact', records: Number(stdout), problems: [] })
  })
})

import { LaneReader, LaneWriter } from '@bulkhead/lane'
import { type AccessRecord, type Action, actionsByKind, type Kind, kinds, layers } from '@bulkhead/vocabulary'
import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { AuditRing } from './audit-ring.js'
import { createBell } from './bell.js'
import { textBytesMax } from './limits.js'
import { decodeRecord } from './record-decoder.js'
import { RecordEncoder } from './record-encoder.js'
import { createRingMemory, type RingMemory, RunCells } from './ring-memory.js'
import { cutText } from './text-bytes.js'

const clock = process.hrtime.bigint

function accessRecord(changes: Partial<AccessRecord> = {}): AccessRecord {
  return {
    at: 1_000n,
    policyVersion: 1,
    kind: 'filesystem',
    action: 'read',
    resource: '/data/a',
    verdict: 'granted',
    layer: 'manifest',
    rule: '/data/**',
    count: 1,
    ...changes,
  }
}

/** What the ring holds, each decision as often as it was made. */
function readDecisions(memory: RingMemory): string[] {
  const reader = new LaneReader(memory)
  const decisions: string[] = []
  let newest = ''
  for (let bytes = reader.read(); bytes !== undefined; bytes = reader.read()) {
    const decoded = decodeRecord(bytes)
    if (typeof decoded === 'string') throw new Error(decoded)
    for (let count = 0; count < decoded.repeatsBefore; count++) decisions.push(newest)
    newest = decoded.record.resource
    for (let count = 0; count < decoded.record.count; count++) decisions.push(newest)
  }
  const pending = new RunCells(memory.run).peekRepeats(reader.position())
  for (let count = 0; count < pending; count++) decisions.push(newest)
  return decisions
}

const text = fc.string({ unit: 'binary', maxLength: 200 })
const arbitraryRecord = fc.constantFrom(...kinds).chain((kind) =>
  fc.record(
    {
      at: fc.bigInt({ min: 0n, max: 2n ** 63n - 1n }),
      policyVersion: fc.integer({ min: 0, max: 2 ** 32 - 1 }),
      kind: fc.constant(kind),
      action: fc.constantFrom(...actionsByKind[kind]),
      resource: text,
      verdict: fc.constantFrom('granted' as const, 'denied' as const),
      layer: fc.constantFrom(...layers),
      count: fc.integer({ min: 1, max: 2 ** 31 }),
      rule: text,
      reason: text,
      probeHostPath: text,
    },
    {
      requiredKeys: ['at', 'policyVersion', 'kind', 'action', 'resource', 'verdict', 'layer', 'count'],
    },
  ),
)

describe('the encoding of a record', () => {
  it('gives back what was written', () => {
    const encoder = new RecordEncoder()
    fc.assert(
      fc.property(arbitraryRecord, fc.integer({ min: 0, max: 2 ** 31 }), (record, repeatsBefore) => {
        const length = encoder.encode(record, repeatsBefore)
        expect(decodeRecord(encoder.bytes.slice(0, length))).toEqual({ record, repeatsBefore })
      }),
    )
  })

  it("gives back a host application's kind, of the longest name too, and takes none of another form", () => {
    const encoder = new RecordEncoder()
    const encoded = (kind: string, action: string): Uint8Array => {
      const record = { ...accessRecord({ resource: 'a' }), kind: kind as Kind, action: action as Action }
      return encoder.bytes.slice(0, encoder.encode(record, 0))
    }
    const longest = `m${'a'.repeat(62)}`
    for (const [kind, action] of [
      ['mail', 'send'],
      [longest, longest],
    ] as const) {
      expect(decodeRecord(encoded(kind, action))).toMatchObject({ record: { kind, action, resource: 'a' } })
    }
    for (const [kind, action] of [
      ['Mail', 'send'],
      ['mail', 'send.all'],
      ['mail', ''],
      [`${longest}a`, longest],
    ] as const) {
      expect(decodeRecord(encoded(kind, action))).toBe('a record with a bad kind')
    }
    const disguised = encoded('filesysten', 'read')
    disguised[disguised.length - 'n.read'.length] = 'm'.charCodeAt(0)
    expect(decodeRecord(disguised)).toBe('a record with a bad kind')
    const named = encoded('mail', 'send')
    named[1] = 0
    expect(decodeRecord(named)).toBe('a record with a name of a built-in kind')
    named[1] = 200
    expect(decodeRecord(named)).toBe('a record with an unknown kind or action')
  })

  it('decodes any bytes to a record or a reason, and never throws', () => {
    const encoder = new RecordEncoder()
    fc.assert(
      fc.property(arbitraryRecord, fc.nat(), fc.integer({ min: 0, max: 255 }), fc.nat(), (record, at, byte, cut) => {
        const bytes = encoder.bytes.slice(0, encoder.encode(record, 0))
        bytes[at % bytes.length] = byte
        decodeRecord(bytes.subarray(0, cut % (bytes.length + 1)))
        decodeRecord(bytes)
      }),
    )
    fc.assert(fc.property(fc.uint8Array({ maxLength: 300 }), (bytes) => void decodeRecord(bytes)))
  })

  it('cuts a text one byte over the limit, between characters, and leaves one at the limit', () => {
    const encoder = new RecordEncoder()
    const recode = (resource: string): string => {
      const decoded = decodeRecord(encoder.bytes.slice(0, encoder.encode(accessRecord({ resource }), 0)))
      return typeof decoded === 'string' ? decoded : decoded.record.resource
    }
    expect(recode('a'.repeat(textBytesMax))).toBe('a'.repeat(textBytesMax))
    expect(recode('a'.repeat(textBytesMax + 1))).toBe(`${'a'.repeat(textBytesMax - 3)}…`)
    expect(recode('é'.repeat(600))).toBe(`${'é'.repeat(510)}…`)
    expect(cutText('😀'.repeat(300), textBytesMax)).toBe(`${'😀'.repeat(255)}…`)
  })
})

describe('a thread that must not block', () => {
  it('records like one that may, and is told why not otherwise', () => {
    let nowNs = 0n
    const memory = createRingMemory(createBell(), { rate: { rate: { amount: 2, perMs: 1_000 } }, capacityBytes: 1_024 })
    const ring = new AuditRing(memory, { clock: () => nowNs })
    const append = (name: string) => ring.tryAppend(accessRecord({ resource: name }))
    expect([append('/a'), append('/a'), append('/b'), append('/c'), append('/b')]).toEqual([
      ...['recorded', 'recorded', 'recorded', 'over-rate', 'recorded'],
    ])
    expect(ring.tryAppend(accessRecord({ resource: '/late' }), 'over')).toBe('recorded')
    expect(readDecisions(memory)).toEqual(['/a', '/a', '/b', '/b', '/late'])
    nowNs = 60_000_000_000n
    const long = `/${'x'.repeat(200)}`
    const answers: string[] = []
    for (let count = 0; count < 8; count++) {
      nowNs += 1_000_000_000n
      answers.push(append(`${long}${count}`))
    }
    expect(new Set(answers)).toEqual(new Set(['recorded', 'full']))
    expect(answers[0]).toBe('recorded')
    expect(answers.at(-1)).toBe('full')
    new LaneReader(memory).close()
    expect(append('/d')).toBe('ended')
  })
})

describe('a run of identical decisions', () => {
  it('is one record at once and a count beside it, for 100 ms', () => {
    const memory = createRingMemory(createBell())
    const ring = new AuditRing(memory, { clock })
    const reader = new LaneReader(memory)
    ring.append(accessRecord())
    expect(reader.unreadBytes()).toBeGreaterThan(0)
    const one = reader.unreadBytes()
    for (let count = 0; count < 9; count++) ring.append(accessRecord({ at: 100_001_000n }))
    expect(reader.unreadBytes()).toBe(one)
    ring.append(accessRecord({ at: 100_001_001n }))
    expect(reader.unreadBytes()).toBe(2 * one)
    expect(readDecisions(memory)).toHaveLength(11)
  })

  it.each([
    { resource: '/data/b' },
    { action: 'write' as const },
    { verdict: 'denied' as const },
    { layer: 'policy' as const },
    { policyVersion: 2 },
    { rule: '/data/*' },
    { reason: 'why' },
    { probeHostPath: '/x' },
  ])('ends with a decision that differs: %j', (change) => {
    const memory = createRingMemory(createBell())
    const ring = new AuditRing(memory, { clock })
    ring.append(accessRecord())
    const before = new LaneReader(memory).unreadBytes()
    ring.append(accessRecord(change))
    expect(new LaneReader(memory).unreadBytes()).toBeGreaterThan(before)
  })

  it('ends at flush', () => {
    const memory = createRingMemory(createBell())
    const ring = new AuditRing(memory, { clock })
    ring.append(accessRecord())
    ring.flush()
    ring.append(accessRecord())
    ring.append(accessRecord({ count: 5 }))
    expect(readDecisions(memory)).toHaveLength(7)
  })

  it('loses and doubles nothing, whatever the order', () => {
    const decision = fc.record({
      name: fc.constantFrom('a', 'b', 'c'),
      at: fc.nat(60),
      count: fc.integer({ min: 1, max: 3 }),
    })
    fc.assert(
      fc.property(fc.array(decision, { maxLength: 60 }), (decisions) => {
        const memory = createRingMemory(createBell())
        const ring = new AuditRing(memory, { clock })
        let nowMs = 0
        const expected: string[] = []
        for (const { name, at, count } of decisions) {
          nowMs += at
          ring.append(accessRecord({ resource: name, at: BigInt(nowMs) * 1_000_000n, count }))
          for (let each = 0; each < count; each++) expected.push(name)
        }
        expect(readDecisions(memory)).toEqual(expected)
      }),
    )
  })
})

describe('a ring in trouble', () => {
  it('is whole when the stack ends anywhere in an append', () => {
    const memory = createRingMemory(createBell(), { rate: { rate: { amount: 1e6, perMs: 1_000 } } })
    const ring = new AuditRing(memory, { clock })
    const attempted: string[] = []
    const acted: string[] = []
    let died = 0
    const appendAtDepth = (depth: number, name: string): void => {
      if (depth > 0) {
        appendAtDepth(depth - 1, name)
        return
      }
      attempted.push(name)
      ring.append(accessRecord({ resource: name }))
      acted.push(name)
    }
    const deepest = (): number => {
      let depth = 0
      const down = (): void => {
        depth++
        down()
      }
      try {
        down()
      } catch {
        // The stack has ended: that is what was asked.
      }
      return depth
    }
    appendAtDepth(0, 'warm')
    const limit = deepest()
    for (let depth = Math.max(0, limit - 4000); depth < limit; depth += 3) {
      try {
        // The same name twice in a row, so that repeats die too.
        appendAtDepth(depth, `name ${depth >> 3}`)
      } catch (error) {
        if (!(error instanceof RangeError)) throw error
        died++
      }
    }
    const logged = readDecisions(memory)
    expect(died).toBeGreaterThan(0)
    // Everything that was acted on was recorded, in order; what died may have been recorded or not.
    let at = 0
    for (const name of acted) {
      while (at < logged.length && logged[at] !== name) at++
      expect(logged[at], `a record of ${name}`).toBe(name)
      at++
    }
    expect(logged.length).toBeLessThanOrEqual(attempted.length)
  })

  it('waits while it is full, rings for the journal, and says so', () => {
    const memory = createRingMemory(createBell(), { capacityBytes: 32_768 })
    const waits: boolean[] = []
    const reader = new LaneReader(memory)
    const ring = new AuditRing(memory, {
      clock,
      onWait: (waiting) => {
        waits.push(waiting)
        if (waiting) reader.read()
      },
    })
    for (let count = 0; waits.length === 0; count++) ring.append(accessRecord({ resource: `/${count}` }))
    expect(waits).toEqual([true, false])
  })

  it('lets nothing be done when the journal has ended it', () => {
    const memory = createRingMemory(createBell())
    const ring = new AuditRing(memory, { clock })
    ring.append(accessRecord())
    new LaneReader(memory).close()
    expect(() => ring.append(accessRecord({ resource: '/other' }))).toThrow('has ended this audit ring')
  })

  it("paces an actor that writes faster than its rate, after one second's worth", () => {
    const memory = createRingMemory(createBell(), { rate: { rate: { amount: 100, perMs: 1_000 } } })
    const ring = new AuditRing(memory, { clock })
    const startMs = performance.now()
    for (let count = 0; count < 105; count++) ring.append(accessRecord({ resource: `/${count}` }))
    expect(performance.now() - startMs).toBeGreaterThanOrEqual(49)
  })

  it('does not pace repeats, which are no records', () => {
    const memory = createRingMemory(createBell(), { rate: { rate: { amount: 1, perMs: 3_600_000 } } })
    const ring = new AuditRing(memory, { clock })
    for (let count = 0; count < 10_000; count++) ring.append(accessRecord())
    expect(readDecisions(memory)).toHaveLength(10_000)
  })
})

describe('a reader of a run that goes on', () => {
  it('does not count the repeats of another record', () => {
    const memory = createRingMemory(createBell())
    const cells = new RunCells(memory.run)
    new LaneWriter(memory).tryWrite(new Uint8Array(8))
    cells.begin(12)
    cells.setRepeats(7)
    expect(cells.peekRepeats(12)).toBe(7)
    expect(cells.peekRepeats(24)).toBe(0)
    expect(cells.repeatsAt(24)).toBe(0)
  })
})

import { LaneCorruption } from '@bulkhead/lane'
import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import type { Message } from './message.js'
import { RecordBuffer } from './record-buffer.js'
import { type DecodedRecord, decodeRecord as decodeBuffer } from './record-decoder.js'
import { MessageEncoder } from './record-encoder.js'
import { field, flag, headerBytes } from './record-layout.js'
import { RepeatedText, textAt } from './text-bytes.js'
import { formatTraceparent, parseTraceparent, traceBytes } from './trace-context.js'

const text = (max: number) =>
  fc.string({ unit: 'grapheme', minLength: 1, maxLength: max / 4 }).filter((one) => Buffer.byteLength(one) <= max)

const instant = fc.bigInt({ min: 0n, max: 2n ** 64n - 1n })

const messages: fc.Arbitrary<Message> = fc.record(
  {
    subject: text(256),
    body: fc.uint8Array({ maxLength: 200 }),
    sentAtNs: instant,
    replyTo: text(256),
    trace: fc.uint8Array({ minLength: traceBytes, maxLength: traceBytes }),
    expiresAtNs: instant.filter((at) => at !== 0n),
    attempt: fc.integer({ min: 0, max: 255 }),
    sender: fc.record({ id: text(128), incarnation: fc.integer({ min: 0, max: 2 ** 32 - 1 }) }),
  },
  { requiredKeys: ['subject', 'body', 'sentAtNs'] },
)

function decodeRecord(record: Uint8Array): DecodedRecord {
  const buffer = new RecordBuffer(1020)
  // Anywhere in the buffer is as good as at its beginning.
  buffer.makeRoom()
  buffer.keep(11, 0)
  buffer.bytes.fill(0xff)
  buffer.bytes.set(record, 11)
  return decodeBuffer(buffer, record.length)
}

function recordOf(message: Message, sequence = 7): Uint8Array {
  const encoder = new MessageEncoder().encode(message)
  const bytes = encoder.inlineBytes(16_000)
  encoder.stampInline(sequence)
  return encoder.bytes.slice(0, bytes)
}

describe('a record', () => {
  it('says what the message said', () => {
    fc.assert(
      fc.property(messages, fc.integer({ min: 0, max: 2 ** 32 - 1 }), (message, sequence) => {
        const record = recordOf(message, sequence)
        const { body, ...rest } = message
        const none = { attempt: 0, replyTo: undefined, sender: undefined, trace: undefined, expiresAtNs: undefined }
        const decoded = decodeRecord(record)
        expect(decoded).toEqual({ ...none, ...rest, sequence, bodyBytes: body.length, bodyAt: undefined })
        expect(record.subarray(record.length - body.length)).toEqual(body)
        // An encoder that was used before leaves nothing of the other message.
        const encoder = new MessageEncoder().encode({ ...message, trace: new Uint8Array(traceBytes).fill(1) })
        encoder.encode(message)
        encoder.stampSpilled(sequence, 99)
        const spilled = decodeRecord(encoder.bytes.slice(0, encoder.prefixBytes))
        expect(spilled).toEqual({ ...decoded, bodyAt: 99 })
      }),
    )
  })

  it('is told apart from what no encoder writes', () => {
    const good = recordOf({ subject: 'a.b', body: Uint8Array.of(1, 2), sentAtNs: 1n })
    const lies: readonly [string, (view: DataView) => void][] = [
      ['another version', (view) => view.setUint8(field.version, 2)],
      ['an unknown flag', (view) => view.setUint8(field.flags, 8)],
      ['a body longer than the record', (view) => view.setUint32(field.bodyBytes, 3, true)],
      ['a body shorter than the record', (view) => view.setUint32(field.bodyBytes, 1, true)],
      ['a body of four thousand million', (view) => view.setUint32(field.bodyBytes, 0xffff_ffff, true)],
      ['a subject past the end', (view) => view.setUint16(field.subjectBytes, 0xffff, true)],
      ['a place in the arena without the flag', (view) => view.setUint32(field.bodyAt, 1, true)],
      ['a body in the arena and in the record', (view) => view.setUint8(field.flags, flag.spilled)],
      ['a sender without the flag', (view) => view.setUint8(field.senderBytes, 1)],
      ['an incarnation without a sender', (view) => view.setUint32(field.senderIncarnation, 1, true)],
      ['a flag without a sender', (view) => view.setUint8(field.flags, flag.forwarded)],
      ['a trace without the flag', (view) => view.setUint8(field.trace + traceBytes, 1)],
      ['a subject that is not UTF-8', (view) => view.setUint8(headerBytes, 0xff)],
    ]
    for (const [name, lie] of lies) {
      const record = good.slice()
      lie(new DataView(record.buffer))
      expect(() => decodeRecord(record), name).toThrow(LaneCorruption)
    }
    expect(() => decodeRecord(good.subarray(0, headerBytes - 1))).toThrow('shorter than its header')
    for (const [subject, replyTo, sender] of [
      [257, 0, 0],
      [0, 3, 0],
      [3, 257, 0],
      [3, 3, 129],
    ] as const) {
      const record = new Uint8Array(headerBytes + subject + replyTo + sender).fill(0x61, headerBytes)
      const view = new DataView(record.buffer)
      view.setUint8(field.version, 1)
      view.setUint8(field.flags, sender === 0 ? 0 : flag.forwarded)
      view.setUint16(field.subjectBytes, subject, true)
      view.setUint16(field.replyToBytes, replyTo, true)
      view.setUint8(field.senderBytes, sender)
      expect(() => decodeRecord(record), `${subject} ${replyTo} ${sender}`).toThrow('longer than any')
    }
    expect(decodeRecord(good).subject).toBe('a.b')
  })

  it('cannot crash its reader otherwise, whatever is in it', () => {
    fc.assert(
      fc.property(fc.uint8Array({ maxLength: 400 }), fc.boolean(), (bytes, plausible) => {
        if (plausible && bytes.length > field.flags) bytes.set([1, 0], 0)
        try {
          decodeRecord(bytes)
        } catch (error) {
          expect(error).toBeInstanceOf(LaneCorruption)
        }
      }),
    )
  })

  it('is not made of texts that are too long, and is of the longest', () => {
    const encode = (more: Partial<Message>) => () =>
      new MessageEncoder().encode({ subject: 'a', body: new Uint8Array(0), sentAtNs: 0n, ...more })
    const over = 'ä'.repeat(129)
    expect(encode({ subject: over })).toThrow('the subject of a message is too long')
    expect(encode({ subject: 'a'.repeat(257) })).toThrow('too long')
    expect(encode({ subject: '' })).toThrow('empty')
    expect(encode({ replyTo: over })).toThrow('the reply-to of a message is too long')
    expect(encode({ sender: { id: 'a'.repeat(129), incarnation: 1 } })).toThrow('the sender of a message is too long')
    expect(encode({ trace: new Uint8Array(24) })).toThrow('25 bytes')
    const longest = 'ä'.repeat(128)
    const most = { subject: longest, replyTo: longest, sender: { id: 'a'.repeat(128), incarnation: 1 } }
    expect(encode(most)().prefixBytes).toBe(headerBytes + 640)
  })
})

describe('a text that repeats', () => {
  it('is what the bytes say, whatever came before', () => {
    const texts = new RepeatedText(8)
    const bytesOfTexts = fc.uint8Array({ maxLength: 10 })
    fc.assert(
      fc.property(
        fc.array(
          fc.oneof(
            bytesOfTexts,
            fc.constantFrom('abc', 'abd', 'äbc', '').map((one) => Buffer.from(one)),
          ),
        ),
        (all) => {
          for (const bytes of all) {
            const buffer = Buffer.from([0, ...bytes])
            expect(texts.at(buffer, 1, buffer.length)).toBe(textAt(buffer, 1, buffer.length))
          }
        },
      ),
    )
  })
})

describe('a traceparent', () => {
  const example = '00-4bf92f3577b34da6a3ce929d0e0e4736-00f067aa0ba902b7-01'

  it('is carried as bytes and comes out as it went in', () => {
    const bytes = parseTraceparent(example)
    expect(bytes?.length).toBe(traceBytes)
    expect(bytes && formatTraceparent(bytes)).toBe(example)
  })

  it.each([
    '',
    example.toUpperCase(),
    example.replace('00-', '01-'),
    `${example}-00`,
    `00-${'0'.repeat(32)}-00f067aa0ba902b7-01`,
    `00-4bf92f3577b34da6a3ce929d0e0e4736-${'0'.repeat(16)}-01`,
  ])('is refused when it is none: %s', (bad) => {
    expect(parseTraceparent(bad)).toBeUndefined()
  })
})

import { BulkheadError } from '@bulkhead/vocabulary'
import { laneBytesDefault, replyToBytesMax, senderBytesMax, subjectBytesMax } from './limits.js'
import type { Message } from './message.js'
import { field, flag, headerBytes, prefixBytesMax, recordVersion } from './record-layout.js'
import { putText } from './text-bytes.js'
import { traceBytes } from './trace-context.js'

/**
 * Makes records of messages, in a buffer of its own that it uses again: what `encode` returned is good until the next
 * call. A message to many receivers is encoded once and stamped for each.
 */
export class MessageEncoder {
  readonly #bytes = new Uint8Array(prefixBytesMax + laneBytesDefault / 4)
  readonly #view = new DataView(this.#bytes.buffer)
  #body: Uint8Array = new Uint8Array(0)
  #prefixBytes = 0
  #flags = 0
  #bodyCopied = false
  /** Whether the last message has left its trace in the buffer. */
  #traced = false

  get body(): Uint8Array {
    return this.#body
  }

  /** The buffer in which the record lies. */
  get bytes(): Uint8Array {
    return this.#bytes
  }

  /** The bytes of the record without its body. */
  get prefixBytes(): number {
    return this.#prefixBytes
  }

  /**
   * @throws {BulkheadError} `usage` when a text is too long or the trace is not of its length: the caller has checked
   * what came from a guest.
   */
  encode(message: Message): this {
    const view = this.#view
    const { sender } = message
    this.#flags = (message.trace === undefined ? 0 : flag.traced) | (sender === undefined ? 0 : flag.forwarded)
    let at = headerBytes
    const subjectBytes = this.#putText(at, 'subject', message.subject, subjectBytesMax)
    at += subjectBytes
    const replyToBytes =
      message.replyTo === undefined ? 0 : this.#putText(at, 'reply-to', message.replyTo, replyToBytesMax)
    at += replyToBytes
    const senderBytes = sender === undefined ? 0 : this.#putText(at, 'sender', sender.id, senderBytesMax)
    view.setUint8(field.version, recordVersion)
    view.setUint8(field.attempt, message.attempt ?? 0)
    view.setUint8(field.senderBytes, senderBytes)
    view.setUint16(field.subjectBytes, subjectBytes, true)
    view.setUint16(field.replyToBytes, replyToBytes, true)
    view.setUint32(field.bodyBytes, message.body.length, true)
    view.setUint32(field.senderIncarnation, sender?.incarnation ?? 0, true)
    view.setBigUint64(field.sentAtNs, message.sentAtNs, true)
    view.setBigUint64(field.expiresAtNs, message.expiresAtNs ?? 0n, true)
    this.#putTrace(message.trace)
    this.#prefixBytes = at + senderBytes
    this.#body = message.body
    this.#bodyCopied = false
    return this
  }

  /** The length of the record with its body in it, or -1 when that is more than `recordBytesMax`. */
  inlineBytes(recordBytesMax: number): number {
    const bytes = this.#prefixBytes + this.#body.length
    return bytes <= recordBytesMax && bytes <= this.#bytes.length ? bytes : -1
  }

  /** Makes it the record of one lane, its body in it. */
  stampInline(sequence: number): void {
    this.#view.setUint8(field.flags, this.#flags)
    this.#view.setUint32(field.sequence, sequence, true)
    this.#view.setUint32(field.bodyAt, 0, true)
    if (this.#bodyCopied) return
    this.#bytes.set(this.#body, this.#prefixBytes)
    this.#bodyCopied = true
  }

  /** Makes it the record of one lane, its body in the arena. */
  stampSpilled(sequence: number, bodyAt: number): void {
    this.#view.setUint8(field.flags, this.#flags | flag.spilled)
    this.#view.setUint32(field.sequence, sequence, true)
    this.#view.setUint32(field.bodyAt, bodyAt, true)
  }

  #putText(at: number, what: string, text: string, bytesMax: number): number {
    const bytes = putText(this.#bytes, at, text, bytesMax)
    if (bytes > 0) return bytes
    throw new BulkheadError('usage', `the ${what} of a message is ${bytes === 0 ? 'empty' : 'too long'}`, {
      hint: `1 to ${bytesMax} bytes`,
    })
  }

  #putTrace(trace: Uint8Array | undefined): void {
    if (trace === undefined) {
      if (this.#traced) this.#bytes.fill(0, field.trace, headerBytes)
      this.#traced = false
    } else if (trace.length === traceBytes) {
      this.#bytes.set(trace, field.trace)
      this.#traced = true
    } else {
      throw new BulkheadError('usage', `a trace context has ${traceBytes} bytes, not \`${trace.length}\``)
    }
  }
}

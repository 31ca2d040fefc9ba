import type { Table } from '@bulkhead/state'
import { assertNever, BulkheadError, type WireError, wireFromUnknown } from '@bulkhead/vocabulary'
import { batchAnswerBytesMax, keyCost } from '../limits.js'
import { badAnswer, goodAnswer } from '../service/answer.js'
import type { ChannelAuthority } from '../service/channel-authority.js'
import { FieldWriter } from '../service/field-writer.js'
import type { Books } from './books.js'
import { canonicalNamespace, storedPrefix } from './store-names.js'
import type { StoreEntry, StoreRequest } from './store-request.js'
import { allocatedBytes, type StoredValue } from './stored-value.js'

export type StoreTables = { readonly values: Table<StoredValue>; readonly books: Books }

/** For whom something is done: properties of the channel, never of a request. */
export type StoreParty = {
  readonly authority: ChannelAuthority
  readonly scope: string
  /** Who pays for what is written. */
  readonly owner: string
  readonly limitBytes: () => number
}

export type Write = Exclude<StoreRequest, { readonly op: 'get' | 'exists' | 'get-many' | 'list' }>
export type Read = Extract<StoreRequest, { readonly op: 'get' | 'exists' | 'get-many' }>

export function isWrite(request: StoreRequest): request is Write {
  return !['get', 'exists', 'get-many', 'list'].includes(request.op)
}

/** What a request costs, in the unit of fairness. */
export function costOf(request: StoreRequest, requestBytes: number, answerBytes: number): number {
  const keys = 'keys' in request ? request.keys.length : 'entries' in request ? request.entries.length : 1
  return requestBytes + answerBytes + keys * keyCost
}

/**
 * Answers a request that only looks; it sees what is committed.
 *
 * @throws {BulkheadError} `storage-access-denied`, `store-corrupt`, `resource-limit-exceeded`.
 */
export function answerRead(request: Read, party: StoreParty, { values }: StoreTables): Uint8Array {
  const names = new Names(request.namespace, party)
  const answer = goodAnswer(new FieldWriter())
  switch (request.op) {
    case 'get':
      return writeValue(answer, values.get(names.permitted('read', request.key))).finish()
    case 'exists':
      return answer.u8(values.get(names.permitted('read', request.key)) === undefined ? 0 : 1).finish()
    case 'get-many': {
      // All are decided before any is read.
      const stored = request.keys.map((key) => names.permitted('read', key))
      let bytes = 0
      return answer
        .list(stored, (key) => {
          const found = values.get(key)
          bytes += found?.value.length ?? 0
          if (bytes > batchAnswerBytesMax) throw tooMuch()
          writeValue(answer, found)
        })
        .finish()
    }
    default:
      return assertNever(request)
  }
}

/**
 * Carries out a request that changes something, inside a transaction, and answers it: all of it, or, when this throws,
 * nothing of it. What it answers is true only once the transaction is on the disk.
 *
 * @throws {BulkheadError} as `answerRead`; `guest-error` for a value that is no number, or a sum that is too large.
 */
export function carryOut(request: Write, party: StoreParty, tables: StoreTables): Uint8Array {
  const names = new Names(request.namespace, party)
  const answer = goodAnswer(new FieldWriter())
  switch (request.op) {
    case 'set':
      names.permitted('write', request.key)
      write([request], names, party, tables)
      return answer.finish()
    case 'set-many':
      for (const { key } of request.entries) names.permitted('write', key)
      write(request.entries, names, party, tables)
      return answer.finish()
    case 'delete':
      names.permitted('delete', request.key)
      remove([request.key], names, party, tables)
      return answer.finish()
    case 'delete-many':
      for (const key of request.keys) names.permitted('delete', key)
      remove(request.keys, names, party, tables)
      return answer.finish()
    case 'increment': {
      names.permitted('read', request.key)
      const sum = numberIn(tables.values.get(names.permitted('write', request.key))) + request.by
      if (BigInt.asIntN(64, sum) !== sum) throw new BulkheadError('guest-error', 'the sum does not fit in 64 bits')
      write([{ key: request.key, value: new TextEncoder().encode(String(sum)) }], names, party, tables)
      return answer.i64(sum).finish()
    }
    case 'swap': {
      names.permitted('read', request.key)
      const found = tables.values.get(names.permitted('write', request.key))
      const fits = isSame(found?.value, request.expected)
      if (fits) write([request], names, party, tables)
      return (fits ? answer.u8(1) : writeValue(answer.u8(0), found)).finish()
    }
    default:
      return assertNever(request)
  }
}

/** The answer to a request that was refused or went wrong. */
export function failedAnswer(thrown: unknown): Uint8Array {
  return badAnswer(new FieldWriter(), withoutStack(wireFromUnknown(thrown)))
}

/** Paths of the host are not for a guest's thread. */
function withoutStack(error: WireError): WireError {
  return error.code === 'internal' ? { ...error, details: {} } : error
}

/** The keys of one name space, as they are decided and as they lie in the store. */
class Names {
  readonly namespace: string
  readonly #prefix: string
  readonly #authority: ChannelAuthority

  constructor(namespace: string, { authority, scope }: StoreParty) {
    const owner = { scope, componentId: authority.componentId }
    this.namespace = canonicalNamespace(namespace, owner)
    this.#prefix = storedPrefix(this.namespace, owner)
    this.#authority = authority
  }

  /** @throws {Denial} when the channel's table does not allow it. */
  permitted(action: 'read' | 'write' | 'delete', key: string): string {
    this.#authority.requireStorage(action, this.namespace, key)
    return this.stored(key)
  }

  stored(key: string): string {
    return this.#prefix + key
  }
}

/** Everything is worked out and booked before anything is written: a refusal leaves no trace in the transaction. */
function write(entries: readonly StoreEntry[], names: Names, party: StoreParty, { values, books }: StoreTables): void {
  const { owner } = party
  // Of one key twice in a batch the last counts.
  const next = new Map(entries.map(({ key, value }) => [names.stored(key), { owner, value }]))
  const changes = new Map<string, number>()
  for (const [key, value] of next) {
    refund(changes, key, values.get(key))
    change(changes, owner, allocatedBytes(key, value))
  }
  books.book(changes, owner, party.limitBytes())
  for (const [key, value] of next) values.put(key, value)
}

function remove(keys: readonly string[], names: Names, party: StoreParty, { values, books }: StoreTables): void {
  const changes = new Map<string, number>()
  const stored = new Set(keys.map((key) => names.stored(key)))
  for (const key of stored) refund(changes, key, values.get(key))
  books.book(changes, party.owner, party.limitBytes())
  for (const key of stored) values.remove(key)
}

/** What is overwritten or removed is given back to who paid for it. */
function refund(changes: Map<string, number>, key: string, before: StoredValue | undefined): void {
  if (before !== undefined) change(changes, before.owner, -allocatedBytes(key, before))
}

function change(changes: Map<string, number>, owner: string, bytes: number): void {
  changes.set(owner, (changes.get(owner) ?? 0) + bytes)
}

function writeValue(answer: FieldWriter, found: StoredValue | undefined): FieldWriter {
  return found === undefined ? answer.u8(0) : answer.u8(1).bytes(found.value)
}

function isSame(found: Uint8Array | undefined, expected: Uint8Array | undefined): boolean {
  if (found === undefined || expected === undefined) return found === expected
  return Buffer.compare(found, expected) === 0
}

function numberIn(found: StoredValue | undefined): bigint {
  if (found === undefined) return 0n
  const text = found.value.length <= 20 ? Buffer.from(found.value).toString('latin1') : ''
  if (!/^-?\d{1,19}$/.test(text)) throw new BulkheadError('guest-error', 'the value is not a number in decimal digits')
  return BigInt(text)
}

function tooMuch(): BulkheadError {
  return new BulkheadError('resource-limit-exceeded', 'the values of the batch are too large together', {
    details: { resource: 'batch', limit: batchAnswerBytesMax },
    hint: 'ask for fewer keys at once',
  })
}

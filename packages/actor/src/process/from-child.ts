// What a bridge tells its host. Every byte is a claim: it is one of these, within these bounds, or it is an attack.

import { callAnswerBytesMax } from '@bulkhead/contracts'
import {
  assertNever,
  type ErrorCode,
  type ErrorDetails,
  errorCodes,
  type LogLine,
  logContextUnitsMax,
  logLevels,
  logMessageUnitsMax,
  type WireError,
} from '@bulkhead/vocabulary'
import { messageBytesMax, trapFramesMax } from '../limits.js'
import { lifecycleStages } from '../message-protocol.js'
import type { GuestOutcome } from '../protocol.js'
import { type ServiceClaim, serviceNames } from '../services/service-protocol.js'
import { claimedDetailsMax, claimedJsonBytesMax, claimedTextMax, ledgerEntriesMax, requestMsMax } from './limits.js'
import type { RemoteClaim, RemoteWish } from './remote-protocol.js'

export type FromChild =
  /** The bridge runs. */
  | { readonly kind: 'up' }
  | { readonly kind: 'ready' }
  | { readonly kind: 'ended'; readonly outcome: GuestOutcome; readonly leakedDescriptors: number }
  /** The actor's thread is gone without an outcome. */
  | { readonly kind: 'died'; readonly code: string; readonly message: string }
  /** The thread left its own lanes as they cannot be. */
  | { readonly kind: 'breach'; readonly reason: string }
  /** Rules of this version are in force there; `entered` is the version of the call that the guest is in, 0 outside. */
  | { readonly kind: 'bound'; readonly version: number; readonly entered: number }
  | { readonly kind: 'ledger'; readonly entries: LedgerEntries }
  /** A log message of the guest's. One at a time: the next one comes after the host's `logged`. */
  | ({ readonly kind: 'log' } & LogLine)
  | RemoteClaim
  | ServiceClaim

/** What the ledger of the child says, as numbers. */
export type LedgerEntries = readonly number[]

/** A claim that no honest bridge makes. */
export class BadClaim extends Error {}

/**
 * Reads one frame of the child's.
 *
 * @throws {BadClaim} for anything that is not one of the messages, with no member too many, too few or too long.
 */
export function decodeFromChild(body: Uint8Array): FromChild {
  const { head, attached } = body[0] === withBody ? splitBody(body) : { head: body, attached: undefined }
  const claim = new Claim(parsed(head))
  const kind = claim.text('kind')
  if (attached !== undefined && kind === 'service-call') return serviceCallIn(claim, attached)
  if (attached !== undefined) return { kind: 'remote', wish: withBodyIn(claim, attached) }
  switch (kind) {
    case 'up':
    case 'ready':
      return claim.whole({ kind })
    case 'ended':
      return claim.whole({
        kind,
        outcome: outcomeIn(claim.inner('outcome')),
        leakedDescriptors: claim.count('leakedDescriptors'),
      })
    case 'died':
      return claim.whole({ kind, code: claim.text('code'), message: claim.text('message') })
    case 'breach':
      return claim.whole({ kind, reason: claim.text('reason') })
    case 'bound':
      return claim.whole({ kind, version: claim.count('version'), entered: claim.count('entered') })
    case 'ledger':
      return claim.whole({ kind, entries: claim.counts('entries') })
    case 'log':
      return claim.whole({
        kind,
        level: claim.oneOf('level', logLevels),
        context: claim.text('context', logContextUnitsMax),
        message: claim.text('message', logMessageUnitsMax),
      })
    case 'service-wanted':
      return claim.whole({ kind, service: claim.oneOf('service', serviceNames) })
    case 'service-cancel':
      return claim.whole({ kind, service: claim.oneOf('service', serviceNames), number: claim.count('number') })
    case 'remote':
      return claim.whole({ kind, wish: wishIn(claim.inner('wish')) })
    default:
      throw new BadClaim('a frame of an unknown kind')
  }
}

function parsed(text: Uint8Array): unknown {
  if (text.length > claimedJsonBytesMax) throw new BadClaim('a frame that is too long')
  try {
    return JSON.parse(new TextDecoder('utf-8', { fatal: true }).decode(text))
  } catch {
    throw new BadClaim('a frame that is not JSON')
  }
}

/** Cuts what an honest bridge may have to say too much of; the same bounds are judged on the other side. */
export function encodeFromChild(message: FromChild): Uint8Array {
  const bounded = (_name: string, value: unknown): unknown => {
    if (typeof value === 'string') return value.slice(0, claimedTextMax)
    return value
  }
  const json = (value: unknown): Uint8Array => new TextEncoder().encode(JSON.stringify(value, bounded))
  if (message.kind === 'service-call') {
    const { request, ...head } = message
    return joinBody(json(head), request)
  }
  if (message.kind !== 'remote') return json(withFlatDetails(message))
  const { wish } = message
  if (wish.kind === 'prepare') {
    const { body, ...head } = wish
    return joinBody(json(head), body)
  }
  return wish.kind === 'call-answered' ? joinBody(json({ kind: wish.kind }), wish.answer) : json(message)
}

/** Details of an error that are texts, numbers or truth values; others have no meaning to who reads them. */
function withFlatDetails(message: FromChild): FromChild {
  if (message.kind !== 'ended' || message.outcome.kind !== 'unstartable') return message
  const { error } = message.outcome
  const flat = Object.entries(error.details).filter(([, value]) => isFlat(value))
  const details = Object.fromEntries(flat.slice(0, claimedDetailsMax))
  // That a fault is the host's own is for the host to say: it looks at the mounts for itself.
  const code = error.code === 'mount-exchanged' ? 'filesystem-access-denied' : error.code
  return { ...message, outcome: { kind: 'unstartable', error: { ...error, code, details } } }
}

function outcomeIn(claim: Claim): GuestOutcome {
  const kind = claim.text('kind')
  switch (kind) {
    case 'returned':
      return claim.whole({ kind, ok: claim.truth('ok') })
    case 'exited':
      return claim.whole({ kind, code: claim.count('code', 255) })
    case 'stopped':
      return claim.whole({ kind })
    case 'trapped':
      return claim.whole({ kind, message: claim.text('message'), frames: claim.texts('frames', trapFramesMax) })
    case 'exceeded':
    case 'poisoned':
      return claim.whole({ kind, message: claim.text('message') })
    case 'unstartable':
      return claim.whole({ kind, error: errorIn(claim.inner('error')) })
    default:
      throw new BadClaim('an outcome of an unknown kind')
  }
}

function errorIn(claim: Claim): WireError {
  const family = claim.text('family')
  if (family !== 'error' && family !== 'denial' && family !== 'fault')
    throw new BadClaim('an error of an unknown family')
  const code = claim.text('code')
  if (!Object.hasOwn(errorCodes, code)) throw new BadClaim('an error with an unknown code')
  const error = {
    family,
    code: code as ErrorCode,
    message: claim.text('message'),
    details: claim.details('details'),
  } as const
  return claim.whole(claim.has('hint') ? { ...error, hint: claim.text('hint') } : error)
}

function isFlat(value: unknown): value is string | number | boolean {
  return (
    typeof value === 'string' || typeof value === 'boolean' || (typeof value === 'number' && Number.isFinite(value))
  )
}

// A message of the guest's stands behind its head as it is: one byte that no JSON begins with, the length of the head.
const withBody = 1
const headAt = 3

function joinBody(head: Uint8Array, body: Uint8Array): Uint8Array {
  const joined = new Uint8Array(headAt + head.length + body.length)
  joined[0] = withBody
  new DataView(joined.buffer).setUint16(1, head.length, true)
  joined.set(head, headAt)
  joined.set(body, headAt + head.length)
  return joined
}

function splitBody(frame: Uint8Array): { readonly head: Uint8Array; readonly attached: Uint8Array } {
  if (frame.length < headAt) throw new BadClaim('a frame that breaks off')
  const end = headAt + new DataView(frame.buffer, frame.byteOffset).getUint16(1, true)
  if (end > frame.length) throw new BadClaim('a frame whose head is longer than itself')
  return { head: frame.subarray(headAt, end), attached: frame.subarray(end) }
}

/** How large the request may be says the slot that it is for. */
function serviceCallIn(claim: Claim, request: Uint8Array): FromChild {
  const service = claim.oneOf('service', serviceNames)
  const waitMs = claim.has('waitMs') ? { waitMs: claim.count('waitMs', requestMsMax) } : {}
  return claim.whole({ kind: 'service-call', service, number: claim.count('number'), ...waitMs, request })
}

function withBodyIn(claim: Claim, body: Uint8Array): RemoteWish {
  const kind = claim.oneOf('kind', ['prepare', 'call-answered'])
  if (kind === 'call-answered') {
    if (body.length > callAnswerBytesMax) throw new BadClaim('an answer that is larger than any')
    return claim.whole({ kind, answer: body })
  }
  const how = claim.oneOf('how', ['publish', 'reply', 'request'])
  if (body.length > messageBytesMax) throw new BadClaim('a message that is larger than any')
  const numbers = { number: claim.count('number'), waitMs: claim.count('waitMs', requestMsMax) }
  return claim.whole({ kind, how, subject: claim.text('subject'), ...numbers, body })
}

function wishIn(claim: Claim): RemoteWish {
  const kind = claim.oneOf('kind', ['commit', 'request-over', 'handled', 'unbegun', 'handler-failed', 'lifecycle'])
  switch (kind) {
    case 'commit':
    case 'unbegun':
      return claim.whole({ kind, number: claim.count('number') })
    case 'request-over':
      return claim.whole({ kind, outcome: claim.oneOf('outcome', ['answered', 'timed-out', 'given-up']) })
    case 'handled':
      return claim.whole({ kind, number: claim.count('number'), failed: claim.truth('failed') })
    case 'handler-failed':
      return claim.whole({ kind, error: claim.text('error'), unreported: claim.count('unreported') })
    case 'lifecycle':
      return claim.whole({ kind, stage: claim.oneOf('stage', lifecycleStages), words: claim.text('words') })
    default:
      return assertNever(kind)
  }
}

/** One object of a frame: members are taken by name and type, and at the end there must be none that nobody took. */
class Claim {
  readonly #members: ReadonlyMap<string, unknown>
  readonly #taken = new Set<string>()

  constructor(value: unknown) {
    if (typeof value !== 'object' || value === null || Array.isArray(value)) throw new BadClaim('not an object')
    this.#members = new Map(Object.entries(value))
  }

  has(name: string): boolean {
    return this.#members.has(name)
  }

  text(name: string, max?: number): string {
    return boundedText(this.#take(name), max)
  }

  oneOf<T extends string>(name: string, words: readonly T[]): T {
    const text = this.text(name)
    const word = words.find((each) => each === text)
    if (word === undefined) throw new BadClaim(`\`${name}\` is none of its words`)
    return word
  }

  texts(name: string, max: number): string[] {
    return this.#list(name, max).map((value) => boundedText(value))
  }

  /** A whole number from 0 on that a double holds exactly. */
  count(name: string, max: number = Number.MAX_SAFE_INTEGER): number {
    return boundedCount(this.#take(name), max)
  }

  counts(name: string): number[] {
    return this.#list(name, ledgerEntriesMax).map((value) => boundedCount(value, Number.MAX_SAFE_INTEGER))
  }

  truth(name: string): boolean {
    const value = this.#take(name)
    if (typeof value !== 'boolean') throw new BadClaim(`\`${name}\` is not true or false`)
    return value
  }

  inner(name: string): Claim {
    return new Claim(this.#take(name))
  }

  details(name: string): ErrorDetails {
    const entries = Object.entries(new Claim(this.#take(name)).#asObject())
    if (entries.length > claimedDetailsMax) throw new BadClaim('too many details')
    for (const [key, value] of entries) {
      boundedText(key)
      if (typeof value === 'string') boundedText(value)
      else if (!isFlat(value)) throw new BadClaim('details that are not plain')
    }
    return Object.fromEntries(entries)
  }

  /** @returns the message, when everything in the object belongs to it. */
  whole<T>(message: T): T {
    for (const name of this.#members.keys())
      if (!this.#taken.has(name)) throw new BadClaim('a member that does not belong')
    return message
  }

  #asObject(): object {
    return Object.fromEntries(this.#members)
  }

  #list(name: string, max: number): unknown[] {
    const value = this.#take(name)
    if (!Array.isArray(value) || value.length > max) throw new BadClaim(`\`${name}\` is not a list of at most ${max}`)
    return value
  }

  #take(name: string): unknown {
    this.#taken.add(name)
    return this.#members.get(name)
  }
}

function boundedText(value: unknown, max = claimedTextMax): string {
  if (typeof value !== 'string' || value.length > max) throw new BadClaim('not a text, or too long a one')
  return value
}

function boundedCount(value: unknown, max: number): number {
  if (typeof value !== 'number' || !Number.isSafeInteger(value) || value < 0 || value > max) {
    throw new BadClaim('not a number, or out of its bounds')
  }
  return value
}

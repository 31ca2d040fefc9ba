import type { PreparedComponent } from '@bulkhead/component'
import { uncallable } from '@bulkhead/contracts'
import { defaultLimitsDocument, type NarrowedLimits } from '@bulkhead/security-context'
import { BulkheadError } from '@bulkhead/vocabulary'
import { hasMailbox, type MessageRole } from './message-member.js'
import type { MessageQuota } from './message-rates.js'

const handler = 'wasmcloud:messaging/handler'
const consumer = 'wasmcloud:messaging/consumer'
const incomingHandler = 'wasi:http/incoming-handler'

/**
 * What a component does with messages: its exports and imports say so.
 *
 * @param kind of the child: as a command it is run, and handles nothing
 */
export function roleOf(
  { exports, imports, functions }: Pick<PreparedComponent, 'exports' | 'imports' | 'functions'>,
  kind: string | undefined,
): MessageRole {
  const isCalled = kind !== 'command' && functions.some((fn) => uncallable(fn) === undefined)
  return {
    handles: kind !== 'command' && exports.some((name) => isOf(handler, name)),
    sends: imports.some((name) => isOf(consumer, name)),
    servesHttp: kind !== 'command' && exports.some((name) => isOf(incomingHandler, name)),
    ...(isCalled ? { functions } : {}),
  }
}

/** Names stand with their version or without. */
function isOf(contract: string, name: string): boolean {
  return name === contract || name.startsWith(`${contract}@`)
}

/** @throws {BulkheadError} `component-invalid` where messages or requests are expected to be handled and nothing handles them. */
export function refuseWhatHandlesNothing(
  { instances, kind }: { readonly instances: number; readonly kind: string | undefined },
  role: MessageRole,
  where: string,
): void {
  if (isFit(kind, role) || (instances === 1 && (kind === undefined || kind === 'command'))) return
  const why = instances > 1 ? `it has ${instances} instances` : `its kind is \`${kind}\``
  const [does, exported] = wanted(kind)
  throw new BulkheadError('component-invalid', `${where}: ${why}, and the component ${does}`, {
    hint: `a component that does exports ${exported}`,
  })
}

function isFit(kind: string | undefined, role: MessageRole): boolean {
  if (kind === 'actor') return role.handles
  if (kind === 'service') return role.servesHttp === true
  return kind === 'library' ? role.functions !== undefined : hasMailbox(role)
}

function wanted(kind: string | undefined): readonly [does: string, exported: string] {
  if (kind === 'service') return ['answers no HTTP requests', `${incomingHandler}@0.2.12`]
  if (kind === 'library') return ['has no functions to call', 'functions over plain values']
  return ['handles no messages', `${handler}@0.2.0`]
}

/** The quota of messages that documents and defaults come to. */
export function messageQuotaOf({ messagesPerHour }: NarrowedLimits): MessageQuota {
  return {
    rate: { amount: messagesPerHour.value, perMs: 3_600_000 },
    written: messagesPerHour.document !== defaultLimitsDocument,
  }
}

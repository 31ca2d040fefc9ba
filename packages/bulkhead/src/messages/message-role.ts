import type { PreparedComponent } from '@bulkhead/component'
import { defaultLimitsDocument, type NarrowedLimits } from '@bulkhead/security-context'
import { BulkheadError } from '@bulkhead/vocabulary'
import type { MessageRole } from './message-member.js'
import type { MessageQuota } from './message-rates.js'

const handler = 'wasmcloud:messaging/handler'
const consumer = 'wasmcloud:messaging/consumer'

/**
 * What a component does with messages: its exports and imports say so.
 *
 * @param kind of the child: as a command it is run, and handles nothing
 */
export function roleOf(
  { exports, imports }: Pick<PreparedComponent, 'exports' | 'imports'>,
  kind: string | undefined,
): MessageRole {
  return {
    handles: kind !== 'command' && exports.some((name) => isOf(handler, name)),
    sends: imports.some((name) => isOf(consumer, name)),
  }
}

/** Names stand with their version or without. */
function isOf(contract: string, name: string): boolean {
  return name === contract || name.startsWith(`${contract}@`)
}

/** @throws {BulkheadError} `component-invalid` where messages are expected to be handled and nothing handles them. */
export function refuseWhatHandlesNothing(
  { instances, kind }: { readonly instances: number; readonly kind: string | undefined },
  role: MessageRole,
  where: string,
): void {
  if (role.handles || (instances === 1 && kind !== 'actor')) return
  const why = kind === 'actor' ? 'its kind is `actor`' : `it has ${instances} instances`
  throw new BulkheadError('component-invalid', `${where}: ${why}, and the component handles no messages`, {
    hint: `a component that does exports ${handler}@0.2.0`,
  })
}

/** The quota of messages that documents and defaults come to. */
export function messageQuotaOf({ messagesPerHour }: NarrowedLimits): MessageQuota {
  return {
    rate: { amount: messagesPerHour.value, perMs: 3_600_000 },
    written: messagesPerHour.document !== defaultLimitsDocument,
  }
}

import type { ChildSpec, Lifetime } from '@bulkhead/manifest'
import { BulkheadError } from '@bulkhead/vocabulary'
import { callIdleMs } from '../limits.js'
import { hasMailbox, type MessageRole } from '../messages/message-member.js'

/** After how many messages a run of such a child is over; `undefined`: it serves until it is stopped. */
export function messagesOf({ kind }: Lifetime): number | undefined {
  return kind === 'call' ? 1 : undefined
}

/** Whether a child is started by what comes for it. A library is: it has nothing to do until it is called. */
export function sleepsUntilCalled({ kind }: Lifetime, componentKind: string | undefined): boolean {
  return kind !== 'forever' || componentKind === 'library'
}

/** After what time without work a run is stopped; `undefined`: it runs on. */
export function idleMsOf(lifetime: Lifetime): number | undefined {
  if (lifetime.kind === 'idle') return lifetime.afterMs
  // Woken for a message that somebody else has handled meanwhile, or moved down the ladder without one.
  return lifetime.kind === 'call' ? callIdleMs : undefined
}

/** @throws {BulkheadError} `component-invalid` where nothing could ever wake a child that is to sleep. */
export function refuseWhatNothingWakes(
  { lifetime }: Pick<ChildSpec, 'lifetime'>,
  role: MessageRole,
  where: string,
): void {
  if (lifetime.kind === 'forever' || hasMailbox(role)) return
  const written = lifetime.kind === 'call' ? 'call' : 'idle …'
  throw new BulkheadError('component-invalid', `${where}: its lifetime is \`${written}\`, and it handles no messages`, {
    hint: 'messages wake a child: write lifetime = "forever", or export wasmcloud:messaging/handler@0.2.0',
  })
}

import { BulkheadError } from '@bulkhead/vocabulary'
import type { GuestHost } from '@bulkhead/wasi'
import { lifecycleTextMax } from '../limits.js'
import type { LifecycleEvent } from '../message-protocol.js'
import type { Stopping } from '../messages/stopping.js'

/** `bulkhead:actor/lifecycle` as the glue offers it: the error of `init` and of `health` is thrown as it is. */
export type GuestLifecycle = {
  readonly init?: () => void
  readonly health?: () => void
  readonly shutdown?: () => void
}

export type LifecyclePowers = {
  readonly host: Pick<GuestHost, 'flush' | 'ended'>
  readonly stopping: Pick<Stopping, 'inMessage'>
  /** The guest is about to be entered: what the glue copies from now on is for this call. */
  readonly begin: () => void
  readonly post: (event: LifecycleEvent) => void
}

/**
 * Calls its `init`, once, before it is ready: as a part of its start, and in the time that a start may take.
 *
 * @throws {BulkheadError} `guest-error` with the words that it returned as its error.
 */
export function initialise({ init }: GuestLifecycle, host: Pick<GuestHost, 'ended'>): void {
  const error = init && errorOf(init, host)
  if (error === undefined) return
  throw new BulkheadError('guest-error', `its \`init\` failed: ${error}`, {
    hint: 'these are the words of the component itself: `bulkhead logs` shows what else it said',
  })
}

/**
 * Calls its `shutdown`, when everything that it was handed is done and nothing more comes. It is waited for as a message in
 * hand is: who asked for the stop says for how long.
 */
export function shutDown({ shutdown }: GuestLifecycle, { host, stopping, begin, post }: LifecyclePowers): void {
  if (shutdown === undefined) return
  post({ kind: 'lifecycle', stage: 'shutdown', words: '' })
  stopping.inMessage = true
  begin()
  errorOf(shutdown, host)
  stopping.inMessage = false
}

/** The text that it returned as its error, cut; `undefined` where it returned none. What ends the guest is thrown. */
export function errorOf(call: () => void, host: Pick<GuestHost, 'ended'>): string | undefined {
  const error = returned(call)
  // A guest may catch what a host function throws, and return as if nothing was.
  const ended = host.ended()
  if (ended !== undefined) throw ended
  return error
}

function returned(call: () => void): string | undefined {
  try {
    call()
    return undefined
  } catch (thrown) {
    if (typeof thrown === 'string') return inOneLine(thrown)
    throw thrown
  }
}

/** A line of its own for a screen is nothing that a component's words may begin. */
function inOneLine(words: string): string {
  return words.slice(0, lifecycleTextMax).replace(/[\p{C}\p{Z}]/gu, (char) => (char === ' ' ? char : '\u{fffd}'))
}

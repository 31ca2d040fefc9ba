import { setTimeout } from 'node:timers/promises'

/** Resolves after a time, or as soon as `signal` says that nobody waits any more. */
export async function pause(ms: number, signal?: AbortSignal): Promise<void> {
  await setTimeout(ms, undefined, signal === undefined ? {} : { signal }).catch(() => {})
}

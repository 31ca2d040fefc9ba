// What a process manager is told (sd_notify): in order, one thing after the other, and never so that anybody waits for it.

import { extendTimeoutUs, extensionEveryMs } from '../limits.js'

/** Hands assignments such as `READY=1` to the manager; resolves when they are delivered. @throws when they cannot be. */
export type Deliver = (assignments: readonly string[]) => Promise<void>

export type NotifierPowers = {
  readonly deliver: Deliver
  /** Microseconds of the system's monotonic clock. */
  readonly monotonicUs: () => bigint
  /** Calls back again and again until the returned function is called; keeps no process alive. */
  readonly every: (ms: number, act: () => void) => () => void
  /** Told once, when the manager cannot be told anything. */
  readonly onFailure: (reason: string) => void
}

export type WatchdogTerms = { readonly everyMs: number; readonly isLive: () => boolean }

export class Notifier {
  readonly #powers: NotifierPowers
  #last: Promise<void> = Promise.resolve()
  #hasFailed = false
  #waiting = 0
  #status = ''
  #extendedAtUs = 0n
  #endWatchdog = (): void => {}

  constructor(powers: NotifierPowers) {
    this.#powers = powers
  }

  /** Something is still being prepared: the manager gives it more time to start. */
  preparing(what: string): void {
    const nowUs = this.#powers.monotonicUs()
    if (this.#extendedAtUs !== 0n && nowUs - this.#extendedAtUs < BigInt(extensionEveryMs) * 1000n) return
    this.#extendedAtUs = nowUs
    this.#send([`EXTEND_TIMEOUT_USEC=${extendTimeoutUs}`, `STATUS=${oneLine(what)}`])
  }

  ready(status: string): void {
    this.#status = status
    this.#send(['READY=1', `STATUS=${oneLine(status)}`])
  }

  /** A reload has begun; it is over with the next {@link ready}. */
  reloading(): void {
    this.#send(['RELOADING=1', `MONOTONIC_USEC=${this.#powers.monotonicUs()}`])
  }

  stopping(status: string): void {
    this.#endWatchdog()
    this.#send(['STOPPING=1', `STATUS=${oneLine(status)}`])
  }

  /** One line that says how it goes; told when it is another one than before. */
  status(text: string): void {
    if (text === this.#status) return
    this.#status = text
    this.#send([`STATUS=${oneLine(text)}`])
  }

  /** Says again and again that the process lives, and does not while it does not. */
  watch({ everyMs, isLive }: WatchdogTerms): void {
    this.#endWatchdog = this.#powers.every(everyMs, () => {
      // One that is still on its way says the same.
      if (this.#waiting === 0 && isLive()) this.#send(['WATCHDOG=1'])
    })
  }

  /** Resolves when everything was delivered. */
  async close(): Promise<void> {
    this.#endWatchdog()
    await this.#last
  }

  #send(assignments: readonly string[]): void {
    if (this.#hasFailed) return
    this.#waiting++
    this.#last = this.#last
      .then(async () => {
        if (!this.#hasFailed) await this.#powers.deliver(assignments)
      })
      .catch((thrown) => {
        this.#hasFailed = true
        this.#powers.onFailure(thrown instanceof Error ? thrown.message : String(thrown))
      })
      .finally(() => {
        this.#waiting--
      })
  }
}

/**
 * How often the watchdog wants to hear of this process: half of its time, as it asks for.
 *
 * @returns `undefined` where there is none, or where it waits for another process
 */
export function watchdogMs(environment: Readonly<Record<string, string | undefined>>, pid: number): number | undefined {
  const { WATCHDOG_USEC: time, WATCHDOG_PID: watched } = environment
  if (time === undefined || !/^[1-9]\d{0,15}$/.test(time)) return undefined
  if (watched !== undefined && watched !== String(pid)) return undefined
  return Math.max(1, Math.floor(Number(time) / 2_000))
}

/** A status is one line: whatever stands in a child's words ends no assignment. */
function oneLine(text: string): string {
  return text.replace(/\p{Cc}+/gu, ' ')
}

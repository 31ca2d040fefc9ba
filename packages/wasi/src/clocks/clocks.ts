import type { StreamClasses } from '../io/stream-classes.js'
import type { InterfaceImplementation } from '../link.js'
import type { HostPowers } from '../powers.js'

type ClockPowers = Pick<HostPowers, 'monotonicNs' | 'wallMs'> & { readonly streams: StreamClasses }

const u64Max = 2n ** 64n - 1n

/** `wasi:clocks/monotonic-clock`. Instants count from the runtime's start, not from the machine's. */
export function monotonicClock({ monotonicNs, streams }: ClockPowers): InterfaceImplementation {
  const timer = (dueNs: bigint): object =>
    streams.pollable.mint({ ready: () => monotonicNs() >= dueNs, dueNs, drop() {} })
  return {
    name: 'wasi:clocks/monotonic-clock',
    functions: {
      now: () => monotonicNs(),
      resolution: () => 1n,
      'subscribe-instant': (when: bigint) => timer(when),
      'subscribe-duration': (duration: bigint) => {
        const dueNs = monotonicNs() + duration
        return timer(dueNs > u64Max ? u64Max : dueNs)
      },
    },
  }
}

/** `wasi:clocks/wall-clock`: milliseconds, as the host tells them. */
export function wallClock({ wallMs }: ClockPowers): InterfaceImplementation {
  return {
    name: 'wasi:clocks/wall-clock',
    functions: {
      now: () => {
        const ms = wallMs()
        return { seconds: BigInt(Math.floor(ms / 1000)), nanoseconds: Math.floor((ms % 1000) * 1e6) }
      },
      resolution: () => ({ seconds: 0n, nanoseconds: 1_000_000 }),
    },
  }
}

/** `wasi:clocks/timezone`: where the host is, is none of the guest's business. */
export const timezone: InterfaceImplementation = {
  name: 'wasi:clocks/timezone',
  functions: {
    display: () => ({ utcOffset: 0, name: 'UTC', inDaylightSavingTime: false }),
    'utc-offset': () => 0,
  },
}

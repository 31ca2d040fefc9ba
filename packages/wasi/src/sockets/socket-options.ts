import { fail } from '../wasi-failure.js'

const nanoseconds = 1_000_000_000n
const secondsMax = 32_767n
/** What Node sets where it turns keep-alive on, and nobody can change. */
const keepAliveIntervalNs = nanoseconds
const keepAliveCount = 10
/** What a connection's streams buffer on their way, whatever the guest asks for. */
const bufferBytes = 65_536n
/** The system's own, which Node cannot change for TCP. */
const hopLimit = 64

/**
 * The options of a TCP socket. WIT lets a host round them and bound them as it can: that is what happens to those that Node
 * cannot set. A value of 0 is `invalid-argument`.
 */
export class TcpOptions {
  keepAlive = false
  /** Seconds of silence before the first probe. */
  keepAliveIdle: number

  constructor(inherited?: TcpOptions) {
    this.keepAlive = inherited?.keepAlive ?? false
    this.keepAliveIdle = inherited?.keepAliveIdle ?? 7_200
  }

  /** As the service is told: seconds, 0 for none. */
  get keepAliveSeconds(): number {
    return this.keepAlive ? this.keepAliveIdle : 0
  }

  get idleNs(): bigint {
    return BigInt(this.keepAliveIdle) * nanoseconds
  }

  set idleNs(value: bigint) {
    const seconds = (positive(value) + nanoseconds - 1n) / nanoseconds
    this.keepAliveIdle = Number(seconds > secondsMax ? secondsMax : seconds)
  }
}

/** Options of which there is one value. */
export const fixedOptions = { keepAliveIntervalNs, keepAliveCount, bufferBytes, hopLimit } as const

export function positive<Value extends number | bigint>(value: Value): Value {
  return value > 0 ? value : fail('invalid-argument')
}

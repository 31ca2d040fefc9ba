import type { InterfaceImplementation } from '../link.js'
import type { ResourceClass, ResourceState } from '../resource-class.js'

/** What stands behind a `request-options`: durations in nanoseconds. */
export type RequestOptions = ResourceState & {
  connectTimeout: bigint | undefined
  firstByteTimeout: bigint | undefined
  betweenBytesTimeout: bigint | undefined
}

export function optionsFunctions(options: ResourceClass<RequestOptions>): InterfaceImplementation['functions'] {
  const make = (): RequestOptions => ({
    connectTimeout: undefined,
    firstByteTimeout: undefined,
    betweenBytesTimeout: undefined,
    drop() {},
  })
  return {
    '[constructor]request-options': () => options.mint(make()),
    '[method]request-options.connect-timeout': (self: RequestOptions) => self.connectTimeout,
    '[method]request-options.set-connect-timeout': (self: RequestOptions, duration: bigint | undefined) => {
      self.connectTimeout = duration
    },
    '[method]request-options.first-byte-timeout': (self: RequestOptions) => self.firstByteTimeout,
    '[method]request-options.set-first-byte-timeout': (self: RequestOptions, duration: bigint | undefined) => {
      self.firstByteTimeout = duration
    },
    '[method]request-options.between-bytes-timeout': (self: RequestOptions) => self.betweenBytesTimeout,
    '[method]request-options.set-between-bytes-timeout': (self: RequestOptions, duration: bigint | undefined) => {
      self.betweenBytesTimeout = duration
    },
  }
}

/** In milliseconds as the network's service takes them: at least one, because none means that nothing was said. */
export function timeoutMs(duration: bigint | undefined): number {
  if (duration === undefined) return 0
  const ms = (duration + 999_999n) / 1_000_000n
  return ms < 1n ? 1 : Number(ms < 0xffff_ffffn ? ms : 0xffff_ffffn)
}

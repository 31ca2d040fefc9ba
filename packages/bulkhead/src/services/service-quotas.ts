import type { RateSettings } from '@bulkhead/quota'
import type { NarrowedLimits } from '@bulkhead/security-context'
import { requestsUnlimitedPerHour } from './limits.js'

/** What one run may use of the services that all actors share. Zero is nothing. */
export type ServiceQuotas = {
  readonly storageBytes: number
  /** Bytes of both directions together. */
  readonly bandwidth: RateSettings
  /** HTTP requests. */
  readonly requests: RateSettings
}

const none: RateSettings = { rate: { amount: 0, perMs: 1_000 } }

/** What a run has that has no services. */
export const nothing: ServiceQuotas = { storageBytes: 0, bandwidth: none, requests: none }

const hourMs = 3_600_000

/**
 * The quotas that documents leave a run, its rates divided by what its rung takes away; none becomes zero by rounding. Who
 * has no quota of requests has none on any rung.
 */
export function serviceQuotas(limits: NarrowedLimits, rateDivisor = 1): ServiceQuotas {
  const slower = (perHour: number, divisor = rateDivisor): RateSettings => ({
    rate: { amount: Math.ceil(perHour / divisor), perMs: hourMs },
  })
  const { storageBytes, networkBytesPerHour, requestsPerHour } = limits
  return {
    storageBytes: storageBytes.value,
    bandwidth: slower(networkBytesPerHour.value),
    requests: requestsPerHour === undefined ? slower(requestsUnlimitedPerHour, 1) : slower(requestsPerHour.value),
  }
}

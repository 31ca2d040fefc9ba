// Every quantity that people write (`64MiB`, `30s`, `1000/s`) is parsed here, once, to an integer with its unit in the
// name. Each parser returns `undefined` for text that is not of its form: the caller knows the file, line and column.

const BYTES = /^(0|[1-9][0-9]{0,15})(B|KiB|MiB|GiB|TiB)$/
const BYTE_FACTORS = { B: 1, KiB: 1024, MiB: 1024 ** 2, GiB: 1024 ** 3, TiB: 1024 ** 4 } as const
const DURATION = /^(0|[1-9][0-9]{0,15})(ms|s|m|h|d)$/
const DURATION_FACTORS = { ms: 1, s: 1000, m: 60_000, h: 3_600_000, d: 86_400_000 } as const
const PER_MS = { s: 1000, m: 60_000, h: 3_600_000 } as const

/** A rate: `amount` units in every `perMs` milliseconds. */
export type Rate = { readonly amount: number; readonly perMs: number }

/** `"64MiB"` → 67108864. A whole number and one of B, KiB, MiB, GiB, TiB; at most `Number.MAX_SAFE_INTEGER`. */
export function parseBytes(text: string): number | undefined {
  const match = BYTES.exec(text)
  if (match === null) return undefined
  const value = Number(match[1]) * BYTE_FACTORS[match[2] as keyof typeof BYTE_FACTORS]
  return Number.isSafeInteger(value) ? value : undefined
}

/** `"30s"` → 30000 (milliseconds). A whole number and one of ms, s, m, h, d. */
export function parseDuration(text: string): number | undefined {
  const match = DURATION.exec(text)
  if (match === null) return undefined
  const value = Number(match[1]) * DURATION_FACTORS[match[2] as keyof typeof DURATION_FACTORS]
  return Number.isSafeInteger(value) ? value : undefined
}

/** `"1000/s"` → `{ amount: 1000, perMs: 1000 }`. N/s, N/m or N/h. */
export function parseRate(text: string): Rate | undefined {
  const match = /^(0|[1-9][0-9]{0,15})\/(s|m|h)$/.exec(text)
  if (match === null) return undefined
  const amount = Number(match[1])
  return Number.isSafeInteger(amount) ? { amount, perMs: PER_MS[match[2] as keyof typeof PER_MS] } : undefined
}

/** `"1000/s"` → 3600000: the same rate by the hour, which is a whole number for each that can be written. */
export function parsePerHour(text: string): number | undefined {
  const rate = parseRate(text)
  const amount = rate && rate.amount * (3_600_000 / rate.perMs)
  return Number.isSafeInteger(amount) ? amount : undefined
}

/** `"10MiB/s"` → `{ amount: 10485760, perMs: 1000 }`. */
export function parseByteRate(text: string): Rate | undefined {
  const slash = text.lastIndexOf('/')
  if (slash === -1) return undefined
  const amount = parseBytes(text.slice(0, slash))
  const unit = text.slice(slash + 1)
  if (amount === undefined || !(unit === 's' || unit === 'm' || unit === 'h')) return undefined
  return { amount, perMs: PER_MS[unit] }
}

/** `"10MiB/s"` → 37748736000: the same by the hour, a whole number of bytes for each that can be written. */
export function parseBytesPerHour(text: string): number | undefined {
  const rate = parseByteRate(text)
  const amount = rate && rate.amount * (3_600_000 / rate.perMs)
  return Number.isSafeInteger(amount) ? amount : undefined
}

/** `"50%"` → 50. A whole number of percent of one core; may be above 100. */
export function parsePercent(text: string): number | undefined {
  const match = /^(0|[1-9][0-9]{0,5})%$/.exec(text)
  return match === null ? undefined : Number(match[1])
}

/** 3600000 → `"1000/s"`: by the second, else the minute, where that is whole; as `parseRate` reads it back. */
export function formatPerHour(perHour: number): string {
  if (perHour % 3_600 === 0) return `${perHour / 3_600}/s`
  return perHour % 60 === 0 ? `${perHour / 60}/m` : `${perHour}/h`
}

/** 67108864 → `"64 MiB"`: for people, at most one decimal. */
export function formatBytes(bytes: number): string {
  for (const unit of ['TiB', 'GiB', 'MiB', 'KiB'] as const) {
    const factor = BYTE_FACTORS[unit]
    if (bytes >= factor) return `${trimZero((bytes / factor).toFixed(1))} ${unit}`
  }
  return `${bytes} B`
}

/** 1500 → `"1.5 s"`, 12 → `"12 ms"`, 0.25 → `"0.25 ms"`: for people. */
export function formatDuration(ms: number): string {
  if (ms < 10) return `${trimZero(ms.toFixed(2))} ms`
  if (ms < 1000) return `${Math.round(ms)} ms`
  if (ms < 120_000) return `${trimZero((ms / 1000).toFixed(1))} s`
  return `${trimZero((ms / 60_000).toFixed(1))} min`
}

const AGE_UNITS = [
  ['d', 86_400],
  ['h', 3_600],
  ['min', 60],
  ['s', 1],
] as const

/** 123456 → `"2 min 3 s"`: for people, in whole seconds and at most two units. What lies before its beginning is `0 s`. */
export function formatAge(ms: number): string {
  let rest = Math.max(0, Math.floor(ms / 1_000))
  const parts: string[] = []
  for (const [unit, size] of AGE_UNITS) {
    const whole = Math.floor(rest / size)
    rest -= whole * size
    if (whole > 0 || parts.length > 0) parts.push(`${whole} ${unit}`)
    if (parts.length === 2) break
  }
  return parts.length === 0 ? '0 s' : parts.filter((part) => !part.startsWith('0 ')).join(' ')
}

function trimZero(decimal: string): string {
  return decimal.includes('.') ? decimal.replace(/\.?0+$/, '') : decimal
}

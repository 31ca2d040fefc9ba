const bytesIn = [
  ['TiB', 1024 ** 4],
  ['GiB', 1024 ** 3],
  ['MiB', 1024 ** 2],
  ['KiB', 1024],
  ['B', 1],
] as const
const msIn = [
  ['d', 86_400_000],
  ['h', 3_600_000],
  ['m', 60_000],
  ['s', 1000],
  ['ms', 1],
] as const

/** 67108864 → `64MiB`: in the largest unit that loses nothing, as `parseBytes` reads it back. */
export function exactBytes(bytes: number): string {
  return exact(bytes, bytesIn)
}

/** 235929600 → `64KiB/s`: by the second, else the minute, where that is whole; as `parseBytesPerHour` reads it back. */
export function exactBytesPerHour(perHour: number): string {
  if (perHour % 3_600 === 0) return `${exactBytes(perHour / 3_600)}/s`
  return perHour % 60 === 0 ? `${exactBytes(perHour / 60)}/m` : `${exactBytes(perHour)}/h`
}

/** 67108864 → `64Mi`: the same for Kubernetes' suffixes; bytes have none. */
export function exactMemory(bytes: number): string {
  return exactBytes(bytes).replace(/i?B$/, (suffix) => suffix.slice(0, -1))
}

/** 90000 → `90s`: in the largest unit that loses nothing, as `parseDuration` reads it back. */
export function exactDuration(ms: number): string {
  return exact(ms, msIn)
}

function exact(amount: number, units: readonly (readonly [string, number])[]): string {
  const [unit, factor] = units.find(([, size]) => amount >= size && amount % size === 0) ?? units.at(-1) ?? ['', 1]
  return `${amount / factor}${unit}`
}

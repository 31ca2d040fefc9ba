import { quote } from '@bulkhead/document'
import type { z } from 'zod'
import { customIssue } from './custom-issue.js'
import { cpuPercentMax, memoryBytesMax } from './limits.js'

// Kubernetes' quantities, as Wassette reads them: processors in cores or thousandths, memory in bytes with a suffix.

const cores = /^(\d{1,6})(?:\.(\d{1,9}))?$/
const thousandths = /^(\d{1,9})m$/
const memory = /^(\d{1,15})(Ki|Mi|Gi|Ti|k|K|M|G|T)?$/
const factors = {
  Ki: 1024,
  Mi: 1024 ** 2,
  Gi: 1024 ** 3,
  Ti: 1024 ** 4,
  k: 1e3,
  K: 1e3,
  M: 1e6,
  G: 1e9,
  T: 1e12,
} as const

/** `"500m"` → 50, `"1"` and 1 → 100: percent of one core, rounded down. `undefined` for anything else. */
export function parseCores(written: string | bigint | number): number | undefined {
  const text = String(written)
  const inThousandths = thousandths.exec(text)
  if (inThousandths !== null) return Math.floor(Number(inThousandths[1]) / 10)
  const [, whole, fraction = ''] = cores.exec(text) ?? []
  // By digits: 0.29 × 100 is 28.999… in binary fractions.
  return whole === undefined ? undefined : Number(whole) * 100 + Number(fraction.padEnd(2, '0').slice(0, 2))
}

/** Bytes. A number without quotes is in MiB, as in Wassette's first documents. `undefined` for anything else. */
export function parseMemory(written: string | bigint): number | undefined {
  if (typeof written === 'bigint') return written < 0n ? undefined : Number(written) * factors.Mi
  const match = memory.exec(written)
  if (match === null) return undefined
  const suffix = match[2] as keyof typeof factors | undefined
  return Number(match[1]) * (suffix === undefined ? 1 : factors[suffix])
}

/** The memory limit that a document means: no linear memory is larger than 4 GiB. */
export function memoryLimit(bytes: number): number {
  return Math.min(bytes, memoryBytesMax)
}

const coresHint = 'write thousandths of a core as `"500m"`, or cores as `"1"`'
const memoryHint = 'write `"64Mi"` (Ki, Mi, Gi, Ti; k, M, G, T; bytes without a suffix)'

export const checkCpuCores: z.core.CheckFn<string | bigint | number> = ({ value, issues }) => {
  const percent = parseCores(value)
  if (percent === undefined) {
    issues.push(customIssue(value, `${quote(String(value))} is no number of processors`, coresHint))
  } else {
    issues.push(...percentIssues(value, percent, 'at least `"10m"`, at most `"1000"`'))
  }
}

export const checkCpuPercent: z.core.CheckFn<bigint | number> = ({ value, issues }) => {
  issues.push(...percentIssues(value, Math.floor(Number(value)), `at least 1, at most ${cpuPercentMax}`))
}

export const checkMemory: z.core.CheckFn<string | bigint> = ({ value, issues }) => {
  const bytes = parseMemory(value)
  if (bytes === undefined) {
    issues.push(customIssue(value, `${quote(String(value))} is not a size`, memoryHint))
  } else if (bytes === 0 || !Number.isSafeInteger(bytes)) {
    issues.push(customIssue(value, `${quote(String(value))} is out of range`, 'at least one byte'))
  }
}

function percentIssues(value: unknown, percent: number, hint: string) {
  if (percent >= 1 && percent <= cpuPercentMax) return []
  return [customIssue(value, `${quote(String(value))} is out of range`, hint)]
}

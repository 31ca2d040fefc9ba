import { cpuSamplesMax, cpuStopFactor, cpuWindowMs } from '../limits.js'

/** Processor time of one thread, as the operating system counts it. Both in milliseconds. */
export type CpuSample = { readonly atMs: number; readonly cpuMs: number }
/** Oldest first: the samples of the window and the last one before it. */
export type CpuWindow = readonly CpuSample[]

/** `dutyPercent`: of one core, over the window. */
export type CpuVerdict = {
  readonly kind: 'within' | 'over' | 'stop'
  readonly dutyPercent: number
}

const samplesApartMs = cpuWindowMs / (cpuSamplesMax - 2)

/** The window with one more sample. Samples closer together than the bound allows replace each other. */
export function noteCpu(window: CpuWindow, sample: CpuSample): CpuWindow {
  const [last, beforeLast] = [window.at(-1), window.at(-2)]
  const isClose = last !== undefined && beforeLast !== undefined && last.atMs - beforeLast.atMs < samplesApartMs
  const all = [...(isClose ? window.slice(0, -1) : window), sample]
  const first = all.findLastIndex(({ atMs }) => atMs <= sample.atMs - cpuWindowMs)
  return first === -1 ? all : all.slice(first)
}

/**
 * How the thread stands to its share. `over` asks the guard for delays; `stop` is said only of a whole window above twice
 * the share: of a guest that makes no host call on which it could be delayed.
 *
 * @param sharePercent percent of one core; may be above 100.
 */
export function cpuVerdict(window: CpuWindow, sharePercent: number): CpuVerdict {
  const [first, last] = [window[0], window.at(-1)]
  if (first === undefined || last === undefined || last.atMs === first.atMs) return { kind: 'within', dutyPercent: 0 }
  const spanMs = last.atMs - first.atMs
  const dutyPercent = ((last.cpuMs - first.cpuMs) / spanMs) * 100
  const isStopped = spanMs >= cpuWindowMs && dutyPercent > cpuStopFactor * sharePercent
  return { kind: isStopped ? 'stop' : dutyPercent > sharePercent ? 'over' : 'within', dutyPercent }
}

import { memoryLookMs } from './limits.js'

/**
 * Watches what a process really holds, for hosts that can set no limit in the kernel, and for what a limit of a process
 * does not count. It ends with the answer of `stop`, or by itself once it has called back.
 */
export function watchMemory(
  heldBytes: () => number,
  bytesMax: number,
  onExceeded: (bytes: number) => void,
): { readonly stop: () => void } {
  const timer = setInterval(() => {
    const bytes = heldBytes()
    if (bytes <= bytesMax) return
    clearInterval(timer)
    onExceeded(bytes)
  }, memoryLookMs)
  timer.unref()
  return { stop: () => clearInterval(timer) }
}

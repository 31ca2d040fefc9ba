import { quarantineFactor, quarantineFirstMs, quarantinesTimed } from '../limits.js'

/**
 * How long the next quarantine lasts, in milliseconds: 5 min, 10 min, 20 min; `undefined` means until released.
 *
 * @param earlier how often the child was quarantined before.
 */
export function quarantineTermMs(earlier: number): number | undefined {
  return earlier < quarantinesTimed ? quarantineFirstMs * quarantineFactor ** earlier : undefined
}

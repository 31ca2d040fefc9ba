import { canaryRateDivisor, reducedDivisor } from '../limits.js'
import type { RunLevel } from './ladder.js'

/** What a rung takes away. `capabilities`: all that was granted, or only what the component cannot do without. */
export type Reduction = {
  readonly capabilities: 'all' | 'required'
  readonly rateDivisor: number
  readonly memoryDivisor: number
}

const nothingTaken: Reduction = { capabilities: 'all', rateDivisor: 1, memoryDivisor: 1 }

/**
 * What is taken from a child on its rung (DESIGN §4): above `thread` its optional capabilities and half of its rates and
 * memory; on trial nine tenths of its rates. Never more is given back than was granted: 1 is the least divisor.
 */
export function reductionAt({ level, canary }: { readonly level: RunLevel; readonly canary: boolean }): Reduction {
  if (level === 'thread' && !canary) return nothingTaken
  const rateDivisor = canary ? canaryRateDivisor : reducedDivisor
  return { capabilities: 'required', rateDivisor, memoryDivisor: reducedDivisor }
}

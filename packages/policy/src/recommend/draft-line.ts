import type { TalliedAccess } from './access-tally.js'

/** How a pattern came about: from one name, or from what several had in common. */
export type Origination = 'exact' | 'siblings' | 'varying' | 'below' | 'domain' | 'kept'

/** A pattern on its way to being a line, with the accesses that it is there for. */
export type DraftLine = {
  readonly pattern: string
  readonly how: Origination
  readonly members: readonly TalliedAccess[]
}

/** Whether a generalised pattern may be recommended: it covers nothing that was refused. */
export type MayCover<Pattern> = (pattern: Pattern) => boolean

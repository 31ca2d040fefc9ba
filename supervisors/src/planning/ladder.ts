/** The rungs of the isolation ladder (DESIGN §4), from the freest to the one on which nothing runs. */
export const levels = ['thread', 'reduced', 'process', 'quarantine'] as const
export type Level = (typeof levels)[number]
/** A rung on which a child runs; `quarantine` is no such place. */
export type RunLevel = Exclude<Level, 'quarantine'>

/** A wall of the operating system that a rung needs. */
export type Wall = 'bubblewrap'
/** The walls that are up on this host. */
export type Walls = ReadonlySet<Wall>

/** The next rung up. Without bubblewrap there is no rung `process`, and `reduced` is followed by `quarantine`. */
export function rungAbove(level: RunLevel, walls: Walls): Level {
  switch (level) {
    case 'thread':
      return 'reduced'
    case 'reduced':
      return walls.has('bubblewrap') ? 'process' : 'quarantine'
    case 'process':
      return 'quarantine'
  }
}

/** One rung down, towards what was granted; `thread` is the lowest. */
export function rungBelow(level: RunLevel): RunLevel {
  return level === 'process' ? 'reduced' : 'thread'
}

/** How many rungs a level is above `thread`. */
export function rungsOf(level: Level): number {
  return levels.indexOf(level)
}

/** The more isolated of the two. */
export function stricter(one: Level, other: Level): Level {
  return rungsOf(one) >= rungsOf(other) ? one : other
}

/** The rung on which a quarantined child is tried again: the highest on which anything runs here. */
export function canaryLevel(walls: Walls): RunLevel {
  return walls.has('bubblewrap') ? 'process' : 'reduced'
}

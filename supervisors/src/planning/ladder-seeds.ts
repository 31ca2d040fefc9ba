import { freshScore, scoreAt } from './isolation-score.js'
import { canaryLevel, type RunLevel, rungBelow, rungsOf, stricter, type Walls } from './ladder.js'
import { type Accounts, freshAccounts, type Quarantine } from './ladder-accounts.js'
import type { LadderTiming } from './ladder-timing.js'

// Seeds: what the past of a component's code, and of where it comes from, gives to a child that was never seen before, so
// that neither a new name nor a new byte launders anything. A child that is known has a past of its own and takes no seed.

/** The past of some code or origin. `sinceMs`: when it last got worse, or was believed to have got better. */
export type Seed = { readonly accounts: Accounts; readonly sinceMs: number }

/** The seed now: nobody runs on it, so that time alone takes it down, rung by rung; not where security holds it. */
export function agedSeed({ accounts, sinceMs }: Seed, nowMs: number, timing: LadderTiming): Seed {
  let { level } = accounts
  let since = sinceMs
  if (accounts.quarantine === undefined && !accounts.isHeldBySecurity) {
    while (level !== 'thread' && nowMs - since >= timing.cleanStepMs * rungsOf(level)) {
      since += timing.cleanStepMs * rungsOf(level)
      level = rungBelow(level)
    }
  }
  return { accounts: { ...accounts, level, score: scoreAt(accounts.score, nowMs, timing.scoreStepMs) }, sinceMs: since }
}

/** The seed after what one child of that code or origin has on it: the worse of each, so that a good sibling hides nothing. */
export function worseOf(one: Accounts, other: Accounts): Accounts {
  const [more, less] =
    one.restarts.chargedAtMs.length >= other.restarts.chargedAtMs.length ? [one, other] : [other, one]
  const [high, low] = one.score.points >= other.score.points ? [one, other] : [other, one]
  const quarantine = longerOf(one.quarantine, other.quarantine)
  return {
    restarts: more.restarts,
    score: { points: high.score.points, sinceMs: Math.max(high.score.sinceMs, low.score.sinceMs) },
    level: stricterRun(one.level, other.level),
    quarantine,
    quarantines: Math.max(one.quarantines, other.quarantines),
    isHeldBySecurity: one.isHeldBySecurity || other.isHeldBySecurity,
    because: more.because ?? less.because,
    cleanSinceMs: undefined,
  }
}

/**
 * What a child's past says of where it comes from. Its code answers for all of it; its origin, from which others come too,
 * for the level and the score only, at most the highest rung on which something runs, and time takes that down.
 */
export function originShare({ level, quarantine, score, because }: Accounts, walls: Walls): Accounts {
  return { ...freshAccounts, level: quarantine === undefined ? level : canaryLevel(walls), score, because }
}

/** Whether there is anything in it that a new child would inherit. */
export function isEmptySeed({ restarts, score, level, quarantine, quarantines }: Accounts): boolean {
  const isClear = restarts.chargedAtMs.length === 0 && score.points === freshScore.points && quarantines === 0
  return isClear && level === 'thread' && quarantine === undefined
}

function stricterRun(one: RunLevel, other: RunLevel): RunLevel {
  return stricter(one, other) === one ? one : other
}

/** Until released outlasts every term. */
function longerOf(one: Quarantine | undefined, other: Quarantine | undefined): Quarantine | undefined {
  if (one === undefined || other === undefined) return one ?? other
  const endOf = ({ untilMs = Number.POSITIVE_INFINITY }: Quarantine): number => untilMs
  return endOf(one) >= endOf(other) ? one : other
}

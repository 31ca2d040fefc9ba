import type { StartTerms } from '../child-port.js'
import { freshScore, type IsolationScore } from './isolation-score.js'
import { canaryLevel, type Level, type RunLevel, rungBelow, rungsOf, type Walls } from './ladder.js'
import type { LadderTiming } from './ladder-timing.js'
import { quarantineTermMs } from './quarantine-term.js'
import { freshAccount, type RestartAccount } from './restart-account.js'

// What a child's past costs it: the two accounts of SPEC 9, and where it stands on the ladder because of them. Plain data,
// one record for each child; all instants are monotonic milliseconds of the tree's clock (`accounts-store.ts` makes them
// absolute). Nothing here decides after an exit; that is `plan-after-exit.ts`.

/** Why a child is quarantined. After `security` and `hostility` only an operator may restore its grants. */
export type QuarantineCause = 'hostility' | 'security' | 'resource' | 'exhausted' | 'walls'

/** A child that runs nowhere, or only for a trial. */
export type Quarantine = {
  readonly cause: QuarantineCause
  /** When it may be tried again; absent: when an operator releases it. */
  readonly untilMs?: number
  /** `half-open` from the start of the trial on. */
  readonly phase: 'closed' | 'half-open'
}

export type Accounts = {
  readonly restarts: RestartAccount
  readonly score: IsolationScore
  /** The rung on which it runs, or ran before it was quarantined. */
  readonly level: RunLevel
  readonly quarantine: Quarantine | undefined
  /** How often it was quarantined since it was last released: each lasts longer. */
  readonly quarantines: number
  /** A security fault brought it to its rung: neither clean time nor a trial takes it down, only a release. */
  readonly isHeldBySecurity: boolean
  /** What brought it to its rung, for people; absent on `thread`, unless it fell from there. */
  readonly because: string | undefined
  /** Since when it has run on its rung (or its trial) without a fault; absent before it was first ready there. */
  readonly cleanSinceMs: number | undefined
}

export const freshAccounts: Accounts = {
  restarts: freshAccount,
  score: freshScore,
  level: 'thread',
  quarantine: undefined,
  quarantines: 0,
  isHeldBySecurity: false,
  because: undefined,
  cleanSinceMs: undefined,
}

/** The rung that a view or an event names. */
export function levelOf({ level, quarantine }: Accounts): Level {
  return quarantine === undefined ? level : 'quarantine'
}

/** How a child with these accounts is to be started. */
export function footingOf({ level, quarantine }: Accounts, walls: Walls): StartTerms {
  return quarantine === undefined ? { level, canary: false } : { level: canaryLevel(walls), canary: true }
}

/** The accounts of a child that goes into quarantine now: a rung, so that both accounts begin anew. */
export function quarantined(accounts: Accounts, cause: QuarantineCause, timing: LadderTiming, nowMs: number): Accounts {
  const isProven = cause === 'hostility' || cause === 'security'
  const termMs = isProven || cause === 'walls' ? undefined : quarantineTermMs(accounts.quarantines, timing)
  const until = termMs === undefined ? {} : { untilMs: nowMs + termMs }
  return {
    ...onNewRung(accounts, nowMs),
    quarantine: { cause, ...until, phase: 'closed' },
    quarantines: accounts.quarantines + 1,
    isHeldBySecurity: accounts.isHeldBySecurity || isProven,
  }
}

/** On a new rung both accounts begin anew. */
export function onNewRung(accounts: Accounts, nowMs: number): Accounts {
  return { ...accounts, restarts: freshAccount, score: { points: 0, sinceMs: nowMs }, cleanSinceMs: undefined }
}

/** The accounts at the start of a trial. */
export function halfOpened(accounts: Accounts): Accounts {
  const { quarantine } = accounts
  if (quarantine === undefined || quarantine.phase === 'half-open') return accounts
  return { ...accounts, quarantine: { ...quarantine, phase: 'half-open' }, cleanSinceMs: undefined }
}

/** The accounts of a run that just became ready: clean time begins, unless it goes on from an earlier run on this rung. */
export function nowClean(accounts: Accounts, nowMs: number): Accounts {
  return { ...accounts, cleanSinceMs: accounts.cleanSinceMs ?? nowMs }
}

/** A step down that falls due by itself: out of a trial, or one rung after clean time. */
export type Descent = { readonly atMs: number; readonly to: RunLevel }

/** The next step down of a child that runs, if it stays well; `undefined`: there is none that time brings. */
export function nextDescent(accounts: Accounts, timing: LadderTiming): Descent | undefined {
  const { level, quarantine, isHeldBySecurity, cleanSinceMs } = accounts
  if (cleanSinceMs === undefined) return undefined
  if (quarantine !== undefined) return { atMs: cleanSinceMs + timing.canaryMs, to: levelAfterTrial(accounts) }
  if (level === 'thread' || isHeldBySecurity) return undefined
  return { atMs: cleanSinceMs + timing.cleanStepMs * rungsOf(level), to: rungBelow(level) }
}

/** The accounts after that step: a step down forgives nothing, only time does. */
export function descended(accounts: Accounts, to: RunLevel): Accounts {
  return { ...accounts, level: to, quarantine: undefined, cleanSinceMs: undefined }
}

/** The accounts after an operator released the child to a rung: nothing is held against it any more. */
export function released(accounts: Accounts, to: RunLevel = rungBelow(accounts.level)): Accounts {
  return { ...freshAccounts, level: to }
}

/** One rung below where it fell from; where security holds it, no further down than that. */
function levelAfterTrial({ level, isHeldBySecurity }: Accounts): RunLevel {
  return isHeldBySecurity ? level : rungBelow(level)
}

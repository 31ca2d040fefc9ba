import type { AccountRecord, Accounts } from '@bulkhead/supervisors'
import { chargesMax } from './limits.js'

// What lies on the disk is believed when it has exactly the shape that this version writes. A record that is of another
// shape is no record of nothing: the store says `store-corrupt`, and nobody starts with a clean slate because of it.

/** @throws {TypeError} for anything that is not a record. */
export function readRecord(found: unknown): AccountRecord {
  const { accounts, sinceMs, codeDigest, isGone } = object(found)
  if (isGone !== undefined && isGone !== true) throw new TypeError('`isGone` is not true')
  if (codeDigest !== undefined && typeof codeDigest !== 'string') throw new TypeError('`codeDigest` is not text')
  return {
    accounts: readAccounts(accounts),
    sinceMs: number(sinceMs),
    ...(codeDigest === undefined ? {} : { codeDigest }),
    ...(isGone === true ? { isGone } : {}),
  }
}

function readAccounts(found: unknown): Accounts {
  const { restarts, score, level, quarantine, quarantines, isHeldBySecurity, because } = object(found)
  const { points, sinceMs } = object(score)
  return {
    restarts: readRestarts(restarts),
    score: { points: count(points), sinceMs: number(sinceMs) },
    level: oneOf(level, ['thread', 'reduced', 'process']),
    quarantine: quarantine === undefined ? undefined : readQuarantine(quarantine),
    quarantines: count(quarantines),
    isHeldBySecurity: isHeldBySecurity === true || isHeldBySecurity === false ? isHeldBySecurity : refuse('a flag'),
    because: because === undefined || typeof because === 'string' ? because : refuse('text'),
    cleanSinceMs: undefined,
  }
}

function readRestarts(found: unknown): Accounts['restarts'] {
  const { chargedAtMs, failuresInARow, lastDelayMs } = object(found)
  if (!Array.isArray(chargedAtMs) || chargedAtMs.length > chargesMax) return refuse('a bounded list')
  return {
    chargedAtMs: chargedAtMs.map(number),
    failuresInARow: count(failuresInARow),
    lastDelayMs: number(lastDelayMs),
  }
}

function readQuarantine(found: unknown): Accounts['quarantine'] {
  const { cause, untilMs, phase } = object(found)
  return {
    cause: oneOf(cause, ['hostility', 'security', 'resource', 'exhausted', 'walls']),
    phase: oneOf(phase, ['closed', 'half-open']),
    ...(untilMs === undefined ? {} : { untilMs: number(untilMs) }),
  }
}

function object(found: unknown): Readonly<Record<string, unknown>> {
  if (typeof found !== 'object' || found === null || Array.isArray(found)) return refuse('an object')
  return Object.fromEntries(Object.entries(found))
}

function number(found: unknown): number {
  return typeof found === 'number' && Number.isFinite(found) ? found : refuse('a number')
}

function count(found: unknown): number {
  return Number.isSafeInteger(found) && number(found) >= 0 ? number(found) : refuse('a count')
}

function oneOf<const Word extends string>(found: unknown, words: readonly Word[]): Word {
  return words.find((word) => word === found) ?? refuse(`one of ${words.join(', ')}`)
}

function refuse(what: string): never {
  throw new TypeError(`this is not ${what}`)
}

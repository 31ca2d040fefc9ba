import type { Kind } from '@bulkhead/vocabulary'
import { type ApprovalSubject, type Ask, fingerprintOf } from './approval-subject.js'
import { capabilityWords } from './capability-words.js'
import { type ComponentWords, componentWords, shown } from './component-words.js'
import { type RequestChanges, requestChanges } from './request-changes.js'
import { type RiskFlag, riskFlags } from './risk-flags.js'

/** A request in the words of a reviewer. Plain data; every text is one line, escaped, and at most 200 characters. */
export type RequestDescription = {
  /** What a decision must name. */
  readonly fingerprint: string
  readonly componentDigest: string
  readonly manifestDigest: string | null
  readonly componentId: ComponentWords
  readonly version?: ComponentWords
  readonly description?: ComponentWords
  readonly asks: readonly DescribedAsk[]
  readonly mounts: readonly string[]
  readonly inherited: readonly string[]
  readonly interfaces: readonly string[]
  readonly risks: readonly RiskFlag[]
  /** Since the last approved one; absent when there is none. */
  readonly changes?: RequestChanges
}

/** What it asks for on one pattern. */
export type DescribedAsk = {
  readonly kind: Kind
  readonly actions: readonly string[]
  readonly pattern: string
  /** `read and write its own keys in the key-value store`. */
  readonly words: string
  /** Whether it also starts without. */
  readonly optional: boolean
  readonly why: readonly ComponentWords[]
}

/**
 * Puts a request into words: what it asks for and why, what deserves a second look, and what changed.
 *
 * @param previous what was last approved for this child
 * @example
 * ```ts
 * const { asks, risks } = describeRequest(entry.subject, approvals.lastApproved(entry.child))
 * for (const { words, why } of asks) console.log(words, why)
 * ```
 */
export function describeRequest(subject: ApprovalSubject, previous?: ApprovalSubject): RequestDescription {
  const { version, description } = subject
  return {
    fingerprint: fingerprintOf(subject),
    componentDigest: subject.componentDigest,
    manifestDigest: subject.manifestDigest,
    componentId: componentWords(subject.componentId),
    ...(version === undefined ? {} : { version: componentWords(version) }),
    ...(description === undefined ? {} : { description: componentWords(description) }),
    asks: groupByPattern(subject.capabilities).map(describeAsks),
    mounts: subject.mounts.map(({ guest, host, mode }) => shown(`${guest} = ${host} (${mode})`)),
    inherited: subject.inherited.map(shown),
    interfaces: subject.interfaces.map(shown),
    risks: riskFlags(subject),
    ...(previous === undefined ? {} : { changes: requestChanges(previous, subject) }),
  }
}

/** Reading and writing the same keys is one thing to a reader. */
function groupByPattern(asks: readonly Ask[]): readonly (readonly [Ask, ...Ask[]])[] {
  const groups = new Map<string, [Ask, ...Ask[]]>()
  for (const ask of asks) {
    const name = `${ask.kind} ${ask.pattern}`
    const group = groups.get(name)
    if (group === undefined) groups.set(name, [ask])
    else group.push(ask)
  }
  return [...groups.values()]
}

function describeAsks(group: readonly [Ask, ...Ask[]]): DescribedAsk {
  const [{ kind, pattern }] = group
  const actions = group.map(({ action }) => action)
  return {
    kind,
    actions,
    pattern: shown(pattern),
    words: capabilityWords(kind, actions, pattern),
    optional: group.every(({ optional }) => optional === true),
    why: group.flatMap(({ why }) => (why === undefined || why === '' ? [] : [componentWords(why)])),
  }
}

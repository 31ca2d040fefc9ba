import { CapabilitySet, type Grant } from '@bulkhead/capability'
import type { DraftLine } from './draft-line.js'
import type { Naming } from './exact-pattern.js'
import { ancestorsOf, askedHost } from './host-text.js'
import { comparedPatternsMax } from './limits.js'

/** A draft with the grant that it would be. */
export type DraftGrant = { readonly grant: Grant; readonly draft: DraftLine }

/**
 * Leaves out lines that say what another line says already (SPEC 2.1, 3.2): creating what may be written, under the same
 * limits, and resolving what may be connected to.
 */
export function withoutImplied(lines: readonly DraftGrant[], naming: Naming): readonly DraftGrant[] {
  const implied = new Set([...impliedCreates(lines, naming), ...impliedResolves(lines)])
  return lines.filter((line) => !implied.has(line))
}

function impliedCreates(lines: readonly DraftGrant[], naming: Naming): readonly DraftGrant[] {
  const byLimits = new Map<string, { writes: DraftGrant[]; creates: DraftGrant[] }>()
  for (const line of lines) {
    const { kind, action, limits } = line.grant
    if (kind !== 'filesystem' || !(action === 'write' || action === 'create')) continue
    const key = JSON.stringify(limits)
    const group = byLimits.get(key) ?? { writes: [], creates: [] }
    byLimits.set(key, group)
    if (action === 'write') group.writes.push(line)
    else group.creates.push(line)
  }
  return [...byLimits.values()].flatMap(({ writes, creates }) => coveredCreates(writes, creates, naming))
}

function coveredCreates(
  writes: readonly DraftGrant[],
  creates: readonly DraftGrant[],
  naming: Naming,
): readonly DraftGrant[] {
  if (writes.length === 0) return []
  const patterns = new Set(writes.map(({ grant }) => grant.pattern))
  const wildcards = writes.filter(({ draft }) => draft.how !== 'exact').map(({ grant }) => grant)
  const wide = CapabilitySet.of(wildcards, naming)
  // Comparing patterns takes one with every other; a line too many does no harm.
  const comparable = wildcards.length * creates.length <= comparedPatternsMax
  return creates.filter(({ grant, draft: { how, members } }) => {
    if (patterns.has(grant.pattern)) return true
    if (how === 'exact') return members.every((access) => wide.check(access) !== undefined)
    return comparable && wide.covers(grant)
  })
}

function impliedResolves(lines: readonly DraftGrant[]): readonly DraftGrant[] {
  /** Names and parents of wildcards that some line allows to connect to, whatever the port. */
  const connected = new Set<string>()
  for (const { grant, draft } of lines) {
    if (grant.kind !== 'network' || grant.action !== 'connect') continue
    for (const { resource } of draft.members) connected.add(askedHost(resource)?.host ?? '')
    const parent = /\*(\.[^:]+)/.exec(grant.pattern)?.[1]
    if (parent !== undefined) connected.add(parent)
  }
  return lines.filter(({ grant: { kind, action, pattern } }) => {
    if (kind !== 'network' || action !== 'resolve') return false
    return connected.has(pattern) || [...ancestorsOf(pattern)].some((ancestor) => connected.has(`.${ancestor}`))
  })
}

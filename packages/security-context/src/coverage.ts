import {
  actionsOf,
  type Capability,
  findCovering,
  findRefusing,
  type Grant,
  noCustomKinds,
  type RuleContext,
} from '@bulkhead/capability'
import { escapePath } from '@bulkhead/policy/forbidden'
import type { Layer } from '@bulkhead/vocabulary'
import { type ContextParts, denyOf, layersOf } from './join.js'
import { rulesPerGrantMax } from './limits.js'
import { patternsOverlap } from './pattern-overlap.js'
import { bare, type Refusal } from './refusals.js'

/** A rule that allows a capability, wholly or in part. */
export type Piece = { readonly layer: Layer; readonly rule: Grant; readonly whole: boolean }

/** What a context says to a whole pattern, as refusals say it of one resource. */
export type Coverage = {
  /** The rules that allow it, layer by layer; more than one of a layer where none covers it alone. */
  readonly pieces: readonly Piece[]
  /** Layers that do not allow all of it. None: all of it is granted. */
  readonly gaps: readonly Refusal[]
  /** Layers that allow nothing of it. None: something of it is granted. */
  readonly refusals: readonly Refusal[]
}

/**
 * Asks a context about a pattern: operator grants allow it by themselves, else each layer must; deny rules, the forbidden
 * list and roles count where they refuse all of it. Sound: no gap means that every request it matches is granted, but for
 * what narrower deny rules take out. Rules that only cover it together count as a gap.
 *
 * Where nothing may be mounted is not asked: that is no matter of rules.
 */
export function coverageOf(wanted: Capability, parts: ContextParts): Coverage {
  const refused = [...forbiddenBy(wanted, parts), ...deniedBy('deny', denyOf(parts), wanted, parts)]
  const byOperator = coveringIn(parts.operator, wanted, parts)
  const layers = byOperator === undefined ? layersOf(parts) : []
  const answers = layers.map(({ layer, grants }) => answerOf(layer, grants, wanted, parts))
  const roles = rolesOf(wanted, parts)
  const asked = roles === undefined ? answers : [...answers, roles]
  const meeting = keepMeeting(
    asked.map(({ pieces }) => pieces),
    parts,
  )
  const silent = asked.filter((_, index) => meeting[index]?.length === 0).map(({ layer }) => bare(layer))
  const roleDenied = deniedBy('role', parts.roles?.deny ?? [], wanted, parts)
  const none = byOperator === undefined && layers.length === 0 ? [bare('manifest')] : []
  const whole = (pieces: readonly Piece[]): boolean => pieces.some((piece) => piece.whole)
  const partly = asked.filter(({ pieces }) => !whole(pieces)).map(({ layer }) => bare(layer))
  const operator = byOperator === undefined ? [] : [{ layer: 'operator', rule: byOperator, whole: true } as const]
  return {
    pieces: [...operator, ...meeting.flat()],
    gaps: [...refused, ...none, ...mergeRoles(partly, roleDenied)],
    refusals: [...refused, ...none, ...mergeRoles(silent, roleDenied)],
  }
}

type Answer = { readonly layer: Layer; readonly pieces: readonly Piece[] }

function rolesOf(wanted: Capability, parts: ContextParts): Answer | undefined {
  return parts.roles === undefined ? undefined : answerOf('role', parts.roles.allow, wanted, parts)
}

/** One refusal for the roles, whether they deny, do not allow, or both. */
function mergeRoles(missing: readonly Refusal[], denied: readonly Refusal[]): readonly Refusal[] {
  const lacks = missing.some(({ layer }) => layer === 'role')
  const others = missing.filter(({ layer }) => layer !== 'role')
  if (denied.length === 0) return missing
  return [...others, ...denied.map((refusal) => ({ ...refusal, allowed: !lacks }))]
}

function answerOf(layer: Layer, grants: readonly Grant[], wanted: Capability, parts: ContextParts): Answer {
  const covering = coveringIn(grants, wanted, parts)
  if (covering !== undefined) return { layer, pieces: [{ layer, rule: covering, whole: true }] }
  const touching = touchingIn(grants, wanted, parts)
  return { layer, pieces: touching.map((rule) => ({ layer, rule, whole: false })) }
}

/** Leaves out what overlaps nothing of some other layer: of `/data/a/**` in one and `/data/b/**` in the other nothing is left. */
function keepMeeting(layers: readonly (readonly Piece[])[], parts: ContextParts): readonly (readonly Piece[])[] {
  const meet = (one: Piece, other: Piece): boolean =>
    patternsOverlap(one.rule.kind, one.rule.pattern, other.rule.pattern, parts)
  return layers.map((pieces) =>
    pieces.filter((one) => layers.every((others) => others.length === 0 || others.some((other) => meet(one, other)))),
  )
}

/** The rule that covers it all and allows the most: what a manifest repeats word by word is found at once. */
function coveringIn(grants: readonly Grant[], wanted: Capability, parts: ContextParts): Grant | undefined {
  const same = grants.find((grant) => isSame(grant, wanted) && grant.limits === undefined)
  if (same !== undefined) return same
  const unlimited = (grant: Grant): boolean => grant.limits === undefined
  return cover(grants.filter(unlimited), wanted, parts) ?? cover(grants, wanted, parts)
}

function cover(grants: readonly Grant[], wanted: Capability, parts: ContextParts): Grant | undefined {
  const sameKind = grants.filter(({ kind }) => kind === wanted.kind)
  return findCovering(sameKind, { ...wanted, origin: unplaced }, contextOf(parts))
}

function touchingIn(grants: readonly Grant[], wanted: Capability, parts: ContextParts): readonly Grant[] {
  const found: Grant[] = []
  for (const grant of grants) {
    if (found.length === rulesPerGrantMax) break
    if (grant.kind !== wanted.kind || !answers(grant, wanted, parts)) continue
    if (patternsOverlap(grant.kind, grant.pattern, wanted.pattern, parts)) found.push(grant)
  }
  return found
}

/** Whether a rule that allows answers the action: its own or an implied one. Which ones are, only the capabilities know. */
function answers(grant: Capability, { kind, action }: Capability, parts: ContextParts): boolean {
  if (grant.action === action) return true
  const rule = { kind, action: grant.action, pattern: grant.pattern, origin: unplaced }
  return findCovering([rule], { ...rule, action }, contextOf(parts)) !== undefined
}

/** The actions that a rule allows: its own, then those that it implies. */
export function actionsAllowedBy(wanted: Capability, parts: ContextParts): readonly Capability[] {
  return [
    wanted,
    ...actionsOf(wanted.kind, parts.kinds ?? noCustomKinds)
      .filter((action) => action !== wanted.action)
      .map((action) => ({ ...wanted, action }))
      .filter((other) => answers(wanted, other, parts)),
  ]
}

function deniedBy(
  layer: 'deny' | 'role',
  rules: readonly Grant[],
  wanted: Capability,
  parts: ContextParts,
): readonly Refusal[] {
  const sameKind = rules.filter(({ kind }) => kind === wanted.kind)
  const asked = { ...wanted, origin: unplaced }
  const matching = sameKind.filter((rule) => findRefusing([rule], asked, contextOf(parts)) !== undefined)
  return matching.length === 0 ? [] : [{ layer, rules: matching, allowed: true }]
}

/** File rules of the forbidden list mean host paths, so the pattern is looked at where its mount leads. */
function forbiddenBy(wanted: Capability, parts: ContextParts): readonly Refusal[] {
  const meant = wanted.kind === 'filesystem' ? onHost(wanted, parts) : wanted
  if (meant === undefined) return []
  const rules = parts.forbidden.filter(({ kind }) => kind === meant.kind)
  const found = findRefusing(rules, { ...meant, origin: unplaced }, contextOf(parts))
  return found === undefined ? [] : [bare('forbidden')]
}

/** The pattern as host paths, where one mount holds all of it. */
function onHost(wanted: Capability, { mounts }: ContextParts): Capability | undefined {
  const trees = mounts
    .map(({ guestPath, hostPath }) => ({ guest: asPrefix(guestPath), host: asPrefix(hostPath) }))
    .filter(({ guest }) => patternsOverlap('filesystem', `${guest}/**`, wanted.pattern, { componentId: '' }))
    .sort((a, b) => b.guest.length - a.guest.length)
  const deepest = trees[0]
  const holds = deepest !== undefined && `${wanted.pattern}/`.startsWith(`${deepest.guest}/`)
  return holds
    ? { ...wanted, pattern: `${deepest.host}${wanted.pattern.slice(deepest.guest.length)}` || '/' }
    : undefined
}

function asPrefix(path: string): string {
  return path === '/' ? '' : escapePath(path)
}

function isSame(left: Capability, right: Capability): boolean {
  return left.kind === right.kind && left.action === right.action && left.pattern === right.pattern
}

const unplaced = { document: 'asked' }

function contextOf({ componentId, kinds }: ContextParts): RuleContext {
  return { componentId, kinds }
}

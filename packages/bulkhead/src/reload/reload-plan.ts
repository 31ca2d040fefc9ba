// What a tree file that was read again would come to: everything is built and judged before anything is touched.

import type { PreparedComponent } from '@bulkhead/component'
import { DocumentError, type Finding, renderPlace } from '@bulkhead/document'
import type { ChildSpec, Tree } from '@bulkhead/manifest'
import { BulkheadError } from '@bulkhead/vocabulary'
import type { TreeChild, TreeRoster } from '../administration/tree-roster.js'
import type { Desk } from '../authority/desk.js'
import type { Judgement } from '../authority/judge.js'
import type { Subject } from '../authority/subject.js'
import { refuseWhatNothingWakes } from '../lifetimes/lifetime-rules.js'
import type { MessageRole } from '../messages/message-member.js'
import { refuseWhatHandlesNothing, roleOf } from '../messages/message-role.js'
import { isPermanent } from '../plan-member.js'
import { supervisorsOf } from '../plan-supervision.js'
import { childrenOf, type PlannedChild, planChildren } from '../plan-tree.js'
import { type PreparePowers, prepareCandidate } from '../prepare-child.js'
import type { Protection } from '../protection.js'
import type { SecretDesk } from '../secrets/secret-desk.js'
import { type ChangedEntry, type FixedKey, type TreeDifference, treeDifference } from './tree-difference.js'

export type ReloadPlanPowers = PreparePowers & {
  readonly roster: TreeRoster
  readonly desk: Desk
  readonly protection: Protection
  readonly secrets: SecretDesk
  /** Whether an upgrade of the child is not over. */
  readonly isBusy: (child: string) => boolean
}

/** A child as the new file has it: its component is built, and it is judged. */
export type ReloadCandidate = {
  readonly planned: PlannedChild
  readonly supervisor: string
  readonly subject: Subject
  readonly component: PreparedComponent
  readonly memoryBytesMax: number
  readonly role: MessageRole
  readonly judgement: Judgement
}

export type ReloadChange = {
  readonly child: TreeChild
  readonly candidate: ReloadCandidate
  readonly what: readonly string[]
  readonly how: 'restarted' | 'in-place'
  /** Whether it has to be judged for good. */
  readonly isJudged: boolean
}

export type ReloadPlan = {
  readonly after: Tree
  readonly difference: TreeDifference
  readonly fixed: readonly FixedKey[]
  readonly added: readonly ReloadCandidate[]
  readonly changed: readonly ReloadChange[]
  /** Children that go on as they are, with their entries as they stand in the new file. */
  readonly unchanged: readonly { readonly child: TreeChild; readonly planned: PlannedChild | undefined }[]
}

/** A child goes on under these: supervision, and what it may do and use, are told while it runs. */
const inPlace: ReadonlySet<string> = new Set([
  ...['policy', 'quotas', 'ceiling', 'deadline', 'approved'],
  ...['restart', 'expect', 'shutdown', 'significant', 'trusted_escalates'],
])
const judgedInPlace: ReadonlySet<string> = new Set(['policy', 'quotas', 'ceiling', 'deadline', 'approved'])

/**
 * @param owners the supervisors that entries stood below so far, those that are gone included
 * @throws {DocumentError} with every finding; nothing was touched then.
 */
export async function planReload(
  before: Tree,
  after: Tree,
  powers: ReloadPlanPowers,
  owners: ReadonlyMap<string, string>,
): Promise<ReloadPlan> {
  refuseEmpty(before, after)
  const difference = treeDifference(before, after)
  const planned = planChildren(after, powers.protection, powers.engine.kinds, powers.secrets)
  const supervisors = supervisorsOf(after.root)
  const findings: Finding[] = takenNames(difference.added, after, powers.roster)
  const candidates = new Map<string, ReloadCandidate>()
  for (const one of planned) {
    const { spec } = one
    try {
      const supervisor = supervisors.get(spec.id) ?? after.root.name
      candidates.set(spec.id, await candidateOf(one, supervisor, after, powers))
    } catch (thrown) {
      findings.push(...findingsOf(thrown, spec, after))
    }
  }
  findings.push(...routeFindings(after, (child) => candidates.get(child)?.role))
  if (findings.length > 0) throw new DocumentError(findings)
  const kept = difference.kept.flatMap((entry) => {
    const child = powers.roster.children.get(entry.after.id)
    const candidate = candidates.get(entry.after.id)
    return child === undefined || candidate === undefined
      ? []
      : [{ entry, child, candidate, ...changesOf(entry, child, candidate) }]
  })
  const changed = kept.flatMap(({ child, candidate, what }): readonly ReloadChange[] => {
    if (what.length === 0) return []
    const how = what.every((key) => inPlace.has(key)) ? 'in-place' : 'restarted'
    const isJudged = how === 'restarted' || what.some((key) => judgedInPlace.has(key))
    return [{ child, candidate, what, how, isJudged }]
  })
  refuseBusy(changed, powers)
  return {
    ...{ after, difference, changed },
    fixed: [
      ...difference.fixed,
      ...movedBack(difference.added, after, owners),
      ...changed.flatMap((change) => fixedRole(change, after)),
    ],
    added: difference.added.flatMap(({ id }) => candidates.get(id) ?? []),
    unchanged: kept
      .filter(({ what }) => what.length === 0)
      .map(({ child, candidate, isUpgraded }) => ({ child, planned: isUpgraded ? undefined : candidate.planned })),
  }
}

/** Whoever writes a file makes it empty first: what is read just then must not end everything. An object is what is meant. */
function refuseEmpty(before: Tree, after: Tree): void {
  if (after.source === 'object' || childrenOf(after).length > 0 || childrenOf(before).length === 0) return
  const message = 'it has no children any more'
  throw new DocumentError([
    { file: after.file, ...after.positionOf([]), message, hint: 'to end all of them, stop the process' },
  ])
}

async function candidateOf(
  planned: PlannedChild,
  supervisor: string,
  tree: Tree,
  powers: ReloadPlanPowers,
): Promise<ReloadCandidate> {
  const { spec } = planned
  const { subject, component: first } = await prepareCandidate(planned, tree, powers)
  const foreseen = await powers.desk.foresee(subject, spec.policy)
  const { judgement } = foreseen
  if (judgement.trustFault !== undefined) throw judgement.trustFault
  const memoryBytesMax = judgement.limits.memoryBytes.value
  const component = await powers.builder.prepare(
    { file: planned.componentFile },
    { memoryBytesMax, signal: powers.signal },
  )
  if (component.digest !== first.digest) {
    throw new BulkheadError('component-digest-mismatch', `\`${planned.componentFile}\` was changed meanwhile`, {
      hint: 'reload once more',
    })
  }
  const role = roleOf(component, subject.kind)
  refuseWhatHandlesNothing({ instances: spec.memberIds.length || 1, kind: subject.kind }, role, spec.id)
  refuseWhatNothingWakes(spec, role, spec.id)
  if (spec.significant && (spec.restart === 'permanent' || (spec.restart === undefined && isPermanent(subject.kind)))) {
    throw new BulkheadError(
      'usage',
      `\`${spec.id}\` is significant, and what is always restarted never ends by itself`,
      {
        hint: 'write `restart = "transient"` or `"temporary"`',
      },
    )
  }
  return { planned, supervisor, subject, component, memoryBytesMax, role, judgement }
}

/** What is other in a child that both files have: keys of its entry, and files that it names. */
function changesOf(
  { before, after, what }: ChangedEntry,
  { live, planned }: TreeChild,
  { subject, component, judgement }: ReloadCandidate,
): { readonly what: readonly string[]; readonly isUpgraded: boolean } {
  const { spec } = planned
  const isUpgraded = spec.component !== before.component || spec.manifest !== before.manifest
  // What an upgrade brought stays for as long as the file says nothing else.
  if (isUpgraded && what.length === 0) return { what, isUpgraded }
  const was = live.judgement.subject
  const other = new Set(what)
  if (isUpgraded || component.digest !== was.component.digest) other.add('component')
  if (subject.manifest?.digest !== was.manifest?.digest) other.add('manifest')
  if (after.policy !== undefined && isOtherPolicy(judgement, live.judgement)) other.add('policy')
  return { what: [...other], isUpgraded }
}

/** A candidate has no version: it is tried, and not in force yet. */
function isOtherPolicy({ policy }: Judgement, before: Judgement): boolean {
  return policy !== undefined && policy.version === undefined && policy.policy !== before.policy?.policy
}

/** A mailbox is kept, and was made for what the component did with it. */
function fixedRole({ child, candidate }: ReloadChange, { file }: Tree): readonly FixedKey[] {
  const [was, is] = [child.role, candidate.role]
  const where = renderPlace(file, candidate.planned.spec.at)
  const { id } = candidate.planned.spec
  return [
    ...(was.handles === is.handles ? [] : [{ key: `${id}: whether its component handles messages`, where }]),
    ...(was.servesHttp === is.servesHttp ? [] : [{ key: `${id}: whether its component answers HTTP requests`, where }]),
  ]
}

/** A name that a supervisor has given up may come back below it, and below no other one. */
function movedBack(
  added: readonly ChildSpec[],
  { file, root }: Tree,
  owners: ReadonlyMap<string, string>,
): readonly FixedKey[] {
  const now = supervisorsOf(root)
  return added
    .filter(({ id }) => (owners.get(id) ?? now.get(id)) !== now.get(id))
    .map(({ id, at }) => ({ key: `${id}: its supervisor`, where: renderPlace(file, at) }))
}

/** Names that a call has given to somebody meanwhile. */
function takenNames(added: readonly ChildSpec[], { file }: Tree, roster: TreeRoster): Finding[] {
  return added.flatMap(({ id, memberIds, at }) => {
    const taken = [id, ...memberIds].find((name) => roster.members.has(name) || roster.children.has(name))
    if (taken === undefined) return []
    const message = `the name \`${taken}\` is taken by a child that was added while the tree ran, or that has not ended`
    return [{ file, ...at, message, hint: 'delete that child first, or choose another name' }]
  })
}

function routeFindings(tree: Tree, roleOfChild: (child: string) => MessageRole | undefined): readonly Finding[] {
  // Of a child that is refused itself nothing more is said.
  return (tree.http?.routes ?? [])
    .filter(({ child }) => roleOfChild(child) !== undefined && roleOfChild(child)?.servesHttp !== true)
    .map(({ pattern, child, at }) => ({
      ...{ file: tree.file, ...at },
      message: `\`${pattern}\` leads to \`${child}\`, whose component answers no HTTP requests`,
      hint: 'a component that does exports wasi:http/incoming-handler@0.2.12, and its kind is not `command`',
    }))
}

function refuseBusy(changed: readonly ReloadChange[], { isBusy }: ReloadPlanPowers): void {
  const busy = changed.find(({ child }) => isBusy(child.live.id))
  if (busy === undefined) return
  throw new BulkheadError('update-conflict', `\`${busy.child.live.id}\` is being upgraded`, {
    hint: 'reload when its probation is over',
  })
}

/** Every reason against a child, with its place in the tree file. What has nothing to do with it is thrown on. */
function findingsOf(thrown: unknown, { at }: ChildSpec, { file }: Tree): readonly Finding[] {
  if (thrown instanceof DocumentError) return thrown.findings
  if (!(thrown instanceof BulkheadError)) throw thrown
  // Where it stands is said by the finding.
  const { message, hint = '' } = thrown.cause instanceof BulkheadError ? thrown.cause : thrown
  return [{ file, ...at, message, hint }]
}

// How a tree file differs from what it was: purely from two checked trees, without a look at any other file.

import { isDeepStrictEqual } from 'node:util'
import { type Position, renderPlace } from '@bulkhead/document'
import type { ChildSpec, SupervisorSpec, Tree } from '@bulkhead/manifest'
import { supervisorsOf } from '../plan-supervision.js'
import { childrenOf } from '../plan-tree.js'

/** What cannot change while the tree runs, by the key that says it, and where the file has it now. */
export type FixedKey = { readonly key: string; readonly where: string }

export type ChangedEntry = {
  readonly before: ChildSpec
  readonly after: ChildSpec
  /** Keys of the entry whose meaning is another one; none: only files that it names may be other ones. */
  readonly what: readonly string[]
}

export type TreeDifference = {
  /** In the order of the new file. */
  readonly added: readonly ChildSpec[]
  /** In the order of the old file. */
  readonly removed: readonly ChildSpec[]
  /** Entries of both files, in the order of the new one. */
  readonly kept: readonly ChangedEntry[]
  /** Supervisors with other flags, or other members, or these in another order. */
  readonly supervisors: readonly { readonly name: string; readonly what: readonly string[] }[]
  readonly isRerouted: boolean
  readonly fixed: readonly FixedKey[]
}

/** The keys of a child entry, and what of the checked entry they say. `component` is compared by its bytes, besides. */
const childKeys = {
  component: ({ component }) => component,
  manifest: ({ manifest }) => manifest,
  approved: ({ approved }) => approved,
  policy: ({ policy }) => policy,
  restart: ({ restart }) => restart,
  expect: ({ expect }) => expect,
  args: ({ args }) => args,
  env: ({ env }) => env,
  inherit: ({ inherit }) => inherit,
  mounts: ({ mounts }) => mounts.map(({ at: _at, ...mount }) => mount),
  config: ({ config }) => config,
  secrets: ({ secrets }) => secrets.map(({ at: _at, ...secret }) => secret),
  http: ({ injections }) => injections.map(({ at: _at, ...injection }) => injection),
  shutdown: ({ shutdownMs }) => shutdownMs,
  significant: ({ significant }) => significant,
  quotas: ({ quotas }) => quotas,
  ceiling: ({ ceiling }) => ceiling,
  deadline: ({ deadlineMs }) => deadlineMs,
  trusted_escalates: ({ trustedEscalates }) => trustedEscalates,
} satisfies Readonly<Record<string, (spec: ChildSpec) => unknown>>

/** A mailbox is made for these, and is kept over a reload. */
const fixedChildKeys = {
  kind: ({ componentKind }) => componentKind,
  instances: ({ memberIds }) => memberIds,
  lifetime: ({ lifetime }) => lifetime,
  delivery: ({ delivery }) => delivery,
} satisfies Readonly<Record<string, (spec: ChildSpec) => unknown>>

const supervisorKeys = {
  strategy: ({ strategy }) => strategy,
  intensity: ({ intensity }) => intensity,
  auto_shutdown: ({ autoShutdown }) => autoShutdown,
  restart: ({ restart }) => restart,
  shutdown: ({ shutdownMs }) => shutdownMs,
  significant: ({ significant }) => significant,
  max_children: ({ childrenMax }) => childrenMax,
  members: ({ children }) => children.map((member) => (member.kind === 'child' ? member.id : member.name)),
} satisfies Readonly<Record<string, (spec: SupervisorSpec) => unknown>>

const fixedSupervisorKeys = {
  profile: ({ profile }) => profile,
  quotas: ({ quotas }) => quotas,
  tenant: ({ tenant }) => tenant,
  template: ({ template }) => template === undefined,
} satisfies Readonly<Record<string, (spec: SupervisorSpec) => unknown>>

const fixedTreeKeys = {
  state: ({ stateDirectory }) => stateDirectory,
  trust: ({ trust }) => trust,
  roles: ({ roles }) => roles,
  audit: ({ audit }) => audit,
  audit_transport: ({ auditTransport }) => auditTransport,
  overcommit: ({ overcommit }) => overcommit,
  require_walls: ({ requireWalls }) => requireWalls,
  process_rung: ({ processRung }) => processRung,
  time_scale: ({ timeScale }) => timeScale,
  incidents: ({ incidents }) => incidents,
  shared: ({ shared }) => shared.map(({ name, policy }) => [name, policy]),
  'http.listen': ({ http }) => http?.listen,
  'http.max_body': ({ http }) => http?.bodyBytesMax,
} satisfies Readonly<Record<string, (tree: Tree) => unknown>>

export function treeDifference(before: Tree, after: Tree): TreeDifference {
  const [old, now] = [entriesOf(before), entriesOf(after)]
  const supervisors = supervisorDifference(before, after)
  const kept = [...now].flatMap(([id, spec]): readonly ChangedEntry[] => {
    const was = old.get(id)
    return was === undefined ? [] : [{ before: was, after: spec, what: otherKeys(childKeys, was, spec) }]
  })
  return {
    added: [...now].flatMap(([id, spec]) => (old.has(id) ? [] : [spec])),
    removed: [...old].flatMap(([id, spec]) => (now.has(id) ? [] : [spec])),
    kept,
    supervisors: supervisors.changed,
    isRerouted: !isDeepStrictEqual(routesOf(before), routesOf(after)),
    fixed: [
      ...fixedTop(before, after),
      ...supervisors.fixed,
      ...kept.flatMap((entry) => fixedIn(entry, before, after)),
    ],
  }
}

function fixedTop(before: Tree, after: Tree): readonly FixedKey[] {
  return otherKeys(fixedTreeKeys, before, after).map((key) => ({ key, where: placeIn(after, key.split('.')) }))
}

/** Where the file has a key; of one that it no longer has, where that would stand. */
function placeIn(tree: Tree, path: readonly string[]): string {
  return place(tree, tree.positionOf(path, 'key'))
}

function fixedIn({ before: was, after: spec }: ChangedEntry, before: Tree, after: Tree): readonly FixedKey[] {
  const keys: readonly string[] = otherKeys(fixedChildKeys, was, spec)
  const isMoved = supervisorsOf(before.root).get(was.id) !== supervisorsOf(after.root).get(spec.id)
  return [
    ...keys.map((key) => ({ key: `${spec.id}: ${key}`, where: placeIn(after, [...spec.path.map(String), key]) })),
    ...(isMoved ? [{ key: `${spec.id}: its supervisor`, where: place(after, spec.at) }] : []),
  ]
}

function supervisorDifference(before: Tree, after: Tree) {
  const [old, now] = [supervisorsByName(before.root), supervisorsByName(after.root)]
  const changed: { name: string; what: readonly string[] }[] = []
  const fixed: FixedKey[] = []
  for (const name of old.keys()) {
    if (!now.has(name)) fixed.push({ key: `supervisor ${name}: it is gone`, where: place(after, after.root.at) })
  }
  for (const [name, spec] of now) {
    const was = old.get(name)
    if (was === undefined) {
      fixed.push({ key: `supervisor ${name}: it is new`, where: place(after, spec.at) })
      continue
    }
    for (const key of otherKeys(fixedSupervisorKeys, was, spec)) {
      fixed.push({ key: `supervisor ${name}: ${key}`, where: place(after, spec.at) })
    }
    const what = otherKeys(supervisorKeys, was, spec)
    if (what.length > 0) changed.push({ name, what })
  }
  return { changed, fixed }
}

/** Every supervisor of a tree by its name, each after the one above it. */
export function supervisorsByName(root: SupervisorSpec): ReadonlyMap<string, SupervisorSpec> {
  const found = new Map<string, SupervisorSpec>()
  const note = (supervisor: SupervisorSpec): void => {
    found.set(supervisor.name, supervisor)
    for (const member of supervisor.children) if (member.kind === 'supervisor') note(member)
  }
  note(root)
  return found
}

function entriesOf(tree: Tree): ReadonlyMap<string, ChildSpec> {
  return new Map(childrenOf(tree).map((spec) => [spec.id, spec]))
}

function routesOf({ http }: Tree): unknown {
  return http?.routes.map(({ at: _at, ...route }) => route)
}

function otherKeys<Spec, Keys extends Readonly<Record<string, (spec: Spec) => unknown>>>(
  keys: Keys,
  before: Spec,
  after: Spec,
): readonly string[] {
  return Object.entries(keys).flatMap(([key, of]) => (isDeepStrictEqual(of(before), of(after)) ? [] : [key]))
}

function place({ file }: Tree, position: Position): string {
  return renderPlace(file, position)
}

// An operator's world in memory, joined by the real join. `apply` does what a hint says, as an operator would, so that
// tests can ask whether it helped.
import { type Capability, Decider, type Grant, parseCapability } from '@bulkhead/capability'
import { type Manifest, parseManifest } from '@bulkhead/manifest'
import { defaultForbidden, parseRoles, type RoleLists, rolesFor } from '@bulkhead/policy'
import { type ApprovalState, parseBytes, type Request } from '@bulkhead/vocabulary'
import { contextLimits } from './context-limits.js'
import type { Documents } from './documents.js'
import { joinContext, type SecurityContext } from './join.js'
import type { ContextMount } from './worker-context.js'

export type WorldPolicy = {
  readonly allow: readonly Capability[]
  readonly deny: readonly Capability[]
  readonly maxFileSize?: string
}

export type World = {
  /** Absent: a run of `exec`. */
  readonly child?: string
  readonly manifest?: readonly Capability[]
  /** What was approved: all that this manifest asked for, or what a reviewer left of it. Absent: nobody asks. */
  readonly approved?: { readonly of: readonly Capability[]; readonly narrow?: readonly Capability[] } | 'not-yet'
  readonly approvalState?: ApprovalState
  readonly pinned?: boolean
  readonly policy?: WorldPolicy
  /** Earlier policies, the newest first. With any of them the one in force is no longer the file's. */
  readonly past?: readonly WorldPolicy[]
  readonly shared?: WorldPolicy
  /** Lines of roles.csv. */
  readonly roles?: readonly string[]
  readonly operator: readonly Capability[]
  /** `--deny` flags. */
  readonly denyFlags?: readonly Capability[]
  readonly mounts: readonly Pick<ContextMount, 'guestPath' | 'hostPath' | 'mode' | 'hardlinks'>[]
  readonly variables: readonly string[]
}

export const emptyWorld: World = { operator: [], mounts: [], variables: [] }

export const capability = (text: string): Capability => parseCapability(text)

export const mountAt = (guestPath: string, hostPath: string, mode: 'read' | 'write' = 'write') => ({
  guestPath,
  hostPath,
  mode,
  hardlinks: false,
})

const policyFile = 'ingest.policy.toml'
const sharedFile = 'shared.policy.toml'

export async function contextOf(world: World): Promise<SecurityContext> {
  const manifest = world.manifest === undefined ? undefined : readManifest(manifestText(world))
  const policy = world.policy === undefined ? undefined : policyOf(world.policy, policyFile)
  const shared = world.shared === undefined ? undefined : policyOf(world.shared, sharedFile)
  const roles = world.roles === undefined ? undefined : await readRoles(world.roles.join('\n'))
  return joinContext({
    principal: `component:${world.child ?? 'exec'}`,
    componentId: 'ingest',
    policyVersion: 1,
    layers: manifest === undefined ? [] : [{ layer: 'manifest', grants: manifest.capabilities }],
    ...(world.approved === undefined ? {} : { approval: approvalOf(world, manifest?.capabilities ?? []) }),
    ...(policy === undefined ? {} : { policy: policy.allow }),
    operator: world.operator.map((one) => ({ ...one, origin: { document: 'operator' } })),
    deny: [
      ...(policy?.deny ?? []),
      ...(world.denyFlags ?? []).map((one) => ({ ...one, origin: { document: 'deny' } })),
    ],
    ...(shared === undefined ? {} : { sharedAllow: shared.allow, sharedDeny: shared.deny }),
    ...(roles === undefined ? {} : { roles }),
    forbidden: defaultForbidden,
    ownDirectories: [],
    mounts: world.mounts.map((mount) => ({ ...mount, kind: 'directory', device: 1n, inode: 1n })),
    args: [],
    environment: world.variables.map((name) => [name, 'value']),
    limits: contextLimits(1, 1),
    standing: { trust: 'unknown', approval: world.approvalState ?? 'approved' },
  })
}

export function documentsOf(world: World): Documents {
  return {
    manifest: { file: 'Component.toml', line: 5 },
    tree: { file: 'bulkhead.toml', line: 9 },
    roles: { file: 'roles.csv' },
    ...(world.pinned === true ? { approved: { file: 'bulkhead.toml', line: 11 } } : {}),
    ...(world.policy === undefined
      ? {}
      : {
          policy: {
            file: policyFile,
            line: 1,
            ...(world.child === undefined ? {} : { apply: `bulkhead policy update ${world.child} ${policyFile}` }),
            edited: world.past !== undefined,
            past: (world.past ?? []).map((past, index, all) => ({
              version: all.length - index,
              ...policyOf(past, policyFile),
            })),
          },
        }),
    ...(world.child === undefined ? {} : { child: world.child }),
  }
}

/** What the guard would say: nothing mounted, then the table, then the mount's mode. */
export async function isGranted(world: World, request: Request): Promise<boolean> {
  const context = await contextOf(world)
  const decider = new Decider(context.table)
  if (request.kind === 'environment') {
    return decider.decide(request).verdict === 'granted' && world.variables.includes(request.resource)
  }
  if (request.kind !== 'filesystem') return decider.decide(request).verdict === 'granted'
  const path = `${request.resource}/`
  const mount = world.mounts
    .filter(({ guestPath }) => path.startsWith(guestPath === '/' ? '/' : `${guestPath}/`))
    .sort((a, b) => b.guestPath.length - a.guestPath.length)[0]
  if (mount === undefined) return false
  const below = request.resource.slice(mount.guestPath === '/' ? 0 : mount.guestPath.length)
  const hostPath = `${mount.hostPath === '/' ? '' : mount.hostPath}${below === '/' ? '' : below}` || '/'
  const granted = decider.decide({ ...request, hostPath }).verdict === 'granted'
  return granted && (request.action === 'read' || mount.mode === 'write')
}

/** Does what one hint says. Throws at a hint that an operator could not read. */
export function apply(world: World, hint: string): World {
  for (const [form, doIt] of hints) {
    const match = form.exec(hint)
    if (match !== null) return doIt(world, ...match.slice(1).map((part) => part ?? ''))
  }
  throw new Error(`nobody knows what to do with the hint: ${hint}`)
}

type Doing = (world: World, ...parts: string[]) => World

const hints: readonly (readonly [RegExp, Doing])[] = [
  [/^bulkhead grant \S+ (.+)$/, (world, word = '') => withGrant(world, word)],
  [/^--allow (.+)$/, (world, word = '') => withGrant(world, word)],
  [/^--(read|write) (.+)$/, withMountFlag],
  [/^--mount (.+) --allow (.+)$/, withMountAndGrant],
  [
    /^--env (.+)$/,
    (world, name = '') => withGrant(withVariable(world, unshell(name)), `environment.read=${unshell(name)}`),
  ],
  [/^bulkhead approve \S+(.*)$/, withApproval],
  [/^the digest of the changed manifest in approved in bulkhead.toml:11$/, (world) => withApproval(world, '')],
  [
    /^bulkhead policy rollback \S+ (\d+)$/,
    ({ past = [], ...world }, version = '') => {
      const policy = past[past.length - Number(version)]
      return policy === undefined ? world : { ...world, policy }
    },
  ],
  [/^bulkhead policy update \S+ \S+$/, (world) => world],
  [/^(p, .*) in roles\.csv$/, (world, line = '') => ({ ...world, roles: [...(world.roles ?? []), line] })],
  [
    /^without the rule that denies (.+) on (".*") in roles\.csv:(\d+)$/,
    (world, _what, _pattern, line) => ({
      ...world,
      roles: (world.roles ?? []).map((one, index) => (index === Number(line) - 1 ? '' : one)),
    }),
  ],
  [/^without (".*") in (\S+) under \[deny\] in (\S+):\d+$/, withoutDeny],
  [
    /^without --deny (.+)$/,
    (world, word = '') => ({ ...world, denyFlags: without(world.denyFlags ?? [], parseCapability(unshell(word))) }),
  ],
  [
    /^(".*") = \{ host = (".*"), mode = "(read|write)"(, hardlinks = true)? \} under mounts in bulkhead\.toml:9$/,
    (world, guest = '', host = '', mode = '', hardlinks = '') =>
      withMount(world, {
        guestPath: JSON.parse(guest),
        hostPath: JSON.parse(host),
        mode: mode === 'read' ? 'read' : 'write',
        hardlinks: hardlinks !== '',
      }),
  ],
  [/^(".*") in inherit in bulkhead\.toml:9$/, (world, name = '') => withVariable(world, JSON.parse(name))],
  [
    /^(\S+) = \[(".*")\] in Component\.toml:5$/,
    (world, what = '', pattern = '') => ({
      ...world,
      manifest: [...(world.manifest ?? []), parseCapability(`${what}=${JSON.parse(pattern)}`)],
    }),
  ],
  [
    /^(\S+) = \[(".*")\] under \[allow\] in ingest\.policy\.toml:1$/,
    (world, what = '', pattern = '') => ({
      ...world,
      policy: {
        deny: [],
        ...world.policy,
        allow: [...(world.policy?.allow ?? []), parseCapability(`${what}=${JSON.parse(pattern)}`)],
      },
    }),
  ],
]

/** Does all of it, in the order in which it is said. */
export function applyAll(world: World, lines: readonly string[]): World {
  return lines.reduce(apply, world)
}

function withGrant(world: World, word: string): World {
  return { ...world, operator: [...world.operator, parseCapability(unshell(word))] }
}

function withVariable(world: World, name: string): World {
  return { ...world, variables: [...world.variables, name] }
}

function withMount(world: World, mount: World['mounts'][number]): World {
  return { ...world, mounts: [...world.mounts.filter(({ guestPath }) => guestPath !== mount.guestPath), mount] }
}

function withMountFlag(world: World, mode = '', word = ''): World {
  const text = unshell(word)
  const split = text.lastIndexOf(':/')
  const [host, guest] = split > 0 ? [text.slice(0, split), text.slice(split + 1)] : [text, text]
  if (split <= 0 && text.includes(':')) throw new Error(`not HOST[:GUEST]: ${text}`)
  const kind = mode === 'read' ? 'read' : 'write'
  const actions = kind === 'read' ? ['read'] : ['read', 'write', 'create', 'delete']
  const base = guest.replace(/[*?[{}\\]/g, (character) => `[${character}]`)
  const operator = actions.flatMap((action) => [parseCapability(`filesystem.${action}=${base}/**`)])
  const mount = { guestPath: guest, hostPath: host, mode: kind, hardlinks: false } as const
  return withMount({ ...world, operator: [...world.operator, ...operator] }, mount)
}

function withMountAndGrant(world: World, mountWord = '', grantWord = ''): World {
  const text = unshell(mountWord)
  const split = text.indexOf('=')
  const mount = mountAt(text.slice(0, split), text.slice(split + 1))
  return withGrant(withMount(world, mount), grantWord)
}

function withApproval(world: World, narrow = ''): World {
  const words = [...narrow.matchAll(/ --narrow ('(?:[^']|'\\'')*'|\S+)/g)].map(([, word = '']) => unshell(word))
  const of = world.manifest ?? []
  const approved = words.length === 0 ? { of } : { of, narrow: words.map((word) => parseCapability(word)) }
  return { ...world, approved, approvalState: 'approved' }
}

function withoutDeny(world: World, pattern = '', what = '', file = ''): World {
  const rule = parseCapability(`${what}=${JSON.parse(pattern)}`)
  if (file === sharedFile && world.shared !== undefined) {
    return { ...world, shared: { ...world.shared, deny: without(world.shared.deny, rule) } }
  }
  if (world.policy === undefined || file !== policyFile) throw new Error(`there is no policy ${file}`)
  return { ...world, policy: { ...world.policy, deny: without(world.policy.deny, rule) } }
}

function without(list: readonly Capability[], { kind, action, pattern }: Capability): readonly Capability[] {
  const rest = list.filter((one) => one.kind !== kind || one.action !== action || one.pattern !== pattern)
  if (rest.length === list.length) throw new Error(`there is no rule ${kind}.${action}=${pattern} to remove`)
  return rest
}

/** What was approved counts for the manifest that it was approved with. */
function approvalOf({ approved, manifest = [] }: World, asked: readonly Grant[]): readonly Grant[] {
  if (approved === undefined || approved === 'not-yet') return []
  if (JSON.stringify(approved.of) !== JSON.stringify(manifest)) return []
  return approved.narrow?.map((one) => ({ ...one, origin: { document: 'approval' } })) ?? asked
}

function manifestText({ manifest = [] }: World): string {
  return `[component]\nid = "ingest"\nversion = "1.0.0"\n\n[capabilities]\n${tableOf(manifest)}`
}

/** As the parser of policies would hand it on: reading thousands of documents is its tests' matter. */
export function policyOf({ allow, deny, maxFileSize }: WorldPolicy, document: string): PolicyRules {
  const limits = maxFileSize === undefined ? {} : { limits: { maxFileSizeBytes: parseBytes(maxFileSize) ?? 0 } }
  const placed = (one: Capability, index: number): Grant => ({ ...one, origin: { document, line: index + 1 } })
  const sized = ({ kind, action }: Capability): boolean => kind === 'filesystem' && /write|create/.test(action)
  return {
    allow: allow.map((one, index) => ({ ...placed(one, index), ...(sized(one) ? limits : {}) })),
    deny: deny.map(placed),
  }
}

type PolicyRules = { readonly allow: readonly Grant[]; readonly deny: readonly Grant[] }

function readManifest(text: string): Manifest {
  return manifests('', () => parseManifest(text, { file: 'Component.toml' }), text)
}

function readRoles(text: string): Promise<RoleLists> {
  return roleLists('', () => rolesFor(parseRoles(text, { file: 'roles.csv' }), 'ingest'), text)
}

/** Reading a document is most of the work, and a world is read again after every hint. */
function remembered<Value>() {
  const known = new Map<string, Value>()
  return (file: string, read: () => Value, text: string): Value => {
    const key = `${file}\n${text}`
    const value = known.get(key) ?? read()
    known.set(key, value)
    return value
  }
}

const manifests = remembered<Manifest>()
const roleLists = remembered<Promise<RoleLists>>()

function tableOf(rules: readonly Capability[]): string {
  const keys = [...new Set(rules.map(({ kind, action }) => `${kind}.${action}`))]
  const listOf = (key: string): string => {
    const listed = rules.filter(({ kind, action }) => `${kind}.${action}` === key).map(({ pattern }) => pattern)
    return `${key} = ${JSON.stringify([...new Set(listed)])}\n`
  }
  return keys.map(listOf).join('')
}

function unshell(word: string): string {
  return word.startsWith("'") ? word.slice(1, -1).replaceAll(`'\\''`, "'") : word
}

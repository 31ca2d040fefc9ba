import { type Capability, Decider } from '@bulkhead/capability'
import type { Action, Kind, Layer, Request } from '@bulkhead/vocabulary'
import type { Documents } from './documents.js'
import { hardlinkRemedy, quotaRemedy } from './file-remedies.js'
import { grantWord, literalPattern, placeOf, shellWord, tomlString } from './hint-text.js'
import type { SecurityContext } from './join.js'
import { mountFlag, mountSteps } from './mount-remedy.js'
import { grantAlone, type Refusal, refusalsOf } from './refusals.js'
import { fixedNote, stepsFor } from './remedy-steps.js'

/** A denial as the journal reports it. */
export type Denied = {
  readonly kind: Kind
  readonly action: Action
  readonly resource: string
  readonly layer: Layer
  readonly rule?: string
}

/** What would allow a denied request. `undefined` where nothing would. */
export type Remedy = {
  /** What allows it for now: flags of `bulkhead exec` for one run, `bulkhead grant` for the child of a tree. */
  readonly once: readonly string[]
  /**
   * Lines of documents and commands that allow it from now on, each with the place where it belongs; all of them are
   * needed, in this order.
   */
  readonly always: readonly string[]
  /** Why there is no such line although something else than the child could be changed. */
  readonly note?: string
}

/**
 * Works out what would grant a denied request: not only at the layer that refused it, but at every layer that would
 * refuse it next (SPEC 2 and 15).
 *
 * @returns `undefined` when nothing allows it: the forbidden list, a resource that no pattern can mean, a door that does
 *   not exist.
 * @example
 * ```ts
 * remedyFor({ kind: 'filesystem', action: 'read', resource: '/etc/hosts', layer: 'mount' }, context, {})
 * // { once: ['--read /etc/hosts'], always: ['"/etc/hosts" = { host = "/etc/hosts", mode = "read" } under mounts …', …] }
 * ```
 */
export function remedyFor(denied: Denied, context: SecurityContext, documents: Documents): Remedy | undefined {
  const { kind, action, resource, layer } = denied
  const request: Request = { kind, action, resource }
  const pattern = exactPattern(request, context)
  if (pattern === undefined || layer === 'forbidden' || layer === 'error') return undefined
  const wanted: Capability = { kind, action, pattern }
  // A program that runs alone has nobody to talk to, whatever its flags say.
  if (kind === 'messaging' && documents.child === undefined) return { once: [], always: [], note: aloneNote }
  if (layer === 'quota') return quotaRemedy(request, wanted, context, documents)
  const refusals = refusalsOf(request, context)
  if (refusals.length === 0 || layer === 'os') return hardlinkRemedy(denied, context, documents)
  if (refusals.some((one) => one.layer === 'forbidden' || one.layer === 'error')) return undefined
  const note = fixedNote(refusals)
  if (note !== undefined) return { once: [], always: [], note }
  return compose(request, wanted, refusals, context, documents)
}

function compose(
  request: Request,
  wanted: Capability,
  refusals: readonly Refusal[],
  context: SecurityContext,
  documents: Documents,
): Remedy | undefined {
  const unmounted = refusals.find((one) => one.layer === 'mount')
  const mount = unmounted === undefined ? undefined : { request, at: unmounted.mount }
  if (mount !== undefined && mount.at === undefined && isForbiddenAtHome(request, context)) return undefined
  const passes = (other: SecurityContext): boolean =>
    refusalsOf(request, other).every(({ layer }) => layer !== 'deny' && layer !== 'policy')
  const steps = stepsFor(wanted, passes, refusals, context, documents)
  const mountLines = mount === undefined ? [] : mountSteps(mount, documents)
  if (mountLines === undefined) {
    return { once: [], always: [], note: 'mount a directory of its own: nothing is made in the root' }
  }
  const variable = unsetVariable(request, context)
  const inherit =
    variable === undefined ? [] : [`${tomlString(variable)} in inherit in ${placeOf(documents.tree, 'bulkhead.toml')}`]
  const always = [...steps.lifted, ...mountLines, ...inherit, ...steps.granted]
  // Only layers are passed by a grant: deny rules and roles stand above it, and no grant mounts anything.
  const grantable = steps.lifted.length === 0 && refusals.every(({ layer }) => layer !== 'role')
  if (!grantable) return { once: [], always }
  if (documents.child !== undefined) {
    const now = mount === undefined && inherit.length === 0
    return { once: now ? [grantWord(wanted, documents)] : [], always }
  }
  if (mount !== undefined) {
    const flag = mountFlag(mount, wanted)
    return { once: flag === undefined ? [] : [flag], always }
  }
  return { once: [variable === undefined ? grantWord(wanted, documents) : `--env ${shellWord(variable)}`], always }
}

const aloneNote = 'messages go between the children of a tree: run it in one, bulkhead run TREE'

/** A variable that is asked for and that nothing sets: a grant alone would show nothing. */
function unsetVariable({ kind, resource }: Request, { parts }: SecurityContext): string | undefined {
  if (kind !== 'environment' || parts.secretNames?.includes(resource) === true) return undefined
  const set = [...parts.environment, ...(parts.configuration ?? [])]
  return set.some(([name]) => name === resource) ? undefined : resource
}

/**
 * The pattern that means exactly this resource, or `undefined` where there is none: a door that this version does not
 * have, a name that is not of its form, or one that as a pattern would mean others too.
 */
function exactPattern(request: Request, { parts }: SecurityContext): string | undefined {
  const { kind, action, resource } = request
  if (!hasDoor(request) || (kind === 'environment' && resource.includes('*'))) return undefined
  const pattern = literalPattern(kind, resource)
  const exact = { kind, action, pattern, origin: { document: 'remedy' } }
  try {
    return grantAlone([exact], request, parts) ? pattern : undefined
  } catch {
    // A name that no pattern can spell: control characters, or too long.
    return undefined
  }
}

/**
 * Whether this version has an interface through which a guest could use what is granted. Executable files have none: a grant
 * of them opens nothing. Processes are what a host application's own interfaces ask for.
 */
export function hasDoor({ kind, action }: Pick<Request, 'kind' | 'action'>): boolean {
  return kind !== 'process' && !(kind === 'filesystem' && action === 'execute')
}

/** Whether a mount of this path at its own name would still be refused. */
function isForbiddenAtHome(request: Request, { table }: SecurityContext): boolean {
  return new Decider(table).decide({ ...request, hostPath: request.resource }).layer === 'forbidden'
}

import type { Decision, Layer, Request, Rule } from '@bulkhead/vocabulary'
import { type Authority, denied } from '../authority.js'
import { fail } from '../wasi-failure.js'
import type { DirectoryPlace } from './directory-handle.js'
import { firstUnmounted, type MountNode, type OpenMount } from './mount-tree.js'

export type FileAction = 'read' | 'write' | 'create' | 'delete'

/** What an operation asks. A `look` is `read` for a look-up that could change nothing: only its denial can be a probe. */
export type FileAsk = FileAction | 'look'

/** A name in the guest's root and what is behind it. */
export type Place = {
  readonly path: string
  readonly mount: OpenMount | undefined
  readonly hostPath: string | undefined
}

/** What a denial of a directory leaves: nothing, or the bare look of an ancestor of something granted (SPEC 2.1). */
export type Sight = 'whole' | 'ancestor'

/** Decisions about files: the capability table's, and above it what a mount allows at most. */
export class FileAuthority {
  readonly authority: Authority
  readonly #root: MountNode

  constructor(authority: Authority, root: MountNode) {
    this.authority = authority
    this.#root = root
  }

  decide(place: Place, ask: FileAsk): Decision {
    if (place.mount === undefined)
      return denied('mount', `nothing is mounted at ${firstUnmounted(this.#root, place.path)}`)
    const decision = this.authority.decide(requestOf(place, actionOf(ask)))
    if (decision.verdict === 'granted' && actionOf(ask) !== 'read' && place.mount.mode === 'read') {
      return denied('mount', `\`${place.mount.guestPath}\` is mounted for reading only`)
    }
    return decision
  }

  /** Without a record: whether the guest may learn anything about the name. */
  permits(place: Place, ask: FileAsk): boolean {
    return this.decide(place, ask).verdict === 'granted'
  }

  /** Decides, records, and refuses with `access`. */
  require(place: Place, ask: FileAsk): void {
    if (!this.authorize(place, ask)) fail('access')
  }

  authorize(place: Place, ask: FileAsk): boolean {
    const decision = this.decide(place, ask)
    return this.#record(place, ask, decision)
  }

  /**
   * `read` on a directory, or only the sight of an ancestor of something granted. What a rule denies by its own name is not
   * even seen, although something below it may be granted. A directory of the runtime itself is seen, and is empty.
   */
  requireSight(place: DirectoryPlace): Sight {
    if (place.hidden === true) return 'ancestor'
    const decision = this.decide(place, 'look')
    if (decision.verdict === 'denied' && !isDeniedByName(decision) && this.isAncestor(place)) return 'ancestor'
    return this.#record(place, 'look', decision) ? 'whole' : fail('access')
  }

  /** The virtual root is always one: it holds nothing but names that lead to grants. */
  isAncestor(place: Pick<Place, 'path'>): boolean {
    return this.leadsToGrant(place.path)
  }

  leadsToGrant(path: string): boolean {
    return path === '/' || this.authority.leadsToGrant(path)
  }

  /** Records a denial that was not the table's, and refuses with `access`. */
  refuse(place: Place, ask: FileAsk, layer: Layer, reason: string): never {
    const decision = this.decide(place, ask)
    this.#record(place, ask, decision.verdict === 'denied' ? decision : denied(layer, reason))
    return fail('access')
  }

  /** Records a denial that another layer made after the table had granted. */
  recordRefusal(place: Place, ask: FileAsk, layer: Layer, reason: string, rule?: Rule): void {
    this.#record(place, ask, denied(layer, reason, rule))
  }

  /** Records the uses of an open handle when it is closed (D11), by the decision that allowed them. */
  recordUses(place: Place, action: FileAction, decision: Decision, version: number, count: number): void {
    this.authority.recordUses(requestOf(place, action), decision, version, count)
  }

  #record(place: Place, ask: FileAsk, decision: Decision): boolean {
    // A look at the guest's bare root is what every language runtime does at its start: a probe, whatever the host has there.
    const unmounted = place.path === '/' ? '' : place.path
    const probe = ask === 'look' ? (place.hostPath ?? unmounted) : undefined
    return this.authority.record(requestOf(place, actionOf(ask)), decision, probe)
  }
}

function isDeniedByName({ layer }: Decision): boolean {
  return layer === 'deny' || layer === 'forbidden'
}

function actionOf(ask: FileAsk): FileAction {
  return ask === 'look' ? 'read' : ask
}

function requestOf(place: Place, action: FileAction): Request {
  const { path, hostPath } = place
  return hostPath === undefined
    ? { kind: 'filesystem', action, resource: path }
    : { kind: 'filesystem', action, resource: path, hostPath }
}

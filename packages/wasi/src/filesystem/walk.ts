// The file walk (SPEC 8.1).
//
// A path string names something else each time it is looked up: whoever may rename in a directory can put a link where a
// directory was, between the check and the use. Remembering a path per descriptor (as shims do) loses deterministically;
// checking `realpath` first and opening after loses the race in a tenth of a second; looking whether a prefix is right
// loses to `..` behind a link. So nothing here is looked up twice: each segment is opened relative to the handle of the
// directory before it, without following links, and what was opened is what is asked about. Links are read and walked by
// ourselves, from the guest's own root when they are absolute. `..` goes back along the stack and never asks the kernel.
//
// INVARIANT (decided-first): a name on which nothing is granted gives the same answer whether or not it exists. What is
// missing or of the wrong kind is told only where the caller's question would be granted, or for a directory that leads
// to something granted; everything else is `refused`. A link is followed only in a directory that leads to a grant.
import type { BigIntStats } from 'node:fs'
import { symbolicLinksMax } from '../limits.js'
import { WasiFailure } from '../wasi-failure.js'
import { DirectoryHandle } from './directory-handle.js'
import type { ErrorCode } from './errno.js'
import type { FileAuthority, Place } from './file-authority.js'
import { joinPath, lexicalPath, parseLinkTarget, type RelativePath } from './guest-path.js'
import type { HandleLedger } from './handle-ledger.js'
import type { Kernel } from './kernel.js'
import type { MountNode } from './mount-tree.js'

/** Where a walk ended. Handles in it belong to the caller. */
export type Found =
  | { readonly kind: 'directory'; readonly directory: DirectoryHandle }
  /** Anything but a directory, held by an `O_PATH` handle that opens nothing. */
  | FoundObject
  /** The directory is there, the name is not; the question would be granted on it. */
  | { readonly kind: 'missing'; readonly parent: DirectoryHandle; readonly name: string; readonly place: Place }
  | Stopped

export type FoundObject = {
  readonly kind: 'object'
  readonly parent: DirectoryHandle
  readonly name: string
  readonly place: Place
  readonly handle: number
  readonly stat: BigIntStats
}

/** A name in an open directory, not looked at. */
export type FoundName = {
  readonly kind: 'name'
  readonly parent: DirectoryHandle
  readonly name: string
  readonly place: Place
  readonly directoryOnly: boolean
  /** The name is a mount point or leads to one. */
  readonly node: MountNode | undefined
}

export type Stopped =
  /** The way does not go on, and the guest may know why. */
  | { readonly kind: 'lost'; readonly place: Place; readonly code: ErrorCode }
  /** Nothing is granted there; `reason` is for the operator when the table itself would not refuse. */
  | { readonly kind: 'refused'; readonly place: Place; readonly layer: 'mount' | 'forbidden'; readonly reason: string }

export type WalkPowers = {
  readonly kernel: Kernel
  readonly ledger: HandleLedger
  readonly files: FileAuthority
  readonly root: DirectoryHandle
  /** By device and inode, so that no bind mount and no link hides them. */
  readonly ownDirectories: readonly { readonly device: bigint; readonly inode: bigint }[]
}

/** Whether the operation would be granted on this name: decides what the guest may learn about it. */
export type Question = (place: Place) => boolean

/** Walks to the object that the path names. */
export function walkToObject(
  powers: WalkPowers,
  base: DirectoryHandle,
  path: RelativePath,
  follow: boolean,
  question: Question,
): Found {
  return new Walk(powers, base, path, question).toObject(follow)
}

/** Walks to the directory in which the path's last name stands; a path that ends in `..` has none and is a directory. */
export function walkToName(
  powers: WalkPowers,
  base: DirectoryHandle,
  path: RelativePath,
  question: Question,
): FoundName | Extract<Found, { kind: 'directory' }> | Stopped {
  return new Walk(powers, base, path, question).toName()
}

class Walk {
  readonly #powers: WalkPowers
  readonly #question: Question
  /** What is still to be walked, the next name last. */
  readonly #rest: string[]
  #directoryOnly: boolean
  #current: DirectoryHandle
  #links = 0
  #steps = 0

  constructor(powers: WalkPowers, base: DirectoryHandle, path: RelativePath, question: Question) {
    this.#powers = powers
    this.#question = question
    this.#rest = path.segments.toReversed()
    this.#directoryOnly = path.directoryOnly
    this.#current = base.retain()
  }

  toObject(follow: boolean): Found {
    try {
      for (let name = this.#rest.pop(); name !== undefined; name = this.#rest.pop()) {
        this.#steps += 1
        const last = this.#rest.length === 0
        const end = last && !this.#directoryOnly ? this.#last(name, follow) : this.#enter(name)
        if (end !== undefined) return this.#finish(this.#stillNamed(end))
      }
      return this.#finish(this.#stillNamed({ kind: 'directory', directory: this.#current }))
    } catch (thrown) {
      this.#current.release()
      throw thrown
    }
  }

  /**
   * A walk takes as long as the guest makes its path, and `..` goes back to a handle that may be old: a directory that was
   * moved away meanwhile, with what its new place holds, is not what was decided (SPEC 2.2). The caller has looked at the
   * base, and that is still fresh where there was one name to walk.
   */
  #stillNamed(end: Found): Found {
    const directory = this.#current
    if (end.kind === 'lost' || end.kind === 'refused') return end
    const fresh = this.#steps <= 1 && end.kind !== 'directory'
    if (fresh || directory.isStillNamed()) return end
    if (end.kind === 'object') {
      this.#powers.ledger.give()
      this.#powers.kernel.close(end.handle)
    }
    return { kind: 'lost', place: end.kind === 'directory' ? directory.place : end.place, code: 'no-entry' }
  }

  toName(): FoundName | Extract<Found, { kind: 'directory' }> | Stopped {
    try {
      for (let name = this.#rest.pop(); name !== undefined; name = this.#rest.pop()) {
        if (this.#rest.length === 0 && name !== '..') return this.#nameHere(name)
        const end = this.#enter(name)
        if (end !== undefined) return this.#finish(end)
      }
      return { kind: 'directory', directory: this.#current }
    } catch (thrown) {
      this.#current.release()
      throw thrown
    }
  }

  /** A walk that stopped keeps no handle; one that found something hands its directory on. */
  #finish<End extends Found>(end: End): End {
    if (end.kind === 'lost' || end.kind === 'refused') this.#current.release()
    return end
  }

  #nameHere(name: string): FoundName {
    const parent = this.#current
    const node = parent.place.node?.children.get(name)
    return { kind: 'name', parent, name, place: this.#placeOf(name), directoryOnly: this.#directoryOnly, node }
  }

  /** One step through a name that has to be a directory, or a link to one. */
  #enter(name: string): Stopped | undefined {
    if (name === '..') return this.#up()
    const { place } = this.#current
    const node = place.node?.children.get(name)
    if (node?.mount !== undefined) return this.#enterMount(node, name)
    if (place.handle === undefined) return node === undefined ? this.#refused(name) : this.#pushVirtual(node)
    const { files, kernel, ledger } = this.#powers
    if (!files.leadsToGrant(place.path)) return this.#refused(name)
    const leads = files.leadsToGrant(joinPath(place.path, name))
    ledger.take()
    let handle: number
    try {
      handle = kernel.openDirectory(place.handle, name)
    } catch (thrown) {
      ledger.give()
      const code = codeOf(thrown)
      if (code === 'not-directory' || code === 'loop') return this.#enterLink(name, node, leads)
      if (node !== undefined) return this.#pushVirtual(node)
      return this.#stopped(name, leads, code)
    }
    return this.#push(name, node, handle, leads)
  }

  /** What has the name is no directory: a link is walked on, anything else ends the walk. */
  #enterLink(name: string, node: MountNode | undefined, leads: boolean): Stopped | undefined {
    // A mount point below hides a link or file that has the name of its parent.
    if (node !== undefined) return this.#pushVirtual(node)
    const target = this.#linkTarget(name)
    return target === undefined ? this.#stopped(name, leads, 'not-directory') : this.#follow(name, target, leads)
  }

  /** The last name, where any kind of object may stand. */
  #last(name: string, follow: boolean): Found | undefined {
    if (name === '..') return this.#up()
    const { place } = this.#current
    const node = place.node?.children.get(name)
    if (node?.mount?.kind === 'directory') return this.#enterMount(node, name)
    const target = this.#placeOf(name)
    if (node?.mount !== undefined) return this.#foundMountedFile(node.mount.handle, name, target)
    const permitted = this.#question(target)
    if (place.handle === undefined) return node === undefined ? this.#refused(name) : this.#pushVirtual(node)
    if (!permitted && !this.#powers.files.leadsToGrant(place.path)) return this.#refused(name)
    return this.#look(place.handle, name, node, target, permitted, follow)
  }

  #look(
    parent: number,
    name: string,
    node: MountNode | undefined,
    place: Place,
    permitted: boolean,
    follow: boolean,
  ): Found | undefined {
    const { kernel, ledger, files } = this.#powers
    ledger.take()
    let handle: number
    try {
      handle = kernel.openPath(parent, name)
    } catch (thrown) {
      ledger.give()
      if (node !== undefined) return this.#pushVirtual(node)
      const code = codeOf(thrown)
      if (permitted && code === 'no-entry') return { kind: 'missing', parent: this.#current, name, place }
      return this.#stopped(name, permitted, code)
    }
    let kept = false
    try {
      const stat = kernel.stat(handle)
      if (stat.isDirectory()) {
        kept = true
        return this.#push(name, node, handle, permitted || files.leadsToGrant(place.path), stat)
      }
      if (node !== undefined) return this.#pushVirtual(node)
      if (stat.isSymbolicLink() && follow) {
        const target = this.#linkTarget(name)
        return target === undefined ? this.#stopped(name, permitted, 'no-entry') : this.#follow(name, target, permitted)
      }
      if (!permitted) return this.#refused(name)
      kept = true
      return { kind: 'object', parent: this.#current, name, place, handle, stat }
    } finally {
      if (!kept) {
        ledger.give()
        kernel.close(handle)
      }
    }
  }

  #foundMountedFile(root: number, name: string, place: Place): Found {
    const { kernel, ledger } = this.#powers
    if (!this.#question(place)) return { kind: 'refused', place, ...nothingGranted }
    const stat = kernel.stat(root)
    ledger.take()
    try {
      return { kind: 'object', parent: this.#current, name, place, handle: kernel.duplicatePath(root), stat }
    } catch (thrown) {
      ledger.give()
      throw thrown
    }
  }

  #linkTarget(name: string): string | undefined {
    const { handle } = this.#current.place
    if (handle === undefined) return undefined
    try {
      return this.#powers.kernel.readLink(handle, name)
    } catch (thrown) {
      codeOf(thrown)
      return undefined
    }
  }

  #follow(name: string, target: string, mayKnow: boolean): Stopped | undefined {
    this.#links += 1
    if (this.#links > symbolicLinksMax) return this.#stopped(name, mayKnow, 'loop')
    const path = parseLinkTarget(target)
    if (this.#rest.length === 0 && path.directoryOnly) this.#directoryOnly = true
    this.#rest.push(...path.segments.toReversed())
    if (path.absolute) this.#replace(this.#powers.root.retain())
    return undefined
  }

  #up(): undefined {
    // At the root it stays.
    if (this.#current.parent !== undefined) this.#replace(this.#current.parent.retain())
    return undefined
  }

  #replace(next: DirectoryHandle): void {
    const left = this.#current
    this.#current = next
    left.release()
  }

  #enterMount(node: MountNode, name: string): Stopped | undefined {
    const { mount } = node
    if (mount === undefined) return undefined
    if (mount.kind === 'file') return this.#stopped(name, this.#powers.files.leadsToGrant(node.path), 'not-directory')
    const place = { path: node.path, mount, hostPath: mount.hostPath, handle: mount.handle, node }
    this.#current = new DirectoryHandle(this.#powers.kernel, this.#powers.ledger, place, this.#current, false)
    return undefined
  }

  #pushVirtual(node: MountNode): undefined {
    const place = { path: node.path, mount: undefined, hostPath: undefined, handle: undefined, node }
    this.#current = new DirectoryHandle(this.#powers.kernel, this.#powers.ledger, place, this.#current, false)
    return undefined
  }

  /** A directory of the runtime itself: it is there, and as far as the guest can tell there is nothing in it. */
  #pushHidden(name: string, node: MountNode | undefined): undefined {
    const place = { ...this.#placeOf(name), handle: undefined, node, hidden: true } as const
    this.#current = new DirectoryHandle(this.#powers.kernel, this.#powers.ledger, place, this.#current, false)
    return undefined
  }

  /** Takes over `handle` and its room in the ledger. */
  #push(
    name: string,
    node: MountNode | undefined,
    handle: number,
    leads: boolean,
    known?: BigIntStats,
  ): Stopped | undefined {
    const { kernel, ledger, ownDirectories } = this.#powers
    let kept = false
    try {
      if (!leads) return this.#refused(name)
      if (ownDirectories.length > 0 && isAmong(ownDirectories, known ?? kernel.stat(handle))) {
        return this.#pushHidden(name, node)
      }
      const place = { ...this.#placeOf(name), handle, node }
      this.#current = new DirectoryHandle(kernel, ledger, place, this.#current, true)
      kept = true
      return undefined
    } finally {
      if (!kept) {
        ledger.give()
        kernel.close(handle)
      }
    }
  }

  #stopped(name: string, mayKnow: boolean, code: ErrorCode): Stopped {
    const place = this.#meant(name)
    // What was meant may lie elsewhere than the name at which the walk ends: both must be granted to tell the truth.
    const whole = this.#rest.length === 0 || this.#question(place)
    return mayKnow && whole ? { kind: 'lost', place, code } : this.#refused(name)
  }

  #refused(name: string): Stopped {
    return { kind: 'refused', place: this.#meant(name), ...(this.#current.place.hidden ? runtimesOwn : nothingGranted) }
  }

  #placeOf(name: string): Place {
    const { path, mount, hostPath, node } = this.#current.place
    const mounted = node?.children.get(name)
    if (mounted?.mount !== undefined) return placeOfMount(mounted)
    return {
      path: joinPath(path, name),
      mount,
      hostPath: hostPath === undefined ? undefined : joinPath(hostPath, name),
    }
  }

  /** What the guest asked for, as far as names tell: the whole path if it stays below this name, else the name. */
  #meant(name: string): Place {
    const here = this.#placeOf(name)
    if (this.#rest.length === 0) return here
    const path = lexicalPath(here.path, this.#rest.toReversed())
    if (!path.startsWith(`${here.path}/`)) return here
    const below = path.slice(here.path.length)
    return { path, mount: here.mount, hostPath: here.hostPath === undefined ? undefined : here.hostPath + below }
  }
}

function isAmong(directories: WalkPowers['ownDirectories'], { dev, ino }: BigIntStats): boolean {
  return directories.some(({ device, inode }) => inode === ino && device === dev)
}

const runtimesOwn = { layer: 'forbidden', reason: 'this directory belongs to the runtime itself' } as const
const nothingGranted = { layer: 'mount', reason: 'nothing is granted in this directory' } as const

function placeOfMount(node: MountNode): Place {
  return { path: node.path, mount: node.mount, hostPath: node.mount?.hostPath }
}

/** The code of a system's refusal; a surprise passes through. */
function codeOf(thrown: unknown): ErrorCode {
  if (thrown instanceof WasiFailure) return thrown.payload as ErrorCode
  throw thrown
}

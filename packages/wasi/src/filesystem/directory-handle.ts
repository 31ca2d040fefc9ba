import type { HandleLedger } from './handle-ledger.js'
import type { Kernel } from './kernel.js'
import type { MountNode, OpenMount } from './mount-tree.js'

export type DirectoryPlace = {
  /** Canonical, in the guest's name space, after links. */
  readonly path: string
  readonly mount: OpenMount | undefined
  readonly hostPath: string | undefined
  /** An `O_PATH` descriptor; absent in a virtual directory: a parent of mount points, or one that is hidden. */
  readonly handle: number | undefined
  /** It belongs to the runtime itself: shown, and shown empty (SPEC 5). */
  readonly hidden?: true
  /** Mount points and their parents at and below this path. */
  readonly node: MountNode | undefined
}

/**
 * One directory on the stack of a walk: a handle, never a path that is opened again. `..` goes to `parent`, the directory
 * through which the walk came here; the kernel is never asked for it. Handles are shared by counting references, so that an
 * open descriptor keeps its whole stack without opening it again.
 */
export class DirectoryHandle {
  readonly place: DirectoryPlace
  readonly parent: DirectoryHandle | undefined
  readonly depth: number
  readonly #kernel: Kernel
  readonly #ledger: HandleLedger
  /** A mount's root is opened once and closed with the host. */
  readonly #owned: boolean
  #references = 1

  /** Takes over the caller's reference to `parent`, and `place.handle` with its room in the ledger when `owned`. */
  constructor(
    kernel: Kernel,
    ledger: HandleLedger,
    place: DirectoryPlace,
    parent: DirectoryHandle | undefined,
    owned: boolean,
  ) {
    this.#kernel = kernel
    this.#ledger = ledger
    this.place = place
    this.parent = parent
    this.depth = parent === undefined ? 1 : parent.depth + 1
    this.#owned = owned
  }

  get path(): string {
    return this.place.path
  }

  retain(): DirectoryHandle {
    this.#references += 1
    return this
  }

  release(): void {
    this.#references -= 1
    if (this.#references > 0) return
    if (this.#owned && this.place.handle !== undefined) {
      this.#ledger.give()
      this.#kernel.close(this.place.handle)
    }
    this.parent?.release()
  }

  /**
   * Whether the kernel still knows the directory by the path that was decided (SPEC 2.2). A mount's root is the object
   * that was approved, wherever it is: no guest can move it.
   */
  isStillNamed(): boolean {
    const { handle, hostPath } = this.place
    return handle === undefined || !this.#owned || this.#kernel.nameOf(handle) === hostPath
  }
}

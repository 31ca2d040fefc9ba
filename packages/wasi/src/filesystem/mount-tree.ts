import type { ContextMount } from '@bulkhead/security-context'
import { BulkheadError } from '@bulkhead/vocabulary'
import { joinPath } from './guest-path.js'
import type { Kernel } from './kernel.js'
import { ScratchSpace } from './scratch-space.js'

/** A mount whose root is open; of scratch with what it may hold. */
export type OpenMount = ContextMount & { readonly handle: number; readonly space: ScratchSpace | undefined }

/**
 * A name of the guest's virtual root: a mount point, a parent of one, or both. The tree is fixed when the guest starts.
 */
export type MountNode = {
  readonly name: string
  readonly path: string
  readonly mount: OpenMount | undefined
  readonly children: ReadonlyMap<string, MountNode>
}

type Draft = { name: string; path: string; mount: OpenMount | undefined; children: Map<string, Draft> }

/**
 * Opens every mount's root and compares it with the device and inode that were approved.
 *
 * @throws {BulkheadError} `mount-exchanged` when a root is gone or is another object than the approved one;
 *   `platform-unsupported` where files cannot be walked by handle: there is no way back to path strings (SPEC 8.1).
 */
export function openMounts(kernel: Kernel, mounts: readonly ContextMount[]): MountNode {
  if (mounts.length > 0 && !kernel.opensByHandle) throw noHandles()
  const root: Draft = { name: '', path: '/', mount: undefined, children: new Map() }
  const opened: number[] = []
  try {
    for (const mount of mounts) {
      const open = openMount(kernel, mount, opened)
      nodeAt(root, mount.guestPath).mount = open
    }
  } catch (thrown) {
    for (const handle of opened) kernel.close(handle)
    throw thrown
  }
  return root
}

export function closeMounts(kernel: Kernel, node: MountNode): void {
  if (node.mount !== undefined) kernel.close(node.mount.handle)
  for (const child of node.children.values()) closeMounts(kernel, child)
}

function noHandles(): BulkheadError {
  return new BulkheadError('platform-unsupported', 'files cannot be opened by handle here, so nothing can be mounted', {
    hint: 'run it on Linux with /proc, or without mounts',
  })
}

function openMount(kernel: Kernel, mount: ContextMount, opened: number[]): OpenMount {
  let handle: number
  try {
    handle = kernel.openRootAmbient(mount.hostPath, mount.kind)
  } catch {
    throw changed(mount, 'can no longer be opened')
  }
  opened.push(handle)
  const stat = kernel.stat(handle)
  const same = stat.dev === mount.device && stat.ino === mount.inode
  const kindFits = mount.kind === 'directory' ? stat.isDirectory() : stat.isFile()
  if (!same || !kindFits) throw changed(mount, 'is not the object that was approved')
  if (kernel.nameOf(handle) !== mount.hostPath) throw changed(mount, 'is known to the kernel by another path')
  const space = mount.scratchBytes === undefined ? undefined : new ScratchSpace(mount.scratchBytes)
  return { ...mount, handle, space }
}

function changed(mount: ContextMount, what: string): BulkheadError {
  return new BulkheadError('mount-exchanged', `the mount \`${mount.guestPath}\`: its root ${what}`, {
    details: { path: mount.guestPath, hostPath: mount.hostPath },
    hint: 'put the directory back, or start the tree again, so that its mounts are looked up anew',
  })
}

function nodeAt(root: Draft, guestPath: string): Draft {
  let node = root
  for (const name of guestPath.split('/')) {
    if (name === '') continue
    let child = node.children.get(name)
    if (child === undefined) {
      child = { name, path: joinPath(node.path, name), mount: undefined, children: new Map() }
      node.children.set(name, child)
    }
    node = child
  }
  return node
}

/** The first part of the path that no mount has: `/etc` of `/etc/passwd` where only `/data` is mounted. */
export function firstUnmounted(root: MountNode, path: string): string {
  let node = root
  for (const name of path.split('/')) {
    if (name === '') continue
    const child = node.children.get(name)
    if (child === undefined) return joinPath(node.path, name)
    node = child
  }
  return path
}

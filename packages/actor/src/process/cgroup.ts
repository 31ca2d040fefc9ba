// Perimeter: control groups (version 2), where the operating system has handed us a part of its tree.
import { accessSync, constants, mkdirSync, readFileSync, rmdirSync, writeFileSync } from 'node:fs'
import { dirname, join } from 'node:path'
import { tasksMax } from './limits.js'

/** A place in which groups with a memory limit may be made. */
export type CgroupPlace = { readonly directory: string }

/** One group, of one actor. */
export type Cgroup = {
  /** Puts a process into it: all that it starts stays there. Nothing happens when the process has ended. */
  readonly enter: (pid: number) => void
  /** After the end of the last process in it. */
  readonly remove: () => void
}

export type CgroupView = {
  /** Where the tree is mounted. */
  readonly root: string
  /** The text of `/proc/self/cgroup`. */
  readonly own: string
}

/** What this process sees of itself. */
export function ambientCgroups(): CgroupView {
  return { root: '/sys/fs/cgroup', own: readOrNothing('/proc/self/cgroup') }
}

/**
 * Our own group or the one above it, whichever already hands the memory controller down and may be written by us. A group
 * that holds processes cannot begin to hand down: what is not delegated in this way is left alone.
 */
export function findCgroupPlace({ root, own }: CgroupView): CgroupPlace | undefined {
  const path = /^0::(\/.*)$/m.exec(own)?.[1]
  if (path === undefined) return undefined
  const candidates = path === '/' ? [root] : [join(root, path), dirname(join(root, path))]
  const directory = candidates.find(handsMemoryDown)
  return directory === undefined ? undefined : { directory }
}

/** @returns `undefined` when the group cannot be made after all: the limits of the process then stand alone. */
export function makeCgroup({ directory }: CgroupPlace, name: string, memoryBytesMax: number): Cgroup | undefined {
  const group = join(directory, name)
  try {
    mkdirSync(group)
    writeFileSync(join(group, 'memory.max'), String(memoryBytesMax))
    writeIfThere(join(group, 'memory.swap.max'), '0')
    writeIfThere(join(group, 'pids.max'), String(tasksMax))
  } catch {
    return undefined
  }
  return {
    enter: (pid) => {
      try {
        writeFileSync(join(group, 'cgroup.procs'), String(pid))
      } catch {
        // It ended before it could be moved; or the kernel refuses, and its other limits stand alone.
      }
    },
    remove: () => {
      try {
        rmdirSync(group)
      } catch {
        // The kernel keeps a group whose last process it still buries; an empty group costs little.
      }
    },
  }
}

function handsMemoryDown(directory: string): boolean {
  if (!readOrNothing(join(directory, 'cgroup.subtree_control')).split(/\s+/).includes('memory')) return false
  try {
    accessSync(directory, constants.W_OK)
    accessSync(join(directory, 'cgroup.procs'), constants.W_OK)
    return true
  } catch {
    return false
  }
}

function writeIfThere(file: string, text: string): void {
  try {
    writeFileSync(file, text, { flag: 'r+' })
  } catch {
    // The controller is not handed down here.
  }
}

function readOrNothing(file: string): string {
  try {
    return readFileSync(file, 'latin1')
  } catch {
    return ''
  }
}

// Perimeter: makes and removes the directories behind scratch mounts, outside the state directory, which no guest may see.
import { mkdtempSync, readdirSync, readlinkSync, realpathSync, rmSync, statSync } from 'node:fs'
import { rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { isGone, processFacts } from '@bulkhead/actor'
import type { SecurityContext } from '@bulkhead/security-context'

const prefix = 'bulkhead-scratch'

export type Furnished = {
  readonly context: SecurityContext
  /** Removes what was made. Call it when the end of its guest was seen, not before. */
  readonly remove: () => Promise<void>
}

/** Makes an empty directory for each scratch mount of each incarnation: nothing of one incarnation is found by the next. */
export class ScratchRooms {
  readonly #parent: string

  /** @param parent where the directories are made: the system's place for temporary files, unless told. */
  constructor(parent: string = tmpdir()) {
    this.#parent = realpathSync(parent)
    this.#sweep()
  }

  /** The context with real directories for its scratch mounts; itself, where it has none. */
  furnish(context: SecurityContext): Furnished {
    if (!hasScratch(context)) return { context, remove: nothing }
    const made: string[] = []
    const mounts = context.worker.mounts.map((mount) => {
      if (mount.scratchBytes === undefined) return mount
      const hostPath = mkdtempSync(join(this.#parent, `${prefix}-${ownName()}-`))
      made.push(hostPath)
      const { dev: device, ino: inode } = statSync(hostPath, { bigint: true })
      return { ...mount, hostPath, device, inode }
    })
    const remove = async (): Promise<void> => {
      await Promise.all(made.map((path) => rm(path, { recursive: true, force: true }).catch(() => {})))
    }
    return { context: { ...context, worker: { ...context.worker, mounts } }, remove }
  }

  /** Removes what processes have left that were killed. Others' directories are not ours to remove, and are let be. */
  #sweep(): void {
    for (const name of readdirSync(this.#parent)) {
      const [, space, pid, startTicks] = /^bulkhead-scratch-(\d+)-(\d+)-(\d+)-/.exec(name) ?? []
      // Numbers of another name space say nothing here: a container beside this one may live in the same folder.
      if (space !== processSpace() || !isGone({ pid: Number(pid), startTicks: Number(startTicks) })) continue
      try {
        rmSync(join(this.#parent, name), { recursive: true, force: true })
      } catch {
        // Another user's, or another runtime was quicker.
      }
    }
  }
}

export function hasScratch({ worker }: SecurityContext): boolean {
  return worker.mounts.some(({ scratchBytes }) => scratchBytes !== undefined)
}

async function nothing(): Promise<void> {}

/** Which process this is: numbers are used again, a number and its start time are not. */
function ownName(): string {
  return `${processSpace()}-${process.pid}-${processFacts(process.pid)?.startTicks ?? 0}`
}

/** No directory of this name is ever swept: whose it is cannot be told. */
const unknownSpace = 'unknown'

/** The name space in which numbers of processes mean what they mean here. */
function processSpace(): string {
  try {
    return /\d+/.exec(readlinkSync('/proc/self/ns/pid'))?.[0] ?? unknownSpace
  } catch {
    return unknownSpace
  }
}

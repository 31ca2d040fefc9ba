// A tree that the built command runs in a process of its own, and the desk of an operator beside it.

import type { ChildProcess } from 'node:child_process'
import { setTimeout as sleep } from 'node:timers/promises'
import { type AdminClient, type AdminCommands, adminCommands, connectAdmin } from '@bulkhead/admin'
import { type CommandResult, run } from '../command.js'
import type { World } from './world.js'

export type RunningProcess = {
  /** Speaks with the process over its admin socket. */
  readonly desk: AdminClient<AdminCommands>
  readonly pid: number
  /** Resolves when its log holds this. */
  readonly printed: (text: string) => Promise<void>
  readonly kill: (signal: NodeJS.Signals) => Promise<CommandResult>
}

const patienceMs = 20_000

/** Resolves when the process serves its admin socket. */
export async function startProcess(world: World, args: readonly string[] = []): Promise<RunningProcess> {
  let child: ChildProcess | undefined
  let output = ''
  let isOver = false
  const ended = run(['run', 'bulkhead.toml', '--log', 'json', ...args], {
    cwd: world.folder,
    onStart: (started) => {
      child = started
    },
    onOutput: (stdout) => {
      output = stdout
    },
  })
  const result = ended.finally(() => {
    isOver = true
  })
  while (!isOver) {
    try {
      // Not by `openDesk`: that would take the state directory for itself while the process is only coming.
      const desk = await connectAdmin(world.path('.bulkhead'), adminCommands)
      return { desk, pid: child?.pid ?? 0, printed, kill }
    } catch {
      // It has not come that far.
    }
    await sleep(20)
  }
  throw new Error(`it ended: ${JSON.stringify(await result)}`)

  async function printed(text: string): Promise<void> {
    const deadlineMs = performance.now() + patienceMs
    while (!output.includes(text)) {
      if (isOver || performance.now() > deadlineMs) throw new Error(`it did not print ${text}, but:\n${output}`)
      await sleep(10)
    }
  }

  async function kill(signal: NodeJS.Signals): Promise<CommandResult> {
    child?.kill(signal)
    return result
  }
}

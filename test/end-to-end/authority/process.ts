// A tree that the built command runs in a process of its own, and the desk of an operator beside it.

import type { ChildProcess } from 'node:child_process'
import { setTimeout as sleep } from 'node:timers/promises'
import { type OpenDesk, openDesk } from 'bulkhead'
import { type CommandResult, run } from '../command.js'
import type { World } from './world.js'

export type RunningProcess = {
  /** Speaks with the process over its admin socket. */
  readonly desk: OpenDesk
  /** What it has printed so far. */
  readonly output: () => string
  readonly kill: (signal: NodeJS.Signals) => Promise<CommandResult>
}

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
      const desk = await openDesk(world.path('.bulkhead'))
      if (desk.mode === 'running') return { desk, output: () => output, kill }
      await desk.close()
    } catch {
      // It has not come that far.
    }
    await sleep(20)
  }
  throw new Error(`it ended: ${JSON.stringify(await result)}`)

  async function kill(signal: NodeJS.Signals): Promise<CommandResult> {
    child?.kill(signal)
    return result
  }
}

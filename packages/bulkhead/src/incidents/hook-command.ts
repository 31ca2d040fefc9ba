// Perimeter: starts the command that a tree file names for incidents.

import { type ChildProcess, spawn } from 'node:child_process'
import type { IncidentSummary } from './incident.js'
import { hookReasonCharactersMax } from './limits.js'

export type HookCommand = {
  /** Program and arguments; no shell reads them. */
  readonly words: readonly string[]
  /** Where it runs: the directory of the tree file. */
  readonly directory: string
}

export type CommandInput = {
  readonly summary: IncidentSummary
  readonly file: string
  /** The incident as JSON: its standard input. */
  readonly json: string
}

/**
 * Runs the command to its end. It is given the incident on its standard input and the facts of {@link environmentOf}, and
 * nothing else of this process's environment but `PATH`. What a component wrote is in the input only, never in an argument.
 *
 * @param signal when it aborts, the command is killed with all that it started in its group.
 * @throws {Error} when it cannot be started, or ends otherwise than with exit code 0: with the end of what it wrote on stderr.
 */
export function runHookCommand(
  { words, directory }: HookCommand,
  input: CommandInput,
  signal: AbortSignal,
): Promise<void> {
  const [program = '', ...args] = words
  const child = spawn(program, args, {
    cwd: directory,
    env: environmentOf(input),
    stdio: ['pipe', 'ignore', 'pipe'],
    // A group of its own: what it started can be ended with it.
    detached: true,
  })
  return new Promise((resolve, reject) => {
    let complaint = ''
    const kill = (): void => killGroup(child)
    signal.addEventListener('abort', kill)
    child.stderr.on('data', (chunk: Buffer) => {
      complaint = `${complaint}${chunk}`.slice(-hookReasonCharactersMax)
    })
    // It need not read what it is given.
    child.stdin.on('error', () => {})
    child.stdin.end(input.json)
    child.on('error', (error) => {
      signal.removeEventListener('abort', kill)
      reject(error)
    })
    child.on('exit', (code, killedBy) => {
      signal.removeEventListener('abort', kill)
      // Whoever it left behind may hold these open.
      child.stderr.destroy()
      if (code === 0) return resolve()
      const how = code === null ? `killed by ${killedBy}` : `exit code ${code}`
      reject(new Error(complaint.trim() === '' ? how : `${how}: ${complaint.trim()}`))
    })
  })
}

function environmentOf({ summary, file }: CommandInput): NodeJS.ProcessEnv {
  const { id, child, from, to, time } = summary
  return {
    PATH: process.env['PATH'],
    BULKHEAD_INCIDENT: String(id),
    BULKHEAD_INCIDENT_FILE: file,
    BULKHEAD_CHILD: child,
    BULKHEAD_FROM: from,
    BULKHEAD_TO: to,
    BULKHEAD_TIME: time,
  }
}

function killGroup({ pid }: ChildProcess): void {
  if (pid === undefined) return
  try {
    process.kill(-pid, 'SIGKILL')
  } catch (error) {
    // It has ended meanwhile.
    if ((error as NodeJS.ErrnoException).code !== 'ESRCH') throw error
  }
}

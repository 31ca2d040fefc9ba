import { type ChildProcess, spawn } from 'node:child_process'
import { once } from 'node:events'
import { join } from 'node:path'
import { root } from '../end-to-end/command.js'
import type { Command } from './blocks.js'
import { endOf, printsAll } from './expected-output.js'

/** What runs in the background, and how much of its output was looked at. */
type Job = { readonly process: ChildProcess; readonly closed: Promise<unknown>; printed: string; seen: number }

const patienceMs = 60_000
const lookEveryMs = 20

/**
 * A terminal in which the commands of a guide are typed, one after the other, in one folder. Like a shell it has jobs in the
 * background: `COMMAND &` starts one and waits until it printed what is expected; `kill %1` asks the first to end, `wait %1`
 * waits for that; both tell what it printed since.
 */
export class Console {
  readonly #folder: string
  /** By their numbers. */
  readonly #jobs = new Map<number, Job>()

  constructor(folder: string) {
    this.#folder = folder
  }

  /** @throws {Error} that shows both, when something else is printed than expected. */
  async type(command: Command): Promise<void> {
    if (command.line.endsWith(' &')) return this.#background(command)
    const [, act, number] = /^(kill|wait) %(\d)$/.exec(command.line) ?? []
    if (act !== undefined) return this.#endJob(command, act, Number(number))
    const { printed, exitCode } = await this.#run(command.line)
    if (exitCode !== command.exitCode || !printsAll(command.expected, printed))
      throw differs(command, printed, exitCode)
  }

  /** Ends what still runs in the background. */
  async close(): Promise<void> {
    for (const job of this.#jobs.values()) {
      signal(job, 'SIGKILL')
      await job.closed
    }
  }

  async #run(line: string): Promise<{ readonly printed: string; readonly exitCode: number }> {
    const job = this.#start(line)
    const timer = setTimeout(() => signal(job, 'SIGKILL'), patienceMs)
    await job.closed
    clearTimeout(timer)
    return { printed: job.printed, exitCode: job.process.exitCode ?? -1 }
  }

  async #background(command: Command): Promise<void> {
    const job = this.#start(`exec env ${command.line.slice(0, -2)}`)
    this.#jobs.set(Math.max(0, ...this.#jobs.keys()) + 1, job)
    const until = Date.now() + patienceMs
    for (;;) {
      const end = endOf(command.expected, job.printed)
      if (end !== undefined) {
        job.seen = end
        return
      }
      if (job.process.exitCode !== null || Date.now() > until) throw differs(command, job.printed, job.process.exitCode)
      await new Promise((resolved) => setTimeout(resolved, lookEveryMs))
    }
  }

  async #endJob(command: Command, act: string, number: number): Promise<void> {
    const job = this.#jobs.get(number)
    if (job === undefined) throw new Error(`${command.place}: there is no job ${number} in the background`)
    if (act === 'kill') signal(job, 'SIGTERM')
    const timer = setTimeout(() => signal(job, 'SIGKILL'), patienceMs)
    await job.closed
    clearTimeout(timer)
    this.#jobs.delete(number)
    const printed = job.printed.slice(job.seen)
    const { exitCode } = job.process
    if (exitCode !== command.exitCode || !printsAll(command.expected, printed))
      throw differs(command, printed, exitCode)
  }

  #start(line: string): Job {
    const { NO_COLOR: _, ...environment } = process.env
    const child = spawn('sh', ['-c', `{ ${line}\n} 2>&1`], {
      cwd: this.#folder,
      env: { ...environment, PATH: `${join(root, 'node_modules/.bin')}:${process.env['PATH']}` },
      stdio: ['ignore', 'pipe', 'ignore'],
      // A group of its own, so that what a shell started ends with it.
      detached: true,
    })
    const job: Job = { process: child, closed: once(child, 'close'), printed: '', seen: 0 }
    const decoder = new TextDecoder()
    child.stdout.on('data', (bytes: Buffer) => {
      job.printed += decoder.decode(bytes, { stream: true })
    })
    return job
  }
}

function signal({ process: { pid, exitCode } }: Job, name: NodeJS.Signals): void {
  if (pid !== undefined && exitCode === null) process.kill(-pid, name)
}

function differs({ line, place, expected, exitCode }: Command, printed: string, ended: number | null): Error {
  const quoted = (text: string): string => text.replace(/^/gm, '  ')
  return new Error(
    [
      `${place}: \`${line}\``,
      `expected, with exit ${exitCode}:\n${quoted(expected.join('\n'))}`,
      `printed, with exit ${ended}:\n${quoted(printed)}`,
    ].join('\n'),
  )
}

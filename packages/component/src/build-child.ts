// Perimeter: starts, watches and ends the build process.
import { type ChildProcess, execFileSync, fork } from 'node:child_process'
import { existsSync, readFileSync } from 'node:fs'
import { createRequire } from 'node:module'
import { BulkheadError, errorFromWire, formatBytes, formatDuration } from '@bulkhead/vocabulary'
import type { BuildStep } from './build-artifact.js'
import type { BuildOutcome, BuildReply, BuildRequest, BuildTask } from './build-protocol.js'
import { buildEngines, buildGraceMs, buildIdleMs, memoryWatchMs } from './limits.js'

const processFile = createRequire(import.meta.url).resolve('@bulkhead/component/build-process')
const PRLIMIT = ['/usr/bin/prlimit', '/bin/prlimit'].find((path) => existsSync(path))

export type BuildChildOptions = { readonly memoryBytesMax: number; readonly idleMs?: number }

type Running = {
  readonly id: number
  readonly onStep: (step: BuildStep) => void
  readonly settle: (outcome: BuildOutcome | BulkheadError) => void
}

/**
 * One build process, started when there is something to build and ended when it was idle for a while. One task at a
 * time. Its environment is empty and its data segment is capped; where that cannot be, its resident memory is watched
 * and it is killed. Killing it is always possible, whatever a thread inside is doing, and the next task starts a new one.
 */
export class BuildChild {
  readonly #options: BuildChildOptions
  #child: ChildProcess | undefined
  /** Resolves when the process is up and its memory is capped: nothing is sent to it before. */
  #ready: Promise<void> = Promise.resolve()
  #running: Running | undefined
  #idle: NodeJS.Timeout | undefined
  #sequence = 0

  constructor(options: BuildChildOptions) {
    this.#options = options
  }

  /**
   * Runs one task. An abort or a passed deadline kills the process.
   *
   * @throws {BulkheadError} what the build refused, or `component-transpile-failed`.
   */
  async run(task: BuildTask, onStep: (step: BuildStep) => void, signal: AbortSignal): Promise<BuildOutcome> {
    signal.throwIfAborted()
    clearTimeout(this.#idle)
    const child = this.#ensureChild()
    setReferenced(child, true)
    const stopWatching = this.#watch(child, task.deadlineMs)
    const abort = (): void => this.#kill(abortError(signal))
    signal.addEventListener('abort', abort, { once: true })
    try {
      return await this.#ask(child, task, onStep)
    } finally {
      signal.removeEventListener('abort', abort)
      stopWatching()
      this.#rest(child)
    }
  }

  /** Of the process that is there, if one is. */
  get pid(): number | undefined {
    return this.#child?.pid
  }

  close(): void {
    clearTimeout(this.#idle)
    this.#kill(new BulkheadError('component-transpile-failed', 'the builder was closed'))
  }

  async #ask(child: ChildProcess, task: BuildTask, onStep: (step: BuildStep) => void): Promise<BuildOutcome> {
    this.#sequence += 1
    const id = this.#sequence
    const outcome = await new Promise<BuildOutcome | BulkheadError>((settle) => {
      this.#running = { id, onStep, settle }
      void this.#ready.then(() => this.#send(child, { id, task }))
    })
    this.#running = undefined
    if (outcome instanceof Error) throw outcome
    if (outcome.kind === 'failed') throw errorFromWire(outcome.error)
    return outcome
  }

  #ensureChild(): ChildProcess {
    if (this.#child !== undefined) return this.#child
    const child = fork(processFile, [], {
      env: {},
      execArgv: [],
      serialization: 'advanced',
      stdio: ['ignore', 'ignore', 'ignore', 'ipc'],
    })
    this.#child = child
    this.#ready = new Promise((resolve) => {
      child.once('message', () => {
        this.#cap(child)
        resolve()
      })
    })
    child.on('message', (reply: BuildReply) => this.#receive(child, reply))
    child.on('error', (error) => this.#end(child, new BulkheadError('component-transpile-failed', error.message)))
    child.on('exit', (code, signal) => this.#end(child, this.#exitError(code, signal)))
    return child
  }

  #send(child: ChildProcess, request: BuildRequest): void {
    if (child !== this.#child || this.#running?.id !== request.id) return
    child.send(request, (error) => {
      if (error !== null) this.#end(child, new BulkheadError('component-transpile-failed', error.message))
    })
  }

  /**
   * Caps the data segment. What an engine merely reserves counts there too, and how much that is depends on its version
   * (about 15 MiB or more than 500), so the cap stands above what the process has when it does nothing.
   */
  #cap(child: ChildProcess): void {
    if (PRLIMIT === undefined || child.pid === undefined) return
    const limit = this.#options.memoryBytesMax + buildEngines * dataBytes(child.pid)
    try {
      execFileSync(PRLIMIT, ['--pid', String(child.pid), `--data=${limit}`], { stdio: 'ignore' })
    } catch {
      this.#kill(new BulkheadError('component-transpile-failed', 'the memory of the build process could not be capped'))
    }
  }

  #receive(child: ChildProcess, reply: BuildReply): void {
    const running = this.#running
    if (child !== this.#child || running === undefined || reply.kind === 'booted' || reply.id !== running.id) return
    if (reply.kind === 'step') running.onStep(reply.step)
    else running.settle(reply.outcome)
  }

  /** The process is gone or of no more use: its task ends with `error`. */
  #end(child: ChildProcess, error: BulkheadError): void {
    if (child !== this.#child) return
    this.#child = undefined
    this.#running?.settle(error)
  }

  #kill(error: BulkheadError): void {
    const child = this.#child
    if (child === undefined) return
    this.#end(child, error)
    child.kill('SIGKILL')
    setReferenced(child, false)
  }

  #exitError(code: number | null, signal: NodeJS.Signals | null): BulkheadError {
    const memory = formatBytes(this.#options.memoryBytesMax)
    return new BulkheadError(
      'component-transpile-failed',
      `the build process ended (${signal ?? `exit code ${code}`}); most often it needed more than its ${memory} of memory`,
      { details: { exitCode: code, signal, memoryBytesMax: this.#options.memoryBytesMax } },
    )
  }

  /** The deadline from outside, for a thread that does not answer, and the memory where no limit could be set. */
  #watch(child: ChildProcess, deadlineMs: number): () => void {
    const late = `building the component took longer than ${formatDuration(deadlineMs)}`
    const deadline = setTimeout(
      () => this.#kill(new BulkheadError('component-transpile-failed', late)),
      deadlineMs + buildGraceMs,
    )
    if (PRLIMIT !== undefined) return () => clearTimeout(deadline)
    const memory = setInterval(() => {
      if (residentBytes(child.pid) > this.#options.memoryBytesMax) this.#kill(this.#exitError(null, 'SIGKILL'))
    }, memoryWatchMs)
    return () => {
      clearTimeout(deadline)
      clearInterval(memory)
    }
  }

  /** An idle process keeps nobody alive, and ends when its channel closes. */
  #rest(child: ChildProcess): void {
    if (child !== this.#child) return
    setReferenced(child, false)
    this.#idle = setTimeout(() => {
      if (child !== this.#child) return
      this.#child = undefined
      child.disconnect()
    }, this.#options.idleMs ?? buildIdleMs)
    this.#idle.unref()
  }
}

function setReferenced(child: ChildProcess, referenced: boolean): void {
  const channel = child.channel as { ref(): void; unref(): void } | null | undefined
  if (referenced) {
    child.ref()
    channel?.ref()
  } else {
    child.unref()
    channel?.unref()
  }
}

function abortError(signal: AbortSignal): BulkheadError {
  return new BulkheadError('component-transpile-failed', 'building the component was aborted', { cause: signal.reason })
}

/** What counts against the limit on the data segment; 0 where there is no `/proc`. */
function dataBytes(pid: number): number {
  try {
    const kibibytes = /^VmData:\s*(\d+) kB$/m.exec(readFileSync(`/proc/${pid}/status`, 'utf8'))?.[1]
    return Number(kibibytes ?? 0) * 1024
  } catch {
    return 0
  }
}

/** Resident memory by `/proc`; 0 where there is none, and then only the deadline bounds the process. */
function residentBytes(pid: number | undefined): number {
  try {
    const pages = readFileSync(`/proc/${pid}/statm`, 'utf8').split(' ')[1]
    return Number(pages) * 4096
  } catch {
    return 0
  }
}

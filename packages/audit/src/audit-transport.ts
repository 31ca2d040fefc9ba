// Perimeter: the host's end of a transport starts its thread and owns the timers that bring it back.
import { statSync } from 'node:fs'
import { createRequire } from 'node:module'
import { join } from 'node:path'
import { Worker } from 'node:worker_threads'
import { transportEndMsMax, transportRetryMs, transportRetryMsMax } from './limits.js'
import { logFileName, logFileNumbers } from './log-files.js'
import { type LogPosition, logStart } from './new-lines.js'
import type { FromTransport, ToTransport, TransportThreadData } from './transport-protocol.js'
import { transportFile } from './transport-target.js'

/** A pino transport: a module that gets each record of the log as a line of JSON, beside the file. */
export type TransportTarget = {
  /** A package, `pino/file`, or a path. */
  readonly target: string
  /** What the module is called with. */
  readonly options?: Readonly<Record<string, unknown>>
}

export type AuditTransportOptions = TransportTarget & {
  /** Of the log that a journal writes, or wrote. */
  readonly directory: string
  /** From where a relative path, and the packages, are looked up. */
  readonly base: string
  /** It failed, or takes nothing for 5 s. Once, until `onResumed`. */
  readonly onFailed?: (reason: string) => void
  readonly onResumed?: () => void
}

/**
 * Hands the records of a log to a pino transport, each at least once and in order. It is a reader of the file: the file
 * with its chain stays the record, and neither a slow nor a failing transport is waited for by anybody. One that fails is
 * started again after 1 s, 2 s … 60 s and goes on where it had got to, also after a restart of the process.
 *
 * @example
 * ```ts
 * const transport = new AuditTransport({ directory, base: '.', target: 'pino/file', options: { destination: 1 } })
 * await journal.close()
 * await transport.close()
 * ```
 */
export class AuditTransport {
  readonly #options: AuditTransportOptions
  readonly #data: TransportThreadData
  #worker: Worker | undefined
  #retry: NodeJS.Timeout | undefined
  #failures = 0
  #isFailing = false
  /** The thread's own last word: it has handed over everything. */
  #isFinished = false
  #closing: Promise<void> | undefined

  /**
   * Begins with what follows what is in the log now, or with what it had not taken when it was last used here.
   *
   * @throws {BulkheadError} `usage` where the module is not there.
   */
  constructor(options: AuditTransportOptions) {
    this.#options = options
    const { directory, base, target } = options
    this.#data = {
      directory,
      target: transportFile(target, base),
      options: options.options ?? {},
      from: endOf(directory),
    }
    this.#start()
  }

  /** Hands over what is left, for at most 5 s. What is left then is handed over when the log is next opened. */
  close(): Promise<void> {
    this.#closing ??= this.#close()
    return this.#closing
  }

  async #close(): Promise<void> {
    clearTimeout(this.#retry)
    if (this.#worker === undefined) this.#start()
    const worker = this.#worker
    if (worker === undefined) return
    worker.ref()
    const exited = new Promise<void>((resolve) => worker.once('exit', () => resolve()))
    worker.postMessage('finish' satisfies ToTransport)
    const late = setTimeout(() => void worker.terminate(), transportEndMsMax)
    await exited
    clearTimeout(late)
    if (!this.#isFinished) this.#fail(`it did not take what was left within ${transportEndMsMax / 1_000} s of the end`)
  }

  #start(): void {
    const worker = new Worker(createRequire(import.meta.url).resolve('@bulkhead/audit/transport-thread'), {
      name: 'audit transport',
      execArgv: [],
      workerData: this.#data,
    })
    worker.unref()
    let reason = 'its thread has ended'
    worker.on('message', (message: FromTransport) => this.#receive(message))
    worker.on('error', (error) => {
      reason = error instanceof Error ? error.message : String(error)
    })
    worker.once('exit', () => this.#exited(reason))
    this.#worker = worker
  }

  #receive(message: FromTransport): void {
    if (message.type === 'slow') {
      this.#fail('it takes nothing')
      return
    }
    if (message.type === 'finished') this.#isFinished = true
    this.#failures = 0
    if (!this.#isFailing) return
    this.#isFailing = false
    this.#options.onResumed?.()
  }

  #exited(reason: string): void {
    this.#worker = undefined
    if (this.#isFinished) return
    this.#fail(reason)
    if (this.#closing !== undefined) return
    const delayMs = Math.min(transportRetryMsMax, transportRetryMs * 2 ** this.#failures++)
    this.#retry = setTimeout(() => this.#start(), delayMs).unref()
  }

  #fail(reason: string): void {
    if (this.#isFailing) return
    this.#isFailing = true
    this.#options.onFailed?.(`the audit transport \`${this.#options.target}\`: ${reason}`)
  }
}

function endOf(directory: string): LogPosition {
  const file = logFileNumbers(directory).at(-1)
  return file === undefined ? logStart : { file, offset: statSync(join(directory, logFileName(file))).size }
}

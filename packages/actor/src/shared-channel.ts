// Perimeter: makes worker threads.
import { createRequire } from 'node:module'
import { Worker } from 'node:worker_threads'
import { LaneWriter } from '@bulkhead/lane'
import { Bell } from '@bulkhead/mailbox'
import type { Channel, ChannelExit } from './channel.js'
import type { HttpLanes } from './http/guest-exchange.js'
import { markGone } from './http/http-ends.js'
import { Ledger } from './ledger.js'
import { javascriptHeapMegabytes } from './limits.js'
import type { FromWorker } from './protocol.js'
import { isThreadRunnable, threadCpuMs } from './thread-usage.js'

const workerFile = createRequire(import.meta.url).resolve('@bulkhead/actor/worker-thread')

/**
 * Starts a worker thread that waits for `begin`. It inherits nothing: no environment, no arguments, no standard streams
 * of the host. Until `begin` it does not keep the process alive.
 *
 * @param entry the file that the thread runs; ours when left out. Tests have entries that hold a guest where they want it.
 */
export function openSharedChannel(entry: string = workerFile): Channel {
  const ledger = new Ledger()
  const worker = new Worker(entry, {
    env: {},
    argv: [],
    execArgv: [],
    stdin: false,
    stdout: true,
    stderr: true,
    workerData: ledger.memory,
    resourceLimits: { maxOldGenerationSizeMb: javascriptHeapMegabytes },
  })
  worker.unref()
  // Nothing of ours writes there; what a runtime warning leaves must not pile up.
  worker.stdout.resume()
  worker.stderr.resume()

  const exited = new Promise<ChannelExit>((resolve) => {
    let error: Error | undefined
    worker.once('error', (thrown: Error) => {
      error = thrown
    })
    worker.once('exit', () => resolve(error === undefined ? {} : { error }))
  })

  let bells: readonly Bell[] = []
  let http: HttpLanes | undefined
  /** A guest parks on the ledger's word, or on the bell of the mailbox or inbox that it reads. */
  const wake = (): void => {
    ledger.wake()
    for (const bell of bells) bell.wake()
  }

  return {
    kind: 'shared',
    ledger,
    exited,
    cpuMs: () => threadCpuMs(ledger.threadId),
    wantsCpu: () => isThreadRunnable(ledger.threadId),
    begin: (message) => {
      const { mailbox, inbox, routing } = message.messages ?? {}
      bells = [mailbox, inbox].flatMap((read) => (read === undefined ? [] : [new Bell(read.reader.bell)]))
      ledger.routingVersion = routing?.version ?? 0
      http = message.http
      if (http !== undefined) closeAfter(exited, http)
      worker.ref()
      worker.postMessage(message)
    },
    replaceContext: (update) => {
      worker.postMessage({ kind: 'context', update })
      ledger.observedVersion = update.policyVersion
      wake()
    },
    requestStop: () => {
      ledger.requestStop()
      wake()
    },
    post: (message) => {
      worker.postMessage(message)
      if (message.kind === 'routing') ledger.routingVersion = message.routing.version
      wake()
    },
    serviceWake: { buffer: ledger.memory, byteOffset: ledger.wakeOffset },
    giveService: (service, slot) => {
      worker.postMessage({ kind: 'service', service, slot })
      wake()
    },
    endExchange: (number) => {
      if (http !== undefined) markGone(http, number)
      wake()
    },
    onMessage: (listener) => {
      worker.on('message', (message: FromWorker) => listener(message))
    },
    terminate: () => {
      void worker.terminate()
    },
  }
}

/** Nothing more is written into it, and whoever reads it comes to its end. */
function closeAfter(exited: Promise<ChannelExit>, { fromGuest }: HttpLanes): void {
  void exited.then(() => new LaneWriter(fromGuest).close())
}

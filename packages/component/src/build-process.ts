// Perimeter: the build child process. It does nothing but keep a pool of one disposable thread, pass work to it, and end
// with its parent. It exists because WebAssembly memory escapes a thread's limits: only a process can be capped or killed.
import { createRequire } from 'node:module'
import { MessageChannel } from 'node:worker_threads'
import { formatDuration } from '@bulkhead/vocabulary'
import { Piscina } from 'piscina'
import type { BuildStep } from './build-artifact.js'
import type { BuildOutcome, BuildReply, BuildRequest } from './build-protocol.js'
import type { WorkerTask } from './build-worker.js'
import { buildHeapMegabytesMax } from './limits.js'

const workerFile = createRequire(import.meta.url).resolve('@bulkhead/component/build-worker')
let pool = newPool()

process.on('disconnect', () => process.exit(0))
process.on('message', (request: BuildRequest) => void serve(request))
reply({ kind: 'booted' })

async function serve({ id, task }: BuildRequest): Promise<void> {
  const { port1, port2 } = new MessageChannel()
  port1.on('message', (step: BuildStep) => reply({ kind: 'step', id, step }))
  const outcome = await runInPool({ task, steps: port2 })
  port1.close()
  if (outcome.kind === 'failed') await renewPool()
  reply({ kind: 'outcome', id, outcome })
}

async function runInPool(work: WorkerTask): Promise<BuildOutcome> {
  const { deadlineMs } = work.task
  const signal = AbortSignal.timeout(deadlineMs)
  try {
    return (await pool.run(work, { name: 'run', signal, transferList: [work.steps] })) as BuildOutcome
  } catch (thrown) {
    const reason = thrown instanceof Error ? thrown.message : String(thrown)
    const message = signal.aborted
      ? `building the component took longer than ${formatDuration(deadlineMs)}`
      : `building the component ended its thread: ${reason}`
    const error = { family: 'error', code: 'component-transpile-failed', message, details: { reason } } as const
    return { kind: 'failed', error }
  }
}

/** A failed thread gets no further work. */
async function renewPool(): Promise<void> {
  const old = pool
  pool = newPool()
  await old.destroy()
}

function newPool(): Piscina {
  return new Piscina({
    filename: workerFile,
    minThreads: 0,
    maxThreads: 1,
    idleTimeout: 60_000,
    env: {},
    execArgv: [],
    resourceLimits: { maxOldGenerationSizeMb: buildHeapMegabytesMax },
  })
}

function reply(message: BuildReply): void {
  if (process.connected) process.send?.(message)
}

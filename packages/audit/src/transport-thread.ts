// Perimeter: one run of an audit transport, in a thread of its own. It follows the log as any reader does and hands each
// line to the module that the operator named. The log is its queue: however slow the module is, nothing waits for it and
// nothing is kept in memory beyond what pino's stream holds. Whatever goes wrong ends the thread; the host starts another.
import { once } from 'node:events'
import { setTimeout as sleep } from 'node:timers/promises'
import { parentPort, workerData } from 'node:worker_threads'
import pino from 'pino'
import { followLookMs, transportSlowMs } from './limits.js'
import { type LogPosition, newLines } from './new-lines.js'
import { readBookmark, writeBookmark } from './transport-bookmark.js'
import type { FromTransport, ToTransport, TransportThreadData } from './transport-protocol.js'

const sequenceOf = /^\{"v":1,"seq":(\d+),/

/** `writableErrored` is there, and is not in its types. */
type Stream = ReturnType<typeof pino.transport> & { readonly writableErrored?: Error | null }

const { directory, target, options, from } = workerData as TransportThreadData
const post = (message: FromTransport): void => parentPort?.postMessage(message)
const finish = new AbortController()
parentPort?.on('message', (_message: ToTransport) => finish.abort())

const stream: Stream = pino.transport({ target, options: options as object, worker: { autoEnd: false } })
// A module that ends its thread says nothing: that is a failure here unless it was asked to end.
const gone = new Promise<never>((_, reject) => {
  stream.on('error', reject)
  stream.on('close', () => reject(new Error('the module has ended its thread')))
}).catch(failed)
gone.catch(() => {})

const bookmark = readBookmark(directory, target)
let at: LogPosition = bookmark === undefined ? from : { file: bookmark.file, offset: 0 }
let taken = bookmark?.seq ?? 0
let given = taken

for (;;) {
  // Looked at first: what is asked for while the log is read is found at the next look.
  const isLast = finish.signal.aborted
  await handOver()
  if (given > taken) await settle()
  if (isLast) break
  await Promise.race([sleep(followLookMs, undefined, { signal: finish.signal }).catch(() => {}), gone])
}
const closed = once(stream, 'close')
stream.end()
await closed
post({ type: 'finished' })
parentPort?.close()

async function handOver(): Promise<void> {
  for await (const { line, file } of newLines(directory, at)) {
    at = { file, offset: line.end }
    const seq = Number(sequenceOf.exec(line.bytes.toString('latin1', 0, 64))?.[1])
    if (seq <= given) continue
    const goesOn = stream.write(`${line.bytes.toString()}\n`)
    given = seq
    if (!goesOn) await patiently(once(stream, 'drain'))
  }
}

/** Waits until the module's thread has taken what was handed over, and writes down that it has. */
async function settle(): Promise<void> {
  await patiently(flushed(stream))
  taken = given
  writeBookmark(directory, { target, file: at.file, seq: taken })
  post({ type: 'taken', seq: taken })
}

function flushed(through: Stream): Promise<void> {
  return new Promise((resolve, reject) => {
    through.flush((error?: Error | null) => (error ? reject(error) : resolve()))
  })
}

/** A flush that comes after a failed write, and before its error is told, says only that the worker has exited. */
function failed(thrown: unknown): never {
  throw stream.writableErrored ?? thrown
}

/** Waits as long as it takes, and tells the host when that is long. */
async function patiently(wait: Promise<unknown>): Promise<void> {
  const slow = setTimeout(() => post({ type: 'slow' }), transportSlowMs)
  try {
    await Promise.race([wait, gone]).catch(failed)
  } finally {
    clearTimeout(slow)
  }
}

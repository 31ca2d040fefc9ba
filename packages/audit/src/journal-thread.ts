// Perimeter: the journal's own thread. The clock, the file system and the port enter here; the loop is handed them.
import { lstatSync } from 'node:fs'
import { receiveMessageOnPort, workerData } from 'node:worker_threads'
import { systemClock, wireFromUnknown } from '@bulkhead/vocabulary'
import { Bell } from './bell.js'
import { countedLog } from './counted-log.js'
import { explainRefusal } from './disk-refusal.js'
import { type JournalLog, UnwrittenLog } from './journal-log.js'
import { JournalLoop } from './journal-loop.js'
import type { FromJournal, JournalThreadData, LogOptions, ToJournal } from './journal-protocol.js'
import { WallTime } from './wall-time.js'

type OpenedLog = { readonly log: JournalLog; readonly recovered: string | undefined }

const data = workerData as JournalThreadData
const post = (message: FromJournal): void => data.port.postMessage(message)
const heartbeat = new Int32Array(data.heartbeat)
const placed = new BigInt64Array(data.placed)

try {
  const { log, recovered } = await openLog(data.log)
  post({ type: 'ready', recovered })
  new JournalLoop({
    log: countedLog(log, () => Atomics.add(placed, 0, 1n)),
    post,
    receive: () => receiveMessageOnPort(data.port)?.message as ToJournal | undefined,
    bell: new Bell(data.bell),
    beat: () => Atomics.add(heartbeat, 0, 1),
    lstat: lstatSync,
    clock: systemClock,
    time: new WallTime(data.monotonicOriginNs, systemClock),
  }).run()
} catch (error) {
  post({ type: 'refused', error: wireFromUnknown(explainRefusal(error, data.log?.directory ?? '')) })
} finally {
  data.port.close()
}

async function openLog(options: LogOptions | undefined): Promise<OpenedLog> {
  if (options === undefined) return { log: new UnwrittenLog(), recovered: undefined }
  // pino and its formatters take a while to load: a run without a file does without them.
  const { ChainedLog } = await import('./chained-log.js')
  const { log, recovered } = await ChainedLog.open(options, systemClock)
  if (recovered !== undefined) {
    log.append({
      time: new Date(systemClock.wallMs()).toISOString(),
      event: 'recovered',
      reason: recovered,
      attested: 'host',
    })
    log.seal()
  }
  return { log, recovered }
}

// The messages between the host's `Journal` and its thread. Both ends are ours; nothing here comes from a component.

import type { MessagePort } from 'node:worker_threads'
import type { RateBucketMemory } from '@bulkhead/quota'
import type { WireError } from '@bulkhead/vocabulary'
import type { AdministrativeRecord, Attested, RingIdentity } from './log-record.js'
import type { ReportScope, RingRecord, RingTotals } from './report.js'
import type { RingMemory } from './ring-memory.js'

export type JournalThreadData = {
  readonly port: MessagePort
  readonly bell: SharedArrayBuffer
  /** One word that moves while the journal gets on. */
  readonly heartbeat: SharedArrayBuffer
  /** One wide word: records that were given a place in the log. */
  readonly placed: SharedArrayBuffer
  readonly log: LogOptions | undefined
  /** The monotonic instant, in nanoseconds of the process's clock, that record times count from. */
  readonly monotonicOriginNs: bigint
}

export type LogOptions = {
  readonly directory: string
  /** The private key in PKCS #8, DER. */
  readonly sealKey: Uint8Array
  readonly fileBytesMax: number
}

export type ToJournal =
  | {
      readonly type: 'attach'
      readonly ring: number
      readonly memory: RingMemory
      /** One word that counts the reports which the host has taken. */
      readonly taken: SharedArrayBuffer
      /** The rate at which records are taken out of the ring: the host's and the journal's alone. */
      readonly rate: RateBucketMemory
      readonly identity: RingIdentity
      readonly report: ReportScope
      readonly attested: Attested
    }
  | { readonly type: 'release'; readonly ring: number }
  | { readonly type: 'note'; readonly note: number; readonly record: AdministrativeRecord }
  | { readonly type: 'close' }

export type FromJournal =
  | { readonly type: 'ready'; readonly recovered: string | undefined }
  | { readonly type: 'refused'; readonly error: WireError }
  | { readonly type: 'reports'; readonly records: readonly RingRecord[] }
  | { readonly type: 'released'; readonly ring: number; readonly totals: RingTotals }
  | { readonly type: 'noted'; readonly note: number }
  | { readonly type: 'failing'; readonly message: string }
  | { readonly type: 'closed' }

// The messages between the host's `AuditTransport` and one run of its thread.
import type { LogPosition } from './new-lines.js'

export type TransportThreadData = {
  /** Of the log. */
  readonly directory: string
  /** Absolute path of the module. */
  readonly target: string
  readonly options: unknown
  /** Where it begins when it has taken nothing of this log yet. */
  readonly from: LogPosition
}

export type ToTransport = 'finish'

/** `slow`: it has taken nothing for a while; `taken`: what there was, up to `seq`; `finished`: all there will be. */
export type FromTransport =
  | { readonly type: 'slow' }
  | { readonly type: 'taken'; readonly seq: number }
  | { readonly type: 'finished' }

import type { InterfaceContract } from '@bulkhead/contracts'
import type { WireError } from '@bulkhead/vocabulary'
import type { BuildStep } from './build-artifact.js'
import type { Description } from './describe.js'

/** What the build process is asked. Structured clone carries it: the bytes travel as bytes. */
export type BuildTask =
  | {
      readonly kind: 'build'
      readonly bytes: Uint8Array
      readonly memoryBytesMax: number
      /** Of the host application, beside the bundled ones. */
      readonly interfaces: readonly InterfaceContract[]
      readonly deadlineMs: number
    }
  | { readonly kind: 'describe'; readonly bytes: Uint8Array; readonly deadlineMs: number }

export type BuildRequest = { readonly id: number; readonly task: BuildTask }

/** `built` carries an encoded artifact. */
export type BuildOutcome =
  | { readonly kind: 'built'; readonly artifact: Uint8Array }
  | { readonly kind: 'described'; readonly description: Description }
  | { readonly kind: 'failed'; readonly error: WireError }

export type BuildReply =
  /** Sent once, before anything was asked: the process is up and can be capped. */
  | { readonly kind: 'booted' }
  | { readonly kind: 'step'; readonly id: number; readonly step: BuildStep }
  | { readonly kind: 'outcome'; readonly id: number; readonly outcome: BuildOutcome }

import type { BuildProgress } from '@bulkhead/component'
import type { HealthEvent } from '@bulkhead/vocabulary'
import type { ChildDenied, ChildOutput, ChildReport, HandlerFailure, LogRecord } from 'bulkhead'

/** Where `run` tells what happens: for people or, one JSON object a line, for programs. */
export type RunLog = {
  readonly progress: (progress: BuildProgress) => void
  readonly health: (event: HealthEvent) => void
  readonly output: (output: ChildOutput) => void
  readonly log: (record: LogRecord) => void
  readonly denied: (denied: ChildDenied) => void
  readonly handlerFailed: (failure: HandlerFailure) => void
  /** Where the inspector answers. */
  readonly inspecting: (url: string) => void
  /** The end: `asExpected` is absent when the tree was told to stop. */
  readonly end: (children: readonly ChildReport[], asExpected: boolean | undefined) => void
}

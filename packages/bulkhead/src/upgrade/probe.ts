import type { MessagesBegin } from '@bulkhead/actor'
import type { PreparedComponent } from '@bulkhead/component'
import type { Documents, SecurityContext, Standing } from '@bulkhead/security-context'
import { BulkheadError } from '@bulkhead/vocabulary'
import { type Engine, startRun } from '../run-actor.js'

export type ProbedRun = {
  readonly file: string
  readonly component: PreparedComponent
  readonly context: SecurityContext
  readonly documents: Documents
  readonly standing: Standing
  /** A mailbox that nobody sends to. */
  readonly messages: MessagesBegin
}

/**
 * Starts a component beside the one that runs, until it is ready to take messages, and stops it again. It has the rules that
 * it would have and is handed nothing; what it sends reaches nobody.
 *
 * @throws {BulkheadError} `component-invalid` when it does not become ready.
 */
export async function probe({ file, ...run }: ProbedRun, engine: Engine): Promise<void> {
  const nowhere = (): void => {}
  const { actor } = startRun(
    {
      ...run,
      ...{ incarnation: 0, deadlineMs: undefined, stdin: undefined, stdout: nowhere, stderr: nowhere },
      ...{ reportGranted: false, onDenied: nowhere },
    },
    engine,
  )
  const ended = await Promise.race([actor.ready.then(() => undefined), actor.exited])
  if (ended === undefined) {
    actor.stop()
    await Promise.race([actor.exited, new Promise((resolve) => engine.clock.after(1_000, () => resolve(actor.kill())))])
    return
  }
  throw new BulkheadError('component-invalid', `\`${file}\` did not become ready: ${ended.reason}`, {
    hint: 'the child runs on as it was',
  })
}

// Perimeter: starts the thread of a recommendation.
import { createRequire } from 'node:module'
import { Worker } from 'node:worker_threads'
import type { Recommendation } from '@bulkhead/policy'
import { BulkheadError } from '@bulkhead/vocabulary'
import type { RecommendTask } from './recommend-thread.js'

/**
 * Works a recommendation out in a thread of its own.
 *
 * @throws {BulkheadError} `store-corrupt` when the log cannot be read.
 */
export function recommendApart(task: RecommendTask): Promise<Recommendation> {
  return new Promise((resolve, reject) => {
    const thread = new Worker(createRequire(import.meta.url).resolve('bulkhead/recommend-thread'), {
      name: 'recommend',
      env: {},
      execArgv: [],
      workerData: task,
    })
    thread.once('message', resolve)
    thread.once('error', (error: Error) => reject(asBulkheadError(error)))
    thread.once('exit', () => reject(new BulkheadError('internal', 'the recommendation ended without an answer')))
  })
}

/** An error keeps its words, not its class, on the way out of a thread. */
function asBulkheadError(error: Error & { readonly code?: unknown }): BulkheadError {
  return new BulkheadError(error.code === 'store-corrupt' ? 'store-corrupt' : 'internal', error.message, {
    cause: error,
    hint: 'bulkhead audit verify',
  })
}

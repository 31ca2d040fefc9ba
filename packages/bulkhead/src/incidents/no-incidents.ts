import { BulkheadError } from '@bulkhead/vocabulary'
import type { IncidentReader } from './incident-files.js'

/** Of a runtime that keeps nothing. */
export const noIncidents: IncidentReader = {
  list: async () => [],
  show: async () => {
    throw new BulkheadError('state-not-found', 'this runtime has no state directory, so that no incident is kept', {
      hint: 'give `createRuntime` a tree, or a `state`',
    })
  },
}

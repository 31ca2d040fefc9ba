import { BulkheadError } from '@bulkhead/vocabulary'

/** Nobody answers, or stopped to: the command that needs the running process ends with exit code 4. */
export function unreachable(directory: string, why: string): BulkheadError {
  return new BulkheadError(
    'runtime-unreachable',
    `no process answers for the state directory \`${directory}\`: ${why}`,
    {
      details: { path: directory },
      hint: 'one that `bulkhead run` starts answers; if it is only starting or stopping, try again',
    },
  )
}

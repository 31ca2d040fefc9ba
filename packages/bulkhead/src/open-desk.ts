import type { OpenDesk } from './authority/open-desk.js'

/**
 * Opens the desk of a state directory for an operator: at the running process over its admin socket, else in this one.
 *
 * @throws {BulkheadError} `state-not-found`; `runtime-unreachable` when a process uses the directory and does not answer.
 * @example
 * ```ts
 * const desk = await openDesk('.bulkhead')
 * const { granted } = await desk.request('policy.show', { child: 'ingest' })
 * await desk.close()
 * ```
 */
export async function openDesk(stateDirectory: string): Promise<OpenDesk> {
  // Stores, signatures and schemas are loaded by who decides on authority, not by every run of a program.
  const desk = await import('./authority/open-desk.js')
  return desk.openDesk(stateDirectory)
}

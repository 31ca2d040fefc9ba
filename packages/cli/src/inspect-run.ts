import type { Inspector } from '@bulkhead/inspector'
import type { Runtime } from 'bulkhead'
import type { RunLog } from './run-log.js'
import type { Terminal } from './terminal.js'

/** `--inspect` alone, or with where to listen. */
export type InspectFlag = true | string

/**
 * Loads the inspector, and looks at the address before anything starts.
 *
 * @returns opens it for a runtime, and tells where it is. The token is in it only where a person sees it: logs are kept.
 * @throws {BulkheadError} `usage` for what is no address
 */
export async function prepareInspector(
  flag: InspectFlag,
  log: Pick<RunLog, 'inspecting'>,
  { stdout }: Terminal,
): Promise<(runtime: Runtime) => Promise<Inspector>> {
  const { inspectorAddress, openInspector } = await import('@bulkhead/inspector')
  const options = flag === true ? {} : { listen: flag }
  if (flag !== true) inspectorAddress(flag)
  return async (runtime) => {
    const inspector = await openInspector(runtime, options)
    log.inspecting(stdout.isTerminal ? inspector.urlWithToken : inspector.url)
    return inspector
  }
}

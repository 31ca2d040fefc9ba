import { AuditTransport, type TransportTarget } from '@bulkhead/audit'
import type { Tree } from '@bulkhead/manifest'
import type { StateDirectory } from '@bulkhead/state'
import { BulkheadError, type HealthEventDraft } from '@bulkhead/vocabulary'

/**
 * Starts the transport that the options name, else that of the tree. A path of the options starts in the working directory,
 * one of the tree in its folder.
 *
 * @throws {BulkheadError} `usage` where its module is not there, and where no log is kept that it could be given.
 */
export function openTransport(
  option: TransportTarget | undefined,
  tree: Tree | undefined,
  state: StateDirectory | undefined,
  raise: (draft: HealthEventDraft) => void,
): AuditTransport | undefined {
  const wanted = option ?? tree?.auditTransport
  if (wanted === undefined) return undefined
  if (state === undefined) {
    throw new BulkheadError('usage', 'an audit transport gets what the audit log keeps, and none is kept here', {
      hint: 'name a state directory: createRuntime({ state: ".bulkhead" })',
    })
  }
  if (wanted.target === undefined || !isClonable(wanted.options)) {
    throw new BulkheadError('usage', '`audit.transport` needs a `target`, and options that can go to another thread', {
      hint: 'transport: { target: "pino/file", options: { destination: "audit.log" } }',
    })
  }
  return new AuditTransport({
    ...wanted,
    directory: state.path('audit'),
    base: option === undefined ? (tree?.directory ?? '.') : process.cwd(),
    onFailed: (reason) => raise({ type: 'audit.transport-failed', supervisor: 'root', reason }),
    onResumed: () => raise({ type: 'audit.transport-resumed', supervisor: 'root' }),
  })
}

function isClonable(options: unknown): boolean {
  try {
    structuredClone(options)
    return true
  } catch {
    return false
  }
}

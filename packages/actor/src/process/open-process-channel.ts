import type { Channel } from '../channel.js'
import { ProcessChannel } from './process-channel.js'
import type { ProcessSpec } from './process-spec.js'

/**
 * Starts a process for one actor, inside bubblewrap, which waits for `begin`.
 *
 * @throws {BulkheadError} `platform-unsupported` for a mount that cannot be held there; `walls-missing` without
 *   bubblewrap, and in a weak rung for a guest with files.
 * @example
 * ```ts
 * const { component, portable } = await builder.portable({ file }, { memoryBytesMax })
 * const channel = openProcessChannel({ executable: portable, context: context.worker, hidden: [stateDirectory] })
 * const ring = journal.attach(identity, { attested: 'child' })
 * const actor = new ComponentActor({ ...spec, executable: component.executable, context }, { ...powers, channel, ring })
 * ```
 */
export function openProcessChannel(spec: ProcessSpec): Channel {
  const channel = new ProcessChannel(spec)
  const { kind, ledger, exited, drained, serviceWake } = channel
  return {
    ...{ kind, ledger, exited, drained, serviceWake },
    begin: (message) => channel.begin(message),
    replaceContext: (update) => channel.replaceContext(update),
    requestStop: () => channel.requestStop(),
    post: (message) => channel.post(message),
    endExchange: (number) => channel.endExchange(number),
    giveService: (service, slot) => channel.giveService(service, slot),
    onMessage: (listener) => channel.onMessage(listener),
    cpuMs: () => channel.cpuMs(),
    wantsCpu: () => channel.wantsCpu(),
    terminate: () => channel.terminate(),
  }
}

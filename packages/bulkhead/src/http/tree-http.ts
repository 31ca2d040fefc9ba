// HTTP of a tree: where it listens, and who its routes lead to.

import { renderPlace } from '@bulkhead/document'
import { defaultQuotas, type ListenAddress, parseListen, type Tree } from '@bulkhead/manifest'
import type { NarrowedLimits } from '@bulkhead/security-context'
import { BulkheadError, type HealthEventDraft } from '@bulkhead/vocabulary'
import type { MessageRole } from '../messages/message-member.js'
import { type GatePowers, HttpGate } from './http-gate.js'

/** The gate of a tree; `undefined` where it answers no requests. */
export function openGate(
  { http }: Tree,
  {
    limitsOf,
    ...powers
  }: Omit<GatePowers, 'bodyBytesMax' | 'deadlineMsOf'> & {
    readonly limitsOf: (child: string) => NarrowedLimits | undefined
  },
): HttpGate | undefined {
  if (http === undefined) return undefined
  const deadlineMsOf = (child: string): number => limitsOf(child)?.deadlineMs?.value ?? defaultQuotas.deadlineMs
  return new HttpGate({ ...powers, deadlineMsOf, bodyBytesMax: http.bodyBytesMax })
}

/** @throws {BulkheadError} `component-invalid` for a route to a child that answers no requests, with its place in the file. */
export function refuseUnfitRoutes(tree: Tree, roleOf: (child: string) => MessageRole | undefined): void {
  for (const { pattern, child, at } of tree.http?.routes ?? []) {
    if (roleOf(child)?.servesHttp === true) continue
    const where = renderPlace(tree.file, at)
    throw new BulkheadError(
      'component-invalid',
      `${where}: \`${pattern}\` leads to \`${child}\`, whose component answers no HTTP requests`,
      { hint: 'a component that does exports wasi:http/incoming-handler@0.2.12, and its kind is not `command`' },
    )
  }
}

/**
 * Where the tree listens: as its file says, or as the host application does.
 *
 * @throws {BulkheadError} `usage` for what is no address, and for one where the tree has no routes.
 */
export function listenAddress(tree: Tree | undefined, override: string | undefined): ListenAddress | undefined {
  if (override === undefined) return tree?.http?.listen
  if (tree?.http === undefined) {
    throw new BulkheadError('usage', '`http.listen` is given, and there are no routes', {
      hint: 'name a tree file with a table [http] that has routes',
    })
  }
  const address = parseListen(override, process.cwd())
  if (!('message' in address)) return address
  throw new BulkheadError('usage', `\`${override}\` in http.listen: ${address.message}`, { hint: address.hint })
}

/** After these a member takes nothing out of its mailbox, or not soon. */
const unreachable: ReadonlySet<HealthEventDraft['type']> = new Set([
  'child.quarantined',
  'child.stopped',
  'child.removed',
  'child.held',
  'child.zombie',
])

/** Whether who waits for a member waits in vain from now on. */
export function leavesInVain({ type }: HealthEventDraft): boolean {
  return unreachable.has(type)
}

// The entry of a worker thread whose guard lets everything pass and whose router knows no bounds: what a guest would have
// that had broken out of both. For tests of what stands behind them; built, because threads start from built files.
import { parentPort, workerData } from 'node:worker_threads'
import { compileTable, type Grant } from '@bulkhead/capability'
import { buildRoutingTable } from '@bulkhead/mailbox'
import type { LedgerMemory } from './ledger.js'
import type { ToWorker } from './protocol.js'
import { serveGuest } from './serve-guest.js'

const wishes = [
  ['messaging', 'publish', '>'],
  ['messaging', 'request', '>'],
  ['network', 'connect', '*:*'],
  ['network', 'connect', '0.0.0.0/0:*'],
  ['network', 'connect', 'udp://0.0.0.0/0:*'],
  ['network', 'bind', '0.0.0.0/0:*'],
  ['storage', 'read', '*:*'],
  ['storage', 'write', '*:*'],
  ['storage', 'delete', '*:*'],
] as const
const everything = wishes.map(
  ([kind, action, pattern]): Grant => ({ kind, action, pattern, origin: { document: 'stolen.toml' } }),
)

if (parentPort === null) throw new Error('this file is the entry of a worker thread')
// Called before the listener of the perimeter, with the same object.
parentPort.once('message', (message: ToWorker) => {
  if (message.kind !== 'begin') return
  const { version } = message.context.table
  const layers = [{ layer: 'approval' as const, grants: everything }]
  Object.assign(message.context, {
    table: compileTable({ version, componentId: 'stolen', layers, operator: [], deny: [], forbidden: [] }),
  })
  if (message.messages === undefined) return
  const { receivers } = message.messages.routing
  Object.assign(message.messages, {
    routing: buildRoutingTable({
      version: message.messages.routing.version,
      receivers: receivers.map(({ id, mailboxes }) => ({ id, mailboxes })),
      subscriptions: receivers.map(({ id }) => ({ pattern: '>', receiver: id })),
    }),
  })
})
serveGuest(parentPort, workerData as LedgerMemory)

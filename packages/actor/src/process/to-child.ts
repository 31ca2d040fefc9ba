// What the host tells a bridge. This direction is trusted: the bridge is our code and believes its host, so that whole
// tables and modules travel in V8's own form.

import { deserialize, serialize } from 'node:v8'
import type { PortableExecutable } from '@bulkhead/component/load'
import type { WorkerContext } from '@bulkhead/security-context'
import type { ContextUpdate } from '@bulkhead/wasi'
import type { Begin } from '../protocol.js'
import type { ServiceNews } from '../services/service-protocol.js'
import type { RemoteBegin, RemoteNews } from './remote-protocol.js'

export type ToChild =
  | {
      readonly kind: 'begin'
      readonly executable: PortableExecutable
      readonly context: WorkerContext
      readonly originNs: bigint
      readonly hasInput: boolean
      readonly messages: RemoteBegin | undefined
      readonly answersHttp: boolean
      /** Whether granted decisions wait until they are on the disk. */
      readonly strictAudit: boolean
      readonly secrets?: Begin['secrets']
    }
  | { readonly kind: 'context'; readonly update: ContextUpdate }
  | { readonly kind: 'stop' }
  /** The client of this HTTP exchange is gone. */
  | { readonly kind: 'exchange-ended'; readonly number: number }
  /** The log message that was sent last has been taken: the next one may come. */
  | { readonly kind: 'logged' }
  /** Strict audit: so many granted decisions are on the disk, and whether the journal makes no progress. */
  | { readonly kind: 'recorded'; readonly granted: number; readonly stalled: boolean }
  | RemoteNews
  | ServiceNews

export function encodeToChild(message: ToChild): Uint8Array {
  return serialize(message)
}

export function decodeToChild(body: Uint8Array): ToChild {
  return deserialize(body) as ToChild
}

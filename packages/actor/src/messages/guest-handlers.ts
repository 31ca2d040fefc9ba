import type { GuestExports } from '@bulkhead/component/load'
import type { ExportedFunction } from '@bulkhead/contracts'
import { BulkheadError } from '@bulkhead/vocabulary'
import { functionsOf, type GuestFunctions } from '../calls/call-server.js'
import type { HttpHandler } from '../http/http-requests.js'
import type { GuestLifecycle } from '../lifecycle/guest-lifecycle.js'
import type { MessageHandler } from './serve-messages.js'

/** What a guest exports that takes what lies in its mailbox. */
export type GuestHandlers = {
  readonly message: MessageHandler | undefined
  readonly http: HttpHandler | undefined
  readonly functions: GuestFunctions
  /** What it exports of its own life; it is none of what makes it an actor. */
  readonly lifecycle: GuestLifecycle
}

/** @throws {BulkheadError} `component-invalid` for a component that has none. */
export function handlersOf(exports: GuestExports, exported: readonly ExportedFunction[]): GuestHandlers {
  const message = interfaceOf<{ handleMessage?: MessageHandler }>(exports, 'wasmcloud:messaging/handler')?.handleMessage
  const http = interfaceOf<{ handle?: HttpHandler }>(exports, 'wasi:http/incoming-handler')?.handle
  const functions = functionsOf(exports, exported)
  if (message === undefined && http === undefined && functions.size === 0) {
    throw new BulkheadError('component-invalid', 'this component exports nothing that its host could call', {
      hint: 'export wasmcloud:messaging/handler, wasi:http/incoming-handler, or functions over plain values',
    })
  }
  const lifecycle = interfaceOf<GuestLifecycle>(exports, 'bulkhead:actor/lifecycle') ?? {}
  return { message, http, functions, lifecycle }
}

/** Exports have their version in their name. */
function interfaceOf<T extends object>(exports: GuestExports, name: string): T | undefined {
  const key = Object.keys(exports).find((each) => each.startsWith(`${name}@`))
  return key === undefined ? undefined : (exports[key] as T)
}

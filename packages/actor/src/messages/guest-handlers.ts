import type { GuestExports } from '@bulkhead/component/load'
import type { ExportedFunction } from '@bulkhead/contracts'
import { BulkheadError } from '@bulkhead/vocabulary'
import { functionsOf, type GuestFunctions } from '../calls/call-server.js'
import type { HttpHandler } from '../http/http-requests.js'
import type { MessageHandler } from './serve-messages.js'

/** What a guest exports that takes what lies in its mailbox. */
export type GuestHandlers = {
  readonly message: MessageHandler | undefined
  readonly http: HttpHandler | undefined
  readonly functions: GuestFunctions
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
  return { message, http, functions }
}

/** Exports have their version in their name. */
function interfaceOf<T extends object>(exports: GuestExports, name: string): T | undefined {
  const key = Object.keys(exports).find((each) => each.startsWith(`${name}@`))
  return key === undefined ? undefined : (exports[key] as T)
}

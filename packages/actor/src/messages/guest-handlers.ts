import type { GuestExports } from '@bulkhead/component/load'
import { BulkheadError } from '@bulkhead/vocabulary'
import type { HttpHandler } from '../http/http-requests.js'
import type { MessageHandler } from './serve-messages.js'

/** What a guest exports that takes what lies in its mailbox. */
export type GuestHandlers = {
  readonly message: MessageHandler | undefined
  readonly http: HttpHandler | undefined
}

/** @throws {BulkheadError} `component-invalid` for a component that has none. */
export function handlersOf(exports: GuestExports): GuestHandlers {
  const message = exported<{ handleMessage?: MessageHandler }>(exports, 'wasmcloud:messaging/handler')?.handleMessage
  const http = exported<{ handle?: HttpHandler }>(exports, 'wasi:http/incoming-handler')?.handle
  if (message === undefined && http === undefined) {
    throw new BulkheadError(
      'component-invalid',
      'this component exports neither `wasmcloud:messaging/handler` nor `wasi:http/incoming-handler`',
      { hint: 'only components that do can be actors or services: leave out `kind`, or build it with the export' },
    )
  }
  return { message, http }
}

/** Exports have their version in their name. */
function exported<T extends object>(exports: GuestExports, name: string): T | undefined {
  const key = Object.keys(exports).find((each) => each.startsWith(`${name}@`))
  return key === undefined ? undefined : (exports[key] as T)
}

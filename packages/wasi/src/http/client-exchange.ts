import type { Handle, HttpField, Interest, NetworkClient } from '@bulkhead/host-services/client'
import type { Request } from '@bulkhead/vocabulary'
import { type HttpErrorCode, HttpFailed } from './error-code.js'
import type { HttpNetwork } from './http-network.js'
import type { BodySink } from './outgoing-body.js'

/**
 * One request of the guest's and its response, as the network's service has them. Whatever ends it ends it for good, and for
 * everything that is made of it: the future, the response, both bodies.
 */
export class ClientExchange {
  readonly #network: HttpNetwork
  readonly #request: Request
  readonly #handle: Handle
  #end: HttpErrorCode | undefined
  #isClosed = false

  /** @param handle of an exchange for which `request` was granted and put on record. */
  constructor(network: HttpNetwork, request: Request, handle: Handle) {
    this.#network = network
    this.#request = request
    this.#handle = handle
  }

  /** @throws {HttpFailed} */
  ask<Answer>(use: (client: NetworkClient, handle: Handle) => Answer): Answer {
    if (this.#end !== undefined) throw new HttpFailed(this.#end)
    try {
      const isWanted = (): boolean => this.#end === undefined
      return this.#network.ask(this.#request, isWanted, (client) => use(client, this.#handle))
    } catch (thrown) {
      if (thrown instanceof HttpFailed) this.#end ??= thrown.code
      throw this.#end === undefined ? thrown : new HttpFailed(this.#end)
    }
  }

  /** Why there is no more of it; `undefined` while there may be. */
  broken(): HttpErrorCode | undefined {
    return this.#end
  }

  interest(what: Interest['for']): Interest {
    return { handle: this.#handle, for: what }
  }

  /** The rules have moved: what they do not allow any more is over, and on record. */
  redecide(): void {
    if (this.#end === undefined && !this.#network.isAllowed(this.#request)) this.#end = requestDenied
  }

  /** Nobody wants its response any more. */
  close(): void {
    if (this.#isClosed) return
    this.#isClosed = true
    this.#end ??= { tag: 'connection-terminated' }
    this.#network.close(this.#handle)
  }

  /** Where the body of the request goes. */
  sink(): BodySink {
    return {
      push: (bytes) => this.ask((client, handle) => client.write(handle, bytes)),
      end: (trailers) => this.#finish(trailers),
      abort: (code) => {
        this.#end ??= code
        this.close()
      },
      broken: () => this.#end,
      interest: () => this.interest('write'),
      redecide: () => this.redecide(),
    }
  }

  #finish(trailers: readonly HttpField[]): boolean {
    // The client that speaks HTTP for us sends none behind a request: that it may have any of no size is the truth.
    if (trailers.length > 0) {
      this.#end ??= { tag: 'HTTP-request-trailer-section-size', val: 0 }
      this.close()
      throw new HttpFailed(this.#end)
    }
    this.ask((client, handle) => client.shutdown(handle))
    return true
  }
}

export const requestDenied: HttpErrorCode = { tag: 'HTTP-request-denied' }

import { orderMsMax, questionMsMax } from '../model/limits.js'
import type { TokenKeeper } from './token.js'

/** What the server answered to a question or an order; `unauthorized` asks for a token, or another one. */
export type Answer<T> =
  | { readonly kind: 'ok'; readonly value: T }
  | { readonly kind: 'unauthorized' | 'refused' | 'unreachable'; readonly message: string; readonly hint?: string }

export class Server {
  readonly #keeper: TokenKeeper

  constructor(keeper: TokenKeeper) {
    this.#keeper = keeper
  }

  get keeper(): TokenKeeper {
    return this.#keeper
  }

  question<T>(path: string): Promise<Answer<T>> {
    return this.#send<T>(path, { signal: AbortSignal.timeout(questionMsMax) })
  }

  order<T>(path: string, body: object): Promise<Answer<T>> {
    const headers = { 'content-type': 'application/json' }
    const signal = AbortSignal.timeout(orderMsMax)
    return this.#send<T>(path, { method: 'POST', headers, body: JSON.stringify(body), signal })
  }

  async #send<T>(path: string, init: RequestInit): Promise<Answer<T>> {
    try {
      const headers = { ...(init.headers as Record<string, string> | undefined), ...this.#keeper.headers() }
      const response = await fetch(path, { ...init, headers, cache: 'no-store' })
      const body: unknown = await response.json().catch(() => undefined)
      if (response.ok) return { kind: 'ok', value: body as T }
      const { message, hint } = errorIn(body, response.status)
      const kind = response.status === 401 ? 'unauthorized' : 'refused'
      return { kind, message, ...(hint === undefined ? {} : { hint }) }
    } catch (error) {
      return { kind: 'unreachable', message: error instanceof Error ? error.message : String(error) }
    }
  }
}

function errorIn(body: unknown, status: number): { readonly message: string; readonly hint?: string } {
  const error = isRecord(body) && isRecord(body['error']) ? body['error'] : undefined
  const message = error?.['message']
  const hint = error?.['hint']
  return {
    message: typeof message === 'string' ? message : `the server answered ${status}`,
    ...(typeof hint === 'string' ? { hint } : {}),
  }
}

function isRecord(value: unknown): value is Record<string, unknown> {
  return typeof value === 'object' && value !== null
}

/** @param child `NAME` or `TENANT/NAME`: no slash is encoded, the server refuses that */
export function childPath(child: string, rest = ''): string {
  return `api/children/${named(child)}${rest}`
}

export function reviewPath(child: string, rest = ''): string {
  return `api/reviews/${named(child)}${rest}`
}

function named(child: string): string {
  return child.split('/').map(encodeURIComponent).join('/')
}

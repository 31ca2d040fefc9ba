import { retryDelaysMs, silenceMsMax } from '../model/limits.js'
import { type StreamMessage, StreamParser } from '../model/stream-parser.js'
import type { Store } from './store.js'
import type { TokenKeeper } from './token.js'

export type StreamOptions = {
  readonly path: string
  readonly store: Store
  readonly keeper: TokenKeeper
  /** Each time that it was opened. */
  readonly onOpen: () => void
  readonly onMessage: (message: StreamMessage) => void
}

type End = { readonly kind: 'locked'; readonly why: string } | { readonly kind: 'lost'; readonly why: string }

/** The page's stream: opened, read, and opened again when it breaks, until the page goes. */
export class Connection {
  readonly #options: StreamOptions
  /** What to go on from. */
  #lastId = ''
  #failures = 0
  #lostAt: number | undefined
  #abort = new AbortController()
  #wake: (() => void) | undefined

  constructor(options: StreamOptions) {
    this.#options = options
  }

  /** Tries at once instead of at the end of the wait: somebody asked, or there is a token now. */
  retryNow(): void {
    this.#wake?.()
  }

  async run(): Promise<never> {
    while (true) {
      const end = await this.#readOnce()
      if (end.kind === 'locked') {
        this.#options.store.tell({ kind: 'connection', connection: end })
        await this.#wait(undefined)
        continue
      }
      const now = Date.now()
      this.#lostAt ??= now
      const delayMs = retryDelaysMs[Math.min(this.#failures, retryDelaysMs.length - 1)] ?? 0
      this.#failures += 1
      const connection = { kind: 'lost', since: this.#lostAt, why: end.why, retryAt: now + delayMs } as const
      this.#options.store.tell({ kind: 'connection', connection })
      await this.#wait(delayMs)
    }
  }

  async #readOnce(): Promise<End> {
    this.#abort = new AbortController()
    let silence = this.#watchSilence()
    try {
      const after: Record<string, string> = this.#lastId === '' ? {} : { 'last-event-id': this.#lastId }
      const headers = { accept: 'text/event-stream', ...after, ...this.#options.keeper.headers() }
      const response = await fetch(this.#options.path, { headers, cache: 'no-store', signal: this.#abort.signal })
      if (response.status === 401) return { kind: 'locked', why: 'the server tells nothing without its token' }
      if (!response.ok || response.body === null) return { kind: 'lost', why: `the server answered ${response.status}` }
      this.#arrived()
      this.#options.onOpen()
      const parser = new StreamParser()
      const reader = response.body.pipeThrough(new TextDecoderStream()).getReader()
      while (true) {
        const { done, value } = await reader.read()
        if (done) return { kind: 'lost', why: 'the server ended the stream' }
        clearTimeout(silence)
        silence = this.#watchSilence()
        for (const message of parser.push(value)) this.#options.onMessage(message)
        if (parser.lastId !== '') this.#lastId = parser.lastId
      }
    } catch (error) {
      return { kind: 'lost', why: this.#abort.signal.aborted ? 'the server fell silent' : messageOf(error) }
    } finally {
      clearTimeout(silence)
      this.#abort.abort()
    }
  }

  #arrived(): void {
    const { store } = this.#options
    const now = Date.now()
    if (this.#lostAt !== undefined) store.tell({ kind: 'note', at: now, text: 'connected again' })
    this.#failures = 0
    this.#lostAt = undefined
    store.tell({ kind: 'connection', connection: { kind: 'live', since: now } })
  }

  #watchSilence(): ReturnType<typeof setTimeout> {
    const { signal } = this.#abort
    const abort = this.#abort
    return setTimeout(() => !signal.aborted && abort.abort(), silenceMsMax)
  }

  #wait(delayMs: number | undefined): Promise<void> {
    return new Promise((resolve) => {
      const timer = delayMs === undefined ? undefined : setTimeout(resolve, delayMs)
      this.#wake = () => {
        clearTimeout(timer)
        resolve()
      }
    })
  }
}

function messageOf(error: unknown): string {
  return error instanceof TypeError ? 'the server cannot be reached' : String(error)
}

import { messageCharactersMax } from './limits.js'

/** One message of a server-sent event stream. */
export type StreamMessage = { readonly id: string; readonly event: string; readonly data: string }

/**
 * Cuts a server-sent event stream into messages (HTML Living Standard, 9.2). `EventSource` cannot be used: it sends no
 * `Authorization`, and the server wants one on every address but loopback.
 */
export class StreamParser {
  #rest: string[] = []
  #restCharacters = 0
  #id = ''
  #event = ''
  #data: string[] = []

  /** Of the last message that had one: what to go on from. */
  get lastId(): string {
    return this.#id
  }

  /** @throws RangeError when a message does not end */
  push(chunk: string): readonly StreamMessage[] {
    const lines = chunk.split('\n')
    const rest = lines.pop() ?? ''
    // Put together once and not at each piece: a long line comes in hundreds of them.
    if (lines.length > 0) lines[0] = this.#taken() + lines[0]
    this.#rest.push(rest)
    this.#restCharacters += rest.length
    if (this.#restCharacters > messageCharactersMax) throw new RangeError('a line of the stream does not end')
    return lines.flatMap((line) => this.#line(line.endsWith('\r') ? line.slice(0, -1) : line))
  }

  /** What has come of a line so far. */
  #taken(): string {
    const taken = this.#rest.join('')
    this.#rest = []
    this.#restCharacters = 0
    return taken
  }

  #line(line: string): readonly StreamMessage[] {
    if (line === '') return this.#end()
    const colon = line.indexOf(':')
    const field = colon === -1 ? line : line.slice(0, colon)
    const value = colon === -1 ? '' : line.slice(line[colon + 1] === ' ' ? colon + 2 : colon + 1)
    if (field === 'data') this.#data.push(value)
    if (field === 'event') this.#event = value
    if (field === 'id') this.#id = value
    return []
  }

  #end(): readonly StreamMessage[] {
    const message = { id: this.#id, event: this.#event || 'message', data: this.#data.join('\n') }
    const isEmpty = this.#data.length === 0
    this.#event = ''
    this.#data = []
    return isEmpty ? [] : [message]
  }
}

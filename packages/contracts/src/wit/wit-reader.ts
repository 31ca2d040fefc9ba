import { notWit, type WitToken } from './wit-tokens.js'

/** Reads tokens one after the other; what is not there is an error that says what was found and what was expected. */
export class WitReader {
  readonly #tokens: readonly WitToken[]
  #at = 0

  constructor(tokens: readonly WitToken[]) {
    this.#tokens = tokens
  }

  get next(): WitToken {
    const token = this.#tokens[this.#at] ?? this.#tokens.at(-1)
    if (token === undefined) throw new TypeError('there is always a last token')
    return token
  }

  get atEnd(): boolean {
    return this.next.kind === 'end'
  }

  /** Moves past the text when it is next. */
  accept(text: string): boolean {
    const { kind, text: found } = this.next
    if (kind === 'end' || found !== text) return false
    this.#at += 1
    return true
  }

  expect(text: string): void {
    if (!this.accept(text)) throw this.unexpected(`\`${text}\``)
  }

  /** A name; a `%` before it only says that it is none of WIT's own words. */
  name(what: string): string {
    const { kind, text } = this.next
    if (kind !== 'word' || !/^%?[A-Za-z]/.test(text)) throw this.unexpected(what)
    this.#at += 1
    return text.replace(/^%/, '')
  }

  /** `@1.2.0` when it is next. */
  version(): string | undefined {
    const { text } = this.next
    if (!/^@\d/.test(text)) return undefined
    this.#at += 1
    return text.slice(1)
  }

  /** Everything between `open`, which is next, and its `close`. */
  skipGroup(open: string, close: string): void {
    this.expect(open)
    for (let depth = 1; depth > 0; this.#at += 1) {
      if (this.atEnd) throw this.unexpected(`\`${close}\``)
      const { text } = this.next
      depth += Number(text === open) - Number(text === close)
    }
  }

  /** `open item, item, close`, also with a comma behind the last one. */
  list<Item>(open: string, close: string, read: () => Item, least: 0 | 1 = 1): readonly Item[] {
    this.expect(open)
    const items: Item[] = []
    if (least === 1 && this.next.text === close) throw this.unexpected('a member')
    while (!this.accept(close)) {
      items.push(read())
      if (this.accept(close)) break
      this.expect(',')
    }
    return items
  }

  unexpected(expected: string): Error {
    const { text } = this.next
    return notWit(this.next, `found \`${text}\`, expected ${expected}`)
  }
}

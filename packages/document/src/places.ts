import { type Position, start } from './finding.js'
import { LineIndex } from './line-index.js'
import type { KeyPath } from './toml-value.js'

/** Which part of `key = value` is meant. The value of a table with a header is its header. */
export type Where = 'key' | 'value'

/** What a text says about one key path: offsets into it. The first mention of a key is its place. */
export type Place = {
  key?: number
  value?: number
  /** One past the last character of the value as it is written, quotes included; only text has it. */
  textEnd?: number
  readonly children: Map<string | number, Place>
}

/** The place of a key or list item below another one, made at its first mention. */
export function childOf(place: Place, key: string | number): Place {
  const known = place.children.get(key)
  if (known !== undefined) return known
  const child: Place = { children: new Map() }
  place.children.set(key, child)
  return child
}

/** How many characters into the source of a text, quotes included, the character `decoded` of its value stands. */
export type OffsetInSource = (source: string, decoded: number) => number

/** Answers where things stand in a text, from the places that were noted while it was read. */
export class Places {
  readonly #text: string
  readonly #lines: LineIndex
  readonly #root: Place
  readonly #offsetInSource: OffsetInSource

  constructor(text: string, root: Place, offsetInSource: OffsetInSource) {
    this.#text = text
    this.#lines = new LineIndex(text)
    this.#root = root
    this.#offsetInSource = offsetInSource
  }

  positionOf(path: KeyPath, where: Where): Position {
    let offset: number | undefined
    let place: Place | undefined = this.#root
    for (const [index, key] of path.entries()) {
      place = place.children.get(key)
      if (place === undefined) break
      const isLast = index === path.length - 1
      const preferred = isLast && where === 'key' ? place.key : (place.value ?? place.key)
      offset = preferred ?? place.value ?? offset
    }
    return offset === undefined ? start : this.#lines.position(offset)
  }

  /** The place of one character (UTF-16 unit) of the decoded text at this path. */
  positionInText(path: KeyPath, character: number): Position {
    let place: Place | undefined = this.#root
    for (const key of path) place = place?.children.get(key)
    if (place?.value === undefined || place.textEnd === undefined) return this.positionOf(path, 'value')
    const source = this.#text.slice(place.value, place.textEnd)
    return this.#lines.position(place.value + this.#offsetInSource(source, character))
  }
}

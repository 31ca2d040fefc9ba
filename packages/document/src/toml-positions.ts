import { type AST, parseTOML } from 'toml-eslint-parser'
import { type Position, start } from './finding.js'
import { LineIndex } from './line-index.js'
import { sourceOffset } from './string-offsets.js'
import type { KeyPath } from './toml-value.js'

/** Which part of `key = value` is meant. The value of a table with a header is its header. */
export type Where = 'key' | 'value'

/** What the text says about one key path: offsets into it. The first mention of a key is its place. */
type Place = {
  key?: number
  value?: number
  /** One past the closing quote; only text has it. */
  textEnd?: number
  readonly children: Map<string | number, Place>
}

/**
 * Where things stand in a TOML text. The parser that decides what a document says keeps no positions, so a second one is
 * asked; it decides nothing. What it cannot place is answered with the nearest thing around it, at last the text's start:
 * it gives up on single strings of more than about 100,000 characters.
 */
export class TomlPositions {
  readonly #text: string
  readonly #lines: LineIndex
  readonly #root: Place

  constructor(text: string) {
    this.#text = text
    this.#lines = new LineIndex(text)
    this.#root = placesOf(text)
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
    return this.#lines.position(place.value + sourceOffset(source, character))
  }
}

function placesOf(text: string): Place {
  const root: Place = { children: new Map() }
  let program: AST.TOMLProgram
  try {
    program = parseTOML(text, { tomlVersion: '1.1' })
  } catch {
    // The text is legal, or nobody would ask: the deciding parser has read it. Being unable to say where is no reason to fail.
    return root
  }
  for (const node of program.body[0].body) {
    if (node.type === 'TOMLTable') placeTable(root, node)
    else placeKeyValue(root, node)
  }
  return root
}

function placeTable(root: Place, table: AST.TOMLTable): void {
  let place = root
  let keys = 0
  for (const key of table.resolvedKey) {
    place = childOf(place, key)
    const node = table.key.keys[typeof key === 'string' ? keys++ : keys - 1]
    place.key ??= node?.range[0] ?? table.range[0]
  }
  place.value ??= place.key ?? table.range[0]
  for (const entry of table.body) placeKeyValue(place, entry)
}

function placeKeyValue(parent: Place, entry: AST.TOMLKeyValue): void {
  let place = parent
  for (const node of entry.key.keys) {
    place = childOf(place, node.type === 'TOMLBare' ? node.name : node.value)
    place.key ??= node.range[0]
  }
  placeValue(place, entry.value)
}

/** Recurses as deep as inline values nest, which the deciding parser bounds. */
function placeValue(place: Place, node: AST.TOMLContentNode): void {
  place.value ??= node.range[0]
  if (node.type === 'TOMLValue') {
    if (node.kind === 'string') place.textEnd ??= node.range[1]
  } else if (node.type === 'TOMLInlineTable') {
    for (const entry of node.body) placeKeyValue(place, entry)
  } else {
    for (const [index, element] of node.elements.entries()) placeValue(childOf(place, index), element)
  }
}

function childOf(place: Place, key: string | number): Place {
  const known = place.children.get(key)
  if (known !== undefined) return known
  const child: Place = { children: new Map() }
  place.children.set(key, child)
  return child
}

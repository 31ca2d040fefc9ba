import { type AST, parseTOML } from 'toml-eslint-parser'
import { childOf, type Place, Places } from './places.js'
import { sourceOffset } from './string-offsets.js'

/**
 * Where things stand in a TOML text. The parser that decides what a document says keeps no positions, so a second one is
 * asked; it decides nothing. What it cannot place is answered with the nearest thing around it, at last the text's start:
 * it gives up on single strings of more than about 100,000 characters.
 */
export function tomlPlaces(text: string): Places {
  return new Places(text, placesOf(text), sourceOffset)
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

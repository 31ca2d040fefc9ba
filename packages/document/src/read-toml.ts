import { parse, TomlDate, TomlError } from 'smol-toml'
import { decodeText } from './decode-text.js'
import { DocumentError } from './document-error.js'
import type { Position } from './finding.js'
import { documentBytesMax, nestingLevelsMax } from './limits.js'
import type { Places, Where } from './places.js'
import { tomlPlaces } from './toml-positions.js'
import { isList, isTable, type KeyPath, type TomlTable, type TomlValue } from './toml-value.js'

export type ReadOptions = {
  /** The file's name as findings repeat it. */
  readonly file: string
  /** The largest document, in bytes; {@link documentBytesMax} unless said. */
  readonly bytesMax?: number
}

/** A TOML document: what it says, and where. Positions are worked out when the first one is asked for. */
export class TomlDocument {
  readonly file: string
  /** Deep-frozen; tables have no prototype. */
  readonly value: TomlTable
  readonly #text: string
  #positions: Places | undefined

  constructor(file: string, value: TomlTable, text: string) {
    this.file = file
    this.value = value
    this.#text = text
  }

  /** Where the key or the value at this path stands. A path that is not there is answered with the nearest one around it. */
  positionOf(path: KeyPath, where: Where = 'value'): Position {
    return this.#located().positionOf(path, where)
  }

  /** Where one character (0-based, UTF-16 units) of the text at this path stands in the source, escapes counted. */
  positionInText(path: KeyPath, character: number): Position {
    return this.#located().positionInText(path, character)
  }

  #located(): Places {
    this.#positions ??= tomlPlaces(this.#text)
    return this.#positions
  }
}

/**
 * Reads a TOML document (1.0, and what 1.1 adds). A document that is not TOML is one finding: the parser stops there.
 *
 * @param document the text, or its bytes as they are on disk
 * @throws {DocumentError} not UTF-8, a byte order mark, too large, too deep, a syntax error, a whole number beyond 64 bits
 * @example
 * ```ts
 * const toml = readToml('[component]\nid = "ingest"\n', { file: 'Component.toml' })
 * toml.positionOf(['component', 'id']) // { line: 2, column: 6 }
 * ```
 */
export function readToml(document: string | Uint8Array, options: ReadOptions): TomlDocument {
  const { file } = options
  const text = decodeText(document, { file, bytesMax: options.bytesMax ?? documentBytesMax })
  const toml = new TomlDocument(file, parseToml(text, file), text)
  const problem = freezeWithin(toml.value)
  if (problem !== undefined) {
    const { path, message, hint } = problem
    throw new DocumentError([{ file, ...toml.positionOf(path, 'key'), message, hint }])
  }
  return toml
}

function parseToml(text: string, file: string): TomlTable {
  try {
    return parse(text, { integersAsBigInt: true, maxDepth: nestingLevelsMax }) as TomlTable
  } catch (error) {
    if (!(error instanceof TomlError)) throw error
    const { line, column } = error
    const message = (error.message.split('\n', 1)[0] ?? '').replace(/^Invalid TOML document: /, '').replace(/\.$/, '')
    throw new DocumentError([{ file, line, column, message: `not TOML: ${message}`, hint: hintFor(message) }])
  }
}

function hintFor(message: string): string {
  if (message.includes('redefine')) return 'a key or table may stand only once: join the two or remove one'
  if (message.includes('nested')) return `tables and lists nest at most ${nestingLevelsMax} deep`
  return 'see https://toml.io for the grammar; nothing below this place was read'
}

type Problem = { readonly path: KeyPath; readonly message: string; readonly hint: string }
type Step = {
  readonly value: TomlValue
  readonly key: string | number
  readonly parent: Step | undefined
  readonly level: number
}

const INTEGER_MIN = -(2n ** 63n)
const INTEGER_MAX = 2n ** 63n - 1n

/**
 * Freezes every table and list, and looks for what the parser lets through: dotted keys nest without bound, and integers
 * may have any size. It keeps its own stack, because the depth is the author's choice.
 */
function freezeWithin(root: TomlTable): Problem | undefined {
  const steps: Step[] = [{ value: root, key: '', parent: undefined, level: 0 }]
  for (let step = steps.pop(); step !== undefined; step = steps.pop()) {
    const { value, level } = step
    if (typeof value === 'bigint' && (value < INTEGER_MIN || value > INTEGER_MAX)) {
      const hint = `a whole number lies between ${INTEGER_MIN} and ${INTEGER_MAX}`
      return { path: pathOf(step), message: 'the number does not fit into 64 bits', hint }
    }
    if (typeof value !== 'object' || value instanceof TomlDate) continue
    if (level > nestingLevelsMax) {
      const hint = `tables and lists nest at most ${nestingLevelsMax} deep`
      return { path: pathOf(step), message: 'the document nests too deep', hint }
    }
    Object.freeze(value)
    for (const child of childrenOf(value)) steps.push({ ...child, parent: step, level: level + 1 })
  }
  return undefined
}

function childrenOf(value: TomlValue): { readonly key: string | number; readonly value: TomlValue }[] {
  if (isList(value)) return value.map((element, key) => ({ key, value: element }))
  return isTable(value) ? Object.entries(value).map(([key, element]) => ({ key, value: element })) : []
}

function pathOf(step: Step): KeyPath {
  const path: (string | number)[] = []
  for (let at: Step | undefined = step; at?.parent !== undefined; at = at.parent) path.unshift(at.key)
  return path
}

import { Composer, type CST, type ParsedNode, Parser } from 'yaml'
import { decodeText } from './decode-text.js'
import { type Position, start } from './finding.js'
import { Inspection } from './inspection.js'
import { documentBytesMax } from './limits.js'
import { LineIndex } from './line-index.js'
import { type Place, Places, type Where } from './places.js'
import type { ReadOptions } from './read-toml.js'
import type { KeyPath } from './toml-value.js'
import { findRefusedFeatures } from './yaml-features.js'
import { yamlSourceOffset } from './yaml-offsets.js'
import { isYamlTable, type YamlTable } from './yaml-value.js'
import { type ReportAtOffset, yamlValueOf } from './yaml-values.js'

/** A YAML document: what it says, and where. */
export class YamlDocument {
  readonly file: string
  /** Deep-frozen; tables have no prototype. */
  readonly value: YamlTable
  readonly #places: Places

  constructor(file: string, value: YamlTable, places: Places) {
    this.file = file
    this.value = value
    this.#places = places
  }

  /** Where the key or the value at this path stands. A path that is not there is answered with the nearest one around it. */
  positionOf(path: KeyPath, where: Where = 'value'): Position {
    return this.#places.positionOf(path, where)
  }

  /** Where one character (0-based, UTF-16 units) of the text at this path stands in the source, escapes counted. */
  positionInText(path: KeyPath, character: number): Position {
    return this.#places.positionInText(path, character)
  }
}

/** YAML 1.2, core schema. Unique keys are looked after in yaml-values.ts, in one pass: the parser compares each with each. */
const composing = {
  version: '1.2',
  schema: 'core',
  merge: false,
  uniqueKeys: false,
  strict: true,
  intAsBigInt: true,
  prettyErrors: false,
  logLevel: 'silent',
} as const

/**
 * Reads a YAML document (1.2, core schema) whose root is a table. There are no anchors, aliases, merge keys, tags,
 * directives or second documents, keys are text and stand once, and no number has zeros in front: whatever would let two
 * readers see two documents is refused.
 *
 * @param document the text, or its bytes as they are on disk
 * @throws {DocumentError} not UTF-8, a byte order mark, characters that do not print, too large, too deep; every syntax error
 *   and everything refused, with its place.
 * @example
 * ```ts
 * const yaml = readYaml('version: "1.0"\npermissions: {}\n', { file: 'ingest.policy.yaml' })
 * yaml.positionOf(['permissions'], 'key') // { line: 2, column: 1 }
 * ```
 */
export function readYaml(document: string | Uint8Array, options: ReadOptions): YamlDocument {
  const { file } = options
  const text = decodeText(document, { file, bytesMax: options.bytesMax ?? documentBytesMax })
  const lines = new LineIndex(text)
  const inspection = new Inspection({ file, positionOf: () => start, positionInText: () => start })
  const report: ReportAtOffset = (offset, message, hint) =>
    inspection.reportAt(lines.position(Math.min(offset, text.length)), message, hint)

  refuseUnprintable(text, report)
  inspection.throwIfAny()
  const tokens = [...new Parser().parse(text)]
  const { features, tooDeep } = findRefusedFeatures(tokens)
  if (tooDeep !== undefined) report(tooDeep.offset, tooDeep.message, tooDeep.hint)
  inspection.throwIfAny()
  for (const { offset, message, hint } of features) report(offset, message, hint)
  const { contents, sound } = compose(tokens, report)
  if (!sound) inspection.throwIfAny()

  const root: Place = { children: new Map() }
  const value = contents === undefined ? null : yamlValueOf(contents, root, report)
  if (!isYamlTable(value)) {
    report(contents?.range[0] ?? 0, 'the document is not a table', 'it begins with `key: value`')
  }
  inspection.throwIfAny()
  const table = isYamlTable(value) ? value : Object.freeze({})
  return new YamlDocument(file, table, new Places(text, root, yamlSourceOffset))
}

/** What the YAML 1.2 grammar calls printable, and no carriage return by itself, which some readers take for a line break. */
const UNPRINTABLE = /[^\t\n\r\x20-\x7e\x85\xa0-\ud7ff\ue000-\ufffd\u{10000}-\u{10ffff}]|\r(?!\n)/u

function refuseUnprintable(text: string, report: ReportAtOffset): void {
  const bad = UNPRINTABLE.exec(text)
  if (bad === null) return
  const code = (bad[0].codePointAt(0) ?? 0).toString(16).toUpperCase().padStart(4, '0')
  report(bad.index, `the document holds the character U+${code}`, 'a document holds printable characters only')
}

type Composed = { readonly contents: ParsedNode | undefined; readonly sound: boolean }

/** The first document's tree, and whether the text follows the grammar; each error of the parser is reported. */
function compose(tokens: readonly CST.Token[], report: ReportAtOffset): Composed {
  const documents = [...new Composer(composing).compose(tokens)]
  const errors = documents.flatMap((document) => document.errors)
  for (const { pos, message } of errors) {
    report(pos[0], `not YAML: ${inOurWords(message)}`, 'see https://yaml.org for the grammar')
  }
  return { contents: documents[0]?.contents ?? undefined, sound: errors.length === 0 }
}

function inOurWords(message: string): string {
  return `${message.slice(0, 1).toLowerCase()}${message.slice(1)}`.replace(/\.$/, '')
}

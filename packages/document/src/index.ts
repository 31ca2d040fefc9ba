export { decodeText, type TextSource } from './decode-text.js'
export { deepFreeze } from './deep-freeze.js'
export { DocumentError } from './document-error.js'
export {
  asTable,
  didYouMean,
  type Entry,
  entriesOf,
  type Field,
  type FieldValue,
  flag,
  type ListRules,
  listOf,
  oneOf,
  type QuantityRules,
  quantity,
  reject,
  rejectType,
  type TextRules,
  text,
  wholeNumber,
} from './field.js'
export { type Finding, type Position, renderFinding } from './finding.js'
export { type InspectedDocument, Inspection } from './inspection.js'
export { documentBytesMax, findingsMax, nestingLevelsMax, objectValuesMax } from './limits.js'
export { nearestName } from './nearest-name.js'
export type { Where } from './places.js'
export { onOneLine, quote } from './quote.js'
export { ObjectDocument, readObject } from './read-object.js'
export { readTable, type Schema, type TableOf, type TableRules } from './read-table.js'
export { type ReadOptions, readToml, TomlDocument } from './read-toml.js'
// `readYaml` is `@bulkhead/document/yaml`, for those who read YAML: it loads a parser.
export type { YamlDocument } from './read-yaml.js'
export { lineOf, renderKeyPath, renderPlace, renderWhere } from './render-place.js'
export {
  describeType,
  isList,
  isTable,
  type KeyPath,
  type TomlTable,
  type TomlValue,
} from './toml-value.js'
export type { YamlTable, YamlValue } from './yaml-value.js'

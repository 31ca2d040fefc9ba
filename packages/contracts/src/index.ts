export { compareImports, type ImportMismatch } from './compare-imports.js'
export type { FunctionContract, FunctionShape, InterfaceContract } from './contract.js'
export { describeType } from './describe-type.js'
export { editionNames, writtenInterface } from './editions.js'
export { type ExportType, exportTypes } from './export-type.js'
export { extractExportSections } from './exports/export-sections.js'
export { type ExportedFunction, qualifiedName, uncallable } from './exports/exported-function.js'
export { parseExportTypes } from './exports/parse-export-types.js'
export { signature } from './exports/signature.js'
export { typescriptTypes } from './exports/typescript-types.js'
export { type ComponentSection, componentSections, extractImportSections } from './import-sections.js'
export { interfaceContracts, wasiVersion } from './interface-contracts.js'
export { type JsClassShape, type JsImportShape, jsImportShape } from './js-import-shape.js'
export { jsClassOf, jsNameOf } from './js-names.js'
export { callAnswerBytesMax, callArgumentBytesMax, interfaceArgumentBytesMax } from './limits.js'
export { type ImportedFunction, type ImportedInterface, parseImportTypes } from './parse-import-types.js'
export { type ArgumentValidator, compileArgumentValidator } from './validate-arguments.js'
export { type Case, type Field, type PrimitiveKind, primitiveKinds, type ValueType } from './value-type.js'
export { ValueDecoder } from './values/decode-value.js'
export { ValueEncoder } from './values/encode-value.js'
export {
  decodeInterfaceAnswer,
  decodeInterfaceCall,
  encodeInterfaceAnswer,
  encodeInterfaceCall,
  type InterfaceAnswer,
  type InterfaceCall,
} from './values/interface-call.js'
export { jsonFromValue, valueFromJson } from './values/json-values.js'
export { ValueProblem } from './values/value-problem.js'
export { isCompatible } from './versions.js'
export { parseWit } from './wit/parse-wit.js'

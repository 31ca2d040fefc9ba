// Writes src/generated/contracts.ts and src/generated/export-types.ts from wit/. Run by hand after `npx tsc -b packages/contracts`:
//
//   node packages/contracts/scripts/generate.mjs
//
// A component that imports everything is made from the WIT and read with the same code that reads strangers'
// components, so both sides of a comparison come from one reader. A test runs this again and compares.
import { readFileSync, writeFileSync } from 'node:fs'
import { componentEmbed, componentNew, parse, print } from '@bytecodealliance/jco-transpile/wasm-tools'

const packages = [
  ...['cli', 'clocks', 'config', 'filesystem', 'http', 'io', 'keyvalue', 'keyvalue-draft2', 'logging', 'messaging'],
  ...['random', 'sockets'],
]
const root = new URL('../', import.meta.url)

/** One WIT document that holds every package and a world that imports all of them. */
function wholeWit() {
  const world = `package bulkhead:contracts;
world everything {
  include wasi:cli/imports@0.2.12;
  include wasi:http/imports@0.2.12;
  import wasi:keyvalue/store@0.2.0-draft;
  import wasi:keyvalue/atomics@0.2.0-draft;
  import wasi:keyvalue/batch@0.2.0-draft;
  import wasi:keyvalue-draft2/store@0.2.0-draft2;
  import wasi:keyvalue-draft2/atomics@0.2.0-draft2;
  import wasi:keyvalue-draft2/batch@0.2.0-draft2;
  import wasi:config/store@0.2.0-rc.1;
  import wasi:config/runtime@0.2.0-rc.1;
  import wasi:logging/logging@0.1.0-draft;
  import wasmcloud:messaging/consumer@0.2.0;
}
`
  return world + packages.map(nestedPackage).join('')
}

function nestedPackage(name) {
  return readFileSync(new URL(`wit/${name}.wit`, root), 'utf8')
    .replace(/^package ([^;]+);/, 'package $1 {')
    .concat('}\n')
}

/** A component that imports every function of the bundled WIT. */
export async function everythingComponent() {
  const module = await componentEmbed({
    witSource: wholeWit(),
    dummy: true,
    world: 'everything',
    features: { tag: 'all' },
  })
  return componentNew(module, [])
}

/** The text of src/generated/contracts.ts; `read` are the functions of this workspace that the reading needs. */
export async function generate({ extractImportSections, parseImportTypes, contractOf }) {
  const wat = await print(extractImportSections(await everythingComponent()))
  const contracts = parseImportTypes(wat)
    .map(contractOf)
    .sort((a, b) => (a.name < b.name ? -1 : 1))
  const types = new Map()
  const bodies = contracts.map((contract) => contractSource(contract, types))
  return [
    '// Generated from wit/ by scripts/generate.mjs. Do not edit.',
    "import type { InterfaceContract } from '../contract.js'",
    "import type { ValueType } from '../value-type.js'",
    '',
    ...[...types].map(([source, name]) => `const ${name}: ValueType = ${source}`),
    '',
    `export const generatedContracts: readonly InterfaceContract[] = [\n${bodies.join('')}]`,
    '',
  ].join('\n')
}

function contractSource(contract, types) {
  const functions = contract.functions.map((fn) => {
    const parts = Object.entries(fn).map(([key, value]) => `${key}: ${memberSource(key, value, types)}`)
    return `      { ${parts.join(', ')} },\n`
  })
  return [
    '  {\n',
    `    name: ${quote(contract.name)},\n    version: ${quote(contract.version)},\n`,
    `    resources: [${contract.resources.map(quote).join(', ')}],\n`,
    `    functions: [\n${functions.join('')}    ],\n  },\n`,
  ].join('')
}

function memberSource(key, value, types) {
  if (key === 'params') return `[${value.map((field) => fieldSource(field, types)).join(', ')}]`
  return key === 'result' ? typeSource(value, types) : quote(value)
}

function fieldSource({ name, type }, types) {
  return `{ name: ${quote(name)}${type === undefined ? '' : `, type: ${typeSource(type, types)}`} }`
}

/** Each compound type is written once, under a name, behind the types that it is made of. */
function typeSource(type, types) {
  const source = bareTypeSource(type, types)
  if (!types.has(source)) types.set(source, `t${types.size}`)
  return types.get(source)
}

function bareTypeSource(type, types) {
  const inner = (part) => typeSource(part, types)
  const kind = `kind: ${quote(type.kind)}`
  switch (type.kind) {
    case 'list':
      return `{ ${kind}, element: ${inner(type.element)} }`
    case 'option':
      return `{ ${kind}, value: ${inner(type.value)} }`
    case 'tuple':
      return `{ ${kind}, items: [${type.items.map(inner).join(', ')}] }`
    case 'record':
      return `{ ${kind}, fields: [${type.fields.map((each) => fieldSource(each, types)).join(', ')}] }`
    case 'variant':
      return `{ ${kind}, cases: [${type.cases.map((each) => fieldSource(each, types)).join(', ')}] }`
    case 'enum':
    case 'flags':
      return `{ ${kind}, names: [${type.names.map(quote).join(', ')}] }`
    case 'result': {
      const ok = type.ok === undefined ? '' : `, ok: ${inner(type.ok)}`
      return `{ ${kind}${ok}${type.error === undefined ? '' : `, error: ${inner(type.error)}`} }`
    }
    case 'own':
    case 'borrow':
      return `{ ${kind}, interface: ${quote(type.interface)}, resource: ${quote(type.resource)} }`
    case 'unsupported':
      throw new Error(`the WIT holds a type that contracts cannot describe: ${type.text}`)
    default:
      return `{ ${kind} }`
  }
}

/** Interfaces that components export and this host calls, each with where the types stand that it uses. */
const exported = [
  { name: 'bulkhead:actor/lifecycle', version: '0.1.0', file: 'actor', uses: undefined },
  { name: 'wasmcloud:messaging/handler', version: '0.2.0', file: 'messaging', uses: 'types' },
]

/**
 * The text of src/generated/export-types.ts: each interface as one instance type in binary form. The types that it uses
 * of others are written into it, so that the type refers to nothing outside of itself.
 */
export async function generateExportTypes() {
  const entries = []
  for (const { name, version, file, uses } of exported) {
    const wit = readFileSync(new URL(`wit/${file}.wit`, root), 'utf8')
    const interfaceName = name.split('/')[1]
    const own = bodyOf(wit, interfaceName).replace(/^ *use .*\n/m, '')
    const source = `package bulkhead:contracts;
world one { import ${interfaceName}; }
interface ${interfaceName} {${uses === undefined ? '' : bodyOf(wit, uses)}${own}}
`
    const component = await componentNew(await componentEmbed({ witSource: source, dummy: true, world: 'one' }), [])
    const [, type] = /(\(type[^\n]* \(;0;\)\n {4}\(instance[\s\S]*?\n {2}\))\n {2}\(import/.exec(await print(component))
    const bytes = await parse(`(component ${type})`)
    entries.push(
      [
        `  {\n    name: ${quote(name)},\n    version: ${quote(version)},\n`,
        `    typeSection: Uint8Array.from([\n${lines(bytes)}    ]),\n  },\n`,
      ].join(''),
    )
  }
  return [
    '// Generated from wit/ by scripts/generate.mjs. Do not edit.',
    "import type { ExportType } from '../export-type.js'",
    '',
    `export const generatedExportTypes: readonly ExportType[] = [\n${entries.join('')}]`,
    '',
  ].join('\n')
}

function bodyOf(wit, interfaceName) {
  return new RegExp(`interface ${interfaceName} \\{([\\s\\S]*?\\n)\\}`).exec(wit)[1]
}

/** The body of the first type section (the header has 8 bytes, a section's id one, its size one while it is below 128). */
function lines(component) {
  const [id, size] = component.slice(8, 10)
  if (id !== 7 || size >= 0x80) throw new Error('the type does not stand in one small section')
  const body = [...component.slice(10, 10 + size)]
  const rows = []
  for (let at = 0; at < body.length; at += 20) rows.push(`      ${body.slice(at, at + 20).join(', ')},\n`)
  return rows.join('')
}

const quote = (text) => `'${text}'`

if (process.argv[1] === new URL(import.meta.url).pathname) {
  const [{ extractImportSections }, { parseImportTypes }, { contractOf }] = await Promise.all([
    import(new URL('dist/import-sections.js', root)),
    import(new URL('dist/parse-import-types.js', root)),
    import(new URL('dist/function-contract.js', root)),
  ])
  writeFileSync(
    new URL('src/generated/contracts.ts', root),
    await generate({ extractImportSections, parseImportTypes, contractOf }),
  )
  writeFileSync(new URL('src/generated/export-types.ts', root), await generateExportTypes())
}

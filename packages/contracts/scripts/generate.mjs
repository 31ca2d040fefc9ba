// Writes src/generated/contracts.ts from wit/. Run by hand after `npx tsc -b packages/contracts`:
//
//   node packages/contracts/scripts/generate.mjs
//
// A component that imports everything is made from the WIT and read with the same code that reads strangers'
// components, so both sides of a comparison come from one reader. A test runs this again and compares.
import { readFileSync, writeFileSync } from 'node:fs'
import { componentEmbed, componentNew, print } from '@bytecodealliance/jco-transpile/wasm-tools'

const packages = ['cli', 'clocks', 'filesystem', 'http', 'io', 'random', 'sockets']
const root = new URL('../', import.meta.url)

/** One WIT document that holds every package and a world that imports all of them. */
function wholeWit() {
  const nested = packages.map((name) =>
    readFileSync(new URL(`wit/${name}.wit`, root), 'utf8')
      .replace(/^package ([^;]+);/, 'package $1 {')
      .concat('}\n'),
  )
  const world =
    'package bulkhead:contracts;\nworld everything { include wasi:cli/imports@0.2.12; include wasi:http/imports@0.2.12; }\n'
  return world + nested.join('')
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
    `export const generatedVersion = '${contracts[0].version}'`,
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
    `    name: ${quote(contract.name)},\n    version: generatedVersion,\n`,
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
}

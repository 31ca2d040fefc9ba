import { readFileSync } from 'node:fs'
import { transpileBytes } from '@bytecodealliance/jco-transpile'
import { beforeAll, expect, test } from 'vitest'
// @ts-expect-error the generator is a script without types
import { everythingComponent, generate, generateExportTypes } from '../scripts/generate.mjs'
import { contractOf } from './function-contract.js'
import { extractImportSections } from './import-sections.js'
import { interfaceContracts } from './interface-contracts.js'
import { jsImportShape } from './js-import-shape.js'
import { parseImportTypes } from './parse-import-types.js'

let glue = ''

beforeAll(async () => {
  const component: Uint8Array = await everythingComponent()
  const { files } = await transpileBytes(component, {
    name: 'component',
    instantiation: 'sync',
    emitTypescriptDeclarations: false,
  })
  glue = new TextDecoder().decode(files['component.js'])
}, 30_000)

test('the generated file is what the bundled WIT says', async () => {
  const text: string = await generate({ extractImportSections, parseImportTypes, contractOf })
  expect(readFileSync(new URL('./generated/contracts.ts', import.meta.url), 'utf8')).toBe(text)
})

test('so is the file of the types of exports', async () => {
  const text: string = await generateExportTypes()
  expect(readFileSync(new URL('./generated/export-types.ts', import.meta.url), 'utf8')).toBe(text)
})

test('the glue of a component that imports everything reads exactly the names of the contracts', () => {
  const read = new Map<string, readonly string[]>()
  for (const match of glue.matchAll(/^const \{ (.+) \} = imports\['(.+)'\];$/gm)) {
    const names = (match[1] ?? '').split(', ').map((name) => name.replace(/:.*/, ''))
    read.set(match[2] ?? '', names)
  }
  expect([...read.keys()].sort()).toEqual(
    [...interfaceContracts.values()].filter(hasContent).map((contract) => contract.name),
  )
  for (const [name, names] of read) {
    const contract = interfaceContracts.get(name)
    const shape = contract === undefined ? undefined : jsImportShape(contract)
    const expected = [...(shape?.functions ?? []), ...(shape?.classes ?? []).map((each) => each.name)]
    expect([...names].sort(), name).toEqual(expected.sort())
  }
})

test('the glue calls each function by the name of its contract', () => {
  const calls = new Set(
    [...glue.matchAll(/^ *_trampoline\d+\.fnName = '(.+)';$/gm)].map((match) => match[1]?.replace(/\$\d+/, '')),
  )
  for (const contract of interfaceContracts.values()) {
    for (const fn of contract.functions) {
      const jsName = fn.shape === 'constructor' ? `new ${fn.jsName}` : fn.jsName
      const called = `${contract.name}@${contract.version}#${jsName}`
      const asStatic = `${contract.name}@${contract.version}#${fn.jsClass}.${fn.jsName}`
      expect(calls.has(called) || calls.has(asStatic), called).toBe(true)
    }
  }
})

function hasContent(contract: { readonly functions: readonly unknown[]; readonly resources: readonly unknown[] }) {
  return contract.functions.length + contract.resources.length > 0
}

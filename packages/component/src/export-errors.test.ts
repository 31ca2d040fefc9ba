import { readFileSync } from 'node:fs'
import { componentEmbed, componentNew } from '@bytecodealliance/jco-transpile/wasm-tools'
import { expect, test } from 'vitest'
import { verifyExports } from './export-errors.js'
import { build, component, worldComponent } from './wat.test-support.js'

const wit = readFileSync(new URL('../../contracts/wit/messaging.wit', import.meta.url), 'utf8')

/** A component that handles messages by this WIT. */
async function handlerBy(text: string, version = '0.2.0'): Promise<Uint8Array> {
  const nested = text.replace(/^package ([^;]+);/, 'package $1 {').replace('@0.2.0', `@${version}`)
  const world = `world w { import wasi:random/random@0.2.12; export wasmcloud:messaging/handler@${version}; }`
  const random = readFileSync(new URL('../../contracts/wit/random.wit', import.meta.url), 'utf8')
  const witSource = `package test:house;\n${world}\n${nested}}\n${random.replace(/^package ([^;]+);/, 'package $1 {')}}`
  return componentNew(await componentEmbed({ witSource, dummy: true, world: 'w' }), [])
}

const refusal = { code: 'component-export-type-mismatch', details: { export: 'wasmcloud:messaging/handler@0.2.0' } }

test('a handler of the published types is built, whatever it imports and in whatever 0.2 release', async () => {
  const both =
    'import wasmcloud:messaging/consumer@0.2.0; export wasmcloud:messaging/handler@0.2.0; include wasi:cli/imports@0.2.12;'
  const built = await build(await worldComponent(both))
  expect(built.facts).toMatchObject({ kind: 'actor' })
  expect(built.facts.imports).toContain('wasmcloud:messaging/consumer@0.2.0')
  await expect(verifyExports(await handlerBy(wit))).resolves.toBeUndefined()
  await expect(verifyExports(await handlerBy(wit, '0.2.1'))).resolves.toBeUndefined()
})

test.each([
  ['another parameter', 'handle-message: func(msg: broker-message)', 'handle-message: func(msg: string)'],
  ['another name of it', 'handle-message: func(msg:', 'handle-message: func(message:'],
  ['one more', 'handle-message: func(msg: broker-message)', 'handle-message: func(msg: broker-message, more: u8)'],
  [
    'another error',
    'func(msg: broker-message) -> result<_, string>;\n}\ninterface consumer',
    'func(msg: broker-message) -> result<_, u32>;\n}\ninterface consumer',
  ],
  [
    'no result',
    'func(msg: broker-message) -> result<_, string>;\n}\ninterface consumer',
    'func(msg: broker-message);\n}\ninterface consumer',
  ],
  ['another field', 'subject: string,\n', 'to-string: string,\n'],
  ['wider elements', 'body: list<u8>,\n', 'body: list<u16>,\n'],
  ['a field that must be there', 'reply-to: option<string>', 'reply-to: string'],
  ['no such function', 'handle-message: func', 'handle: func'],
])('a handler with %s is refused', async (_, from, to) => {
  expect(wit).toContain(from)
  await expect(verifyExports(await handlerBy(wit.replace(from, to)))).rejects.toMatchObject(refusal)
})

test('so is one of another version, and one that is no instance of that type at all', async () => {
  await expect(verifyExports(await handlerBy(wit, '0.3.0'))).rejects.toThrow(/`wasmcloud:messaging\/handler@0.3.0`/)
  const empty = await component('(instance $i) (export "wasmcloud:messaging/handler@0.2.0" (instance $i))')
  await expect(build(empty)).rejects.toMatchObject(refusal)
})

test('exports that this host does not call have the types that they have', async () => {
  await expect(
    verifyExports(await worldComponent('export x: interface { f: func(a: char) -> u8; }')),
  ).resolves.toBeUndefined()
})

test('what is no valid component is said to be that', async () => {
  const broken = await component(`(core module $m) (core instance $i (instantiate $m))
    (instance $h) (export "wasmcloud:messaging/handler@0.2.0" (instance $h))
    (func (export "f") (canon lift (core func $i "nothing")))`)
  await expect(verifyExports(broken)).rejects.toMatchObject({ code: 'component-invalid' })
})

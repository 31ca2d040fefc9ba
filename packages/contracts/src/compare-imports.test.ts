import { parse, print } from '@bytecodealliance/jco-transpile/wasm-tools'
import { expect, test } from 'vitest'
import { compareImports } from './compare-imports.js'
import { extractImportSections } from './import-sections.js'
import { interfaceContracts } from './interface-contracts.js'
import { parseImportTypes } from './parse-import-types.js'

async function findings(wat: string): Promise<readonly string[]> {
  const printed = await print(extractImportSections(await parse(`(component ${wat})`)))
  return compareImports(parseImportTypes(printed), interfaceContracts).map((each) => `${each.kind}: ${each.message}`)
}

const streams = `(import "wasi:io/streams@0.2.0" (instance $streams
  (export "input-stream" (type (sub resource))) (export "output-stream" (type (sub resource)))))
  (alias export $streams "input-stream" (type $input)) (alias export $streams "output-stream" (type $output))`

test('an import of some functions with the right types is accepted, in any 0.2 release', async () => {
  for (const version of ['0.2.0', '0.2.3', '0.2.12', '0.2.40']) {
    const wat = `(import "wasi:random/random@${version}" (instance
      (export "get-random-bytes" (func (param "len" u64) (result (list u8))))))`
    expect(await findings(wat)).toEqual([])
  }
})

test('other versions and unknown interfaces and functions are unknown', async () => {
  const instance = '(instance (export "get-random-u64" (func (result u64))))'
  expect(await findings(`(import "wasi:random/random@0.3.0" ${instance})`)).toEqual([
    'unknown: `wasi:random/random@0.3.0` is not a version of this host, which has 0.2.12',
  ])
  expect(await findings(`(import "wasi:random/random" ${instance})`)).toHaveLength(1)
  expect(await findings(`(import "wasi:random/random@0.2.0-rc-2023-11-10" ${instance})`)).toHaveLength(1)
  expect(await findings(`(import "acme:crm/contacts@1.0.0" ${instance})`)).toEqual([
    'unknown: `acme:crm/contacts@1.0.0` is not an interface of this host',
  ])
  expect(
    await findings('(import "wasi:random/random@0.2.0" (instance (export "get-luck" (func (result u64)))))'),
  ).toEqual(['unknown: `wasi:random/random@0.2.0` has no function `get-luck`'])
})

test('a draft is accepted in each version whose types agree, and another draft is no proof of hostility', async () => {
  const logging = (name: string) => `(import "${name}" (instance
    (export "level" (type $l (eq $e)))
    (export "log" (func (param "level" $l) (param "context" string) (param "message" string)))))`
  const level = '(type $e (enum "trace" "debug" "info" "warn" "error" "critical"))'
  for (const version of ['', '@0.1.0-draft', '@0.1.0', '@0.1.7', '@0.1.0-rc.2']) {
    const wat = logging(`wasi:logging/logging${version}`).replace('(instance', `(instance ${level}`)
    expect(await findings(wat), version).toEqual([])
  }
  for (const version of ['@0.2.0', '@0.1.1-draft', '@1.0.0', '@0.1']) {
    const wat = logging(`wasi:logging/logging${version}`).replace('(instance', `(instance ${level}`)
    expect(await findings(wat), version).toHaveLength(1)
  }
  const other = '(import "wasi:logging/logging@0.1.0-draft" (instance (export "log" (func (param "text" string)))))'
  expect((await findings(other)).map((line) => line.replace(/:.*/, ''))).toEqual(expect.arrayContaining(['unknown']))
  expect(await findings(other)).not.toContainEqual(expect.stringMatching(/^mismatch/))
})

test('two drafts of one interface that differ are two contracts', async () => {
  const store = (version: string, cursor: string) => `(import "wasi:keyvalue/store@${version}" (instance
    (type $e0 (variant (case "no-such-store") (case "access-denied") (case "other" string))) (export "error" (type $e (eq $e0)))
    (type $k0 (record (field "keys" (list string)) (field "cursor" (option ${cursor})))) (export "key-response" (type $k (eq $k0)))
    (export "bucket" (type $b (sub resource)))
    (export "[method]bucket.list-keys" (func (param "self" (borrow $b)) (param "cursor" (option ${cursor}))
      (result (result $k (error $e)))))))`
  expect(await findings(`${store('0.2.0-draft', 'u64')} ${store('0.2.0-draft2', 'string')}`)).toEqual([])
  expect(await findings(store('0.2.0-draft', 'string'))).not.toEqual([])
  const [finding] = await findings(store('0.2.0-draft2', 'u64'))
  expect(finding).toMatch(/^unknown: list-keys|^unknown: \[method\]bucket.list-keys/)
})

test('a record in the place of a number is a mismatch that says where', async () => {
  const wat = `(import "wasi:random/random@0.2.0" (instance
    (type $r (record (field "to-string" u8) (field "length" u32)))
    (export "evil" (type $e (eq $r)))
    (export "get-random-bytes" (func (param "len" $e) (result (list u8))))))`
  expect(await findings(wat)).toEqual([
    'mismatch: get-random-bytes: parameter `len` is record { to-string: u8, length: u32 }, expected u64',
  ])
})

test.each([
  ['(param "len" u32) (result (list u8))', 'parameter `len` is u32, expected u64'],
  ['(param "size" u64) (result (list u8))', 'parameter 1 is named `size`, expected `len`'],
  ['(param "len" u64)', 'the result is nothing, expected list<u8>'],
  ['(param "len" u64) (result (list s8))', 'the result is list<s8>, expected list<u8>'],
  ['(param "len" u64) (param "more" u8) (result (list u8))', 'has 2 parameters, expected 1'],
  ['(result (list u8))', 'has 0 parameters, expected 1'],
])('get-random-bytes%s is a mismatch', async (signature, message) => {
  const wat = `(import "wasi:random/random@0.2.0" (instance (export "get-random-bytes" (func ${signature}))))`
  expect(await findings(wat)).toEqual([`mismatch: get-random-bytes: ${message}`])
})

test('a resource is known by the interface that declares it', async () => {
  const stdout = (resource: string) => `${streams}
    (import "wasi:cli/stdout@0.2.0" (instance (alias outer 1 ${resource} (type $t))
      (export "output-stream" (type $s (eq $t))) (export "get-stdout" (func (result (own $s))))))`
  expect(await findings(stdout('$output'))).toEqual([])
  expect(await findings(stdout('$input'))).toEqual([
    'mismatch: get-stdout: the result is own<wasi:io/streams.input-stream>, expected own<wasi:io/streams.output-stream>',
  ])
  const own = `(import "wasi:cli/stdout@0.2.0" (instance
      (export "output-stream" (type $s (sub resource))) (export "get-stdout" (func (result (own $s))))))`
  expect(await findings(own)).toEqual([
    'unknown: `wasi:cli/stdout@0.2.0` has no resource `output-stream`',
    'mismatch: get-stdout: the result is own<wasi:cli/stdout.output-stream>, expected own<wasi:io/streams.output-stream>',
  ])
})

test('a resource under another name is still the one that it equals', async () => {
  const wat = `${streams} (import "wasi:cli/stdout@0.2.0" (instance (alias outer 1 $output (type $t))
      (export "sink" (type $s (eq $t))) (export "get-stdout" (func (result (own $s))))))`
  expect(await findings(wat)).toEqual([])
})

test('what no interface can offer is unknown', async () => {
  expect(await findings('(import "f" (func))')).toHaveLength(1)
  expect(await findings('(import "m" (core module))')).toHaveLength(1)
  expect(await findings('(import "c" (component))')).toHaveLength(1)
  expect(await findings('(import "r" (type (sub resource)))')).toHaveLength(1)
  expect(
    await findings('(import "wasi:random/random@0.2.0" (instance (export "in" (instance (export "f" (func))))))'),
  ).toHaveLength(1)
})

test('an import behind a definition is refused, in front of it accepted', async () => {
  const random = '(import "wasi:random/random@0.2.0" (instance (export "get-random-u64" (func (result u64)))))'
  expect(await findings(`${random} (core module)`)).toEqual([])
  await expect(findings(`(core module) ${random}`)).rejects.toMatchObject({ code: 'component-invalid' })
})

test('types that double at each step cost their length, not their size', async () => {
  const steps = Array.from({ length: 60 }, (_, index) => `(type $t${index + 1} (tuple $t${index} $t${index}))`)
  const wat = `(import "wasi:random/random@0.2.0" (instance (type $t0 (tuple u8 u8)) ${steps.join(' ')}
    (export "get-random-bytes" (func (param "len" $t60) (result (list u8))))))`
  const [finding] = await findings(wat).catch((error: unknown) => [`refused: ${String(error)}`])
  expect(finding?.length).toBeLessThan(1_000)
})

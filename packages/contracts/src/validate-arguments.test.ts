import fc from 'fast-check'
import { expect, test } from 'vitest'
import type { FunctionContract } from './contract.js'
import { interfaceContracts } from './interface-contracts.js'
import { jsNameOf } from './js-names.js'
import { compileArgumentValidator } from './validate-arguments.js'
import type { ValueType } from './value-type.js'

function contractOf(interfaceName: string, name: string): FunctionContract {
  const found = interfaceContracts.get(interfaceName)?.functions.find((fn) => fn.name === name)
  if (found === undefined) throw new Error(`no ${name} in ${interfaceName}`)
  return found
}

const one = (type: ValueType) => {
  const validate = compileArgumentValidator({
    name: 'f',
    shape: 'function',
    jsName: 'f',
    params: [{ name: 'x', type }],
  })
  return (value: unknown) => validate([value]) === undefined
}

test('get-random-bytes takes one unsigned 64-bit bigint and nothing else', () => {
  const validate = compileArgumentValidator(contractOf('wasi:random/random', 'get-random-bytes'))
  expect(validate([16n])).toBeUndefined()
  expect(validate([0n])).toBeUndefined()
  expect(validate([2n ** 64n - 1n])).toBeUndefined()
  for (const args of [[], [16], ['16'], [-1n], [2n ** 64n], [16n, 16n], [{ toString: 1 }], [null], [undefined]]) {
    expect(validate(args)).toBeTypeOf('string')
  }
  expect(validate([{ toString: 1, length: 2 }])).toBe('argument `len` is not a value of u64')
})

test('open-at takes its flags, a string and its flags, exactly as the glue makes them', () => {
  const validate = compileArgumentValidator(contractOf('wasi:filesystem/types', '[method]descriptor.open-at'))
  const follow = { symlinkFollow: true }
  const open = { create: false, directory: false, exclusive: false, truncate: false }
  const flags = {
    read: true,
    write: false,
    fileIntegritySync: false,
    dataIntegritySync: false,
    requestedWriteSync: false,
    mutateDirectory: false,
  }
  expect(validate([follow, 'a', open, flags])).toBeUndefined()
  expect(validate([follow, new Uint8Array(1), open, flags])).toBe('argument `path` is not a value of string')
  expect(validate([{}, 'a', open, flags])).toBeTypeOf('string')
  expect(validate([{ symlinkFollow: 1 }, 'a', open, flags])).toBeTypeOf('string')
  expect(validate([{ symlinkFollow: true, more: true }, 'a', open, flags])).toBeTypeOf('string')
  expect(validate([Object.create(follow), 'a', open, flags])).toBeTypeOf('string')
  expect(validate([follow, 'a', open])).toBe('3 arguments, expected 4')
})

test('variants carry a value exactly where their case has one', () => {
  const validate = compileArgumentValidator(contractOf('wasi:filesystem/types', '[method]descriptor.set-times'))
  const now = { tag: 'now' }
  const at = (val: unknown) => ({ tag: 'timestamp', val })
  expect(validate([now, at({ seconds: 1n, nanoseconds: 2 })])).toBeUndefined()
  expect(validate([now, at({ seconds: 1, nanoseconds: 2 })])).toBeTypeOf('string')
  expect(validate([now, { tag: 'timestamp' }])).toBeTypeOf('string')
  expect(validate([now, { tag: 'now', val: 1 }])).toBeTypeOf('string')
  expect(validate([now, { tag: 'then' }])).toBeTypeOf('string')
  expect(validate([now, 'now'])).toBeTypeOf('string')
  const exit = compileArgumentValidator(contractOf('wasi:cli/exit', 'exit'))
  expect(exit([{ tag: 'ok', val: undefined }])).toBeUndefined()
  expect(exit([{ tag: 'ok', val: 1 }])).toBeTypeOf('string')
  expect(exit([{ tag: 'maybe', val: undefined }])).toBeTypeOf('string')
})

test('lists of bytes are byte arrays, other lists arrays; options are absent or the value', () => {
  expect(one({ kind: 'list', element: { kind: 'u8' } })(new Uint8Array(2))).toBe(true)
  expect(one({ kind: 'list', element: { kind: 'u8' } })([1, 2])).toBe(false)
  expect(one({ kind: 'list', element: { kind: 'u8' } })(Buffer.from('a'))).toBe(false)
  expect(one({ kind: 'list', element: { kind: 'string' } })(['a'])).toBe(true)
  expect(one({ kind: 'list', element: { kind: 'string' } })(['a', 1])).toBe(false)
  expect(one({ kind: 'option', value: { kind: 'string' } })(undefined)).toBe(true)
  expect(one({ kind: 'option', value: { kind: 'string' } })(null)).toBe(false)
  const nested = one({ kind: 'option', value: { kind: 'option', value: { kind: 'u8' } } })
  expect(nested({ tag: 'some', val: undefined })).toBe(true)
  expect(nested({ tag: 'none' })).toBe(true)
  expect(nested(undefined)).toBe(false)
  expect(one({ kind: 'char' })('é')).toBe(true)
  expect(one({ kind: 'char' })('ab')).toBe(false)
  expect(one({ kind: 'char' })('\ud800')).toBe(false)
  expect(one({ kind: 'enum', names: ['a'] })('b')).toBe(false)
})

// A value of a type, as the glue lifts it.
function lifted(type: ValueType): fc.Arbitrary<unknown> {
  switch (type.kind) {
    case 'bool':
      return fc.boolean()
    case 'u32':
      return fc.nat()
    case 'u64':
      return fc.bigInt({ min: 0n, max: 2n ** 64n - 1n })
    case 'string':
      return fc.string()
    case 'record':
      return fc
        .tuple(...type.fields.map((field) => lifted(field.type)))
        .map((values) => Object.fromEntries(type.fields.map((field, index) => [jsNameOf(field.name), values[index]])))
    case 'tuple':
      return fc.tuple(...type.items.map(lifted))
    case 'list':
      return type.element.kind === 'u8' ? fc.uint8Array() : fc.array(lifted(type.element), { maxLength: 3 })
    case 'option':
      return fc.option(lifted(type.value), { nil: undefined })
    case 'enum':
      return fc.constantFrom(...type.names)
    default:
      throw new Error(type.kind)
  }
}

const leaf: fc.Arbitrary<ValueType> = fc.constantFrom<ValueType>(
  { kind: 'bool' },
  { kind: 'u32' },
  { kind: 'u64' },
  { kind: 'string' },
  { kind: 'enum', names: ['on', 'off'] },
)
const anyType: fc.Arbitrary<ValueType> = fc.letrec<{ type: ValueType }>((tie) => ({
  type: fc.oneof(
    { maxDepth: 3 },
    leaf,
    tie('type').map(
      (element): ValueType => ({
        kind: 'list',
        element: element.kind === 'u32' || element.kind === 'u64' ? { kind: 'u8' } : element,
      }),
    ),
    fc.array(tie('type'), { minLength: 1, maxLength: 3 }).map((items): ValueType => ({ kind: 'tuple', items })),
    fc
      .array(tie('type'), { minLength: 1, maxLength: 3 })
      .map(
        (types): ValueType => ({ kind: 'record', fields: types.map((type, index) => ({ name: `f-${index}`, type })) }),
      ),
    leaf.map((value): ValueType => ({ kind: 'option', value })),
  ),
})).type

test('whatever the glue lifts from a type passes, and a value of no type at all does not', () => {
  fc.assert(
    fc.property(
      anyType.chain((type) => fc.tuple(fc.constant(type), lifted(type))),
      ([type, value]) => {
        const accepts = one(type)
        expect(accepts(value)).toBe(true)
        for (const stranger of [
          Symbol.iterator,
          () => 1,
          new Date(0),
          Number.NaN,
          null,
          [[null]],
          { constructor: 1 },
        ]) {
          expect(accepts(stranger)).toBe(false)
        }
      },
    ),
    { numRuns: 300 },
  )
})

import { describe, expect, test } from 'vitest'
import { defineHostInterface, type HostFunction } from './host-interface.js'
import { interfaceFunctionsMax } from './limits.js'

const asks = () => ({ kind: 'process', action: 'spawn', resource: '/bin/true' })
const define = (signature: string, given: Partial<HostFunction>, name = 'acme:tools/run@1.0.0') =>
  defineHostInterface(name, {
    wit: `interface run { enum problem { not-found } variant refusal { no, access-denied(string) } ${signature} }`,
    functions: { run: { authorize: 'none', run: () => undefined, ...given } },
  })

describe('an interface of a host application', () => {
  test.each(['run: func() -> result<_, string>;', 'run: func() -> result;', 'run: func() -> result<u8, refusal>;'])(
    'needs nothing more where its functions have a word for a denial: %s',
    (signature) => {
      const { name, contract } = define(signature, { authorize: asks })
      expect([name, contract.name, contract.functions.map((fn) => fn.name)]).toEqual([
        'acme:tools/run@1.0.0',
        'acme:tools/run',
        ['run'],
      ])
    },
  )

  test.each([
    'run: func() -> u8;',
    'run: func();',
    'run: func() -> result<u8, problem>;',
    'run: func() -> result<_, u8>;',
  ])('says what the denied get where its functions have none: %s', (signature) => {
    expect(() => define(signature, { authorize: asks })).toThrow(/has no error that says that it is denied/)
    expect(define(signature, { authorize: asks, denied: 'trap' }).functions.size).toBe(1)
    expect(define(signature, {}).functions.size).toBe(1)
  })

  test('has an error only where its functions declare one', () => {
    expect(() => define('run: func();', { authorize: asks, denied: () => 'no' })).toThrow(/declares no error/)
    expect(() => define('run: func();', { failed: () => 'no' })).toThrow(/`failed` of the function `run`/)
    expect(define('run: func() -> result<_, u8>;', { authorize: asks, denied: () => 1 }).functions.size).toBe(1)
  })

  test('says of every function what it asks for and what it does', () => {
    expect(() => define('run: func();', { authorize: undefined as never })).toThrow(/does not say what it asks for/)
    expect(() => define('run: func();', { run: undefined as never })).toThrow(/has no `run`/)
    expect(() => define('run: func(); stop: func();', {})).toThrow(/`stop` of `acme:tools\/run@1.0.0` is not given/)
    expect(() => define('start: func();', {})).toThrow(/`start` of .* is not given/)
    const functions = { run: { authorize: 'none', run: () => 1 }, stop: { authorize: 'none', run: () => 1 } } as const
    const wit = 'interface run { run: func() -> u8; }'
    expect(() => defineHostInterface('acme:tools/run@1.0.0', { wit, functions })).toThrow(
      /no function `stop` in its WIT/,
    )
  })

  test('has a name of its own, and not too many functions', () => {
    for (const taken of ['wasi', 'wasmcloud', 'bulkhead']) {
      expect(() => define('run: func();', {}, `${taken}:tools/run@1.0.0`)).toThrow(/name space/)
    }
    expect(define('run: func();', {}, 'wasix:tools/run@1.0.0').name).toBe('wasix:tools/run@1.0.0')
    const many = Array.from({ length: interfaceFunctionsMax + 1 }, (_, index) => `f${index}: func();`).join(' ')
    expect(() => define(many, {})).toThrow(
      expect.objectContaining({ code: 'interface-invalid', message: expect.stringContaining('257 functions') }),
    )
  })
})

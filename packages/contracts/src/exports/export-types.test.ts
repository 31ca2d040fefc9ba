import { parse, print } from '@bytecodealliance/jco-transpile/wasm-tools'
import { describe, expect, it } from 'vitest'
import { extractExportSections } from './export-sections.js'
import { type ExportedFunction, qualifiedName, uncallable } from './exported-function.js'
import { parseExportTypes } from './parse-export-types.js'
import { signature } from './signature.js'
import { typescriptTypes } from './typescript-types.js'

async function exported(wat: string): Promise<readonly ExportedFunction[]> {
  return parseExportTypes(await print(extractExportSections(await parse(wat))))
}

const lifted = (name: string, type: string): string => `
  (func $${name} ${type} (canon lift (core func $i "f")))`
const code = '(core module $m (func (export "f"))) (core instance $i (instantiate $m))'

describe('what a component exports', () => {
  it('is found behind code, with its types', async () => {
    const found = await exported(`(component ${code}
      (type $point (record (field "x" s32) (field "far-away" (option u64))))
      (export $exported "point" (type $point))
      (component $unused (core module (func)))
      ${lifted('run', '')}
      (export "run" (func $run))
      (export "again" (func $run)))`)
    expect(found.map(signature)).toEqual(['run: func()', 'again: func()'])
  })

  it('may be an instance that is put together on the spot, or imported', async () => {
    const found = await exported(`(component
      (import "acme:a/b@1.0.0" (instance $given (export "f" (func (param "a" u8) (result string)))))
      (import "own" (func $own (param "b" char)))
      (import "part" (component $part))
      (import "core" (core module $core))
      (alias export $given "f" (func $f))
      (instance $made (export "renamed" (func $f)) (export "own" (func $own)))
      (export "acme:c/d@1.0.0" (instance $made))
      (export "acme:e/f@1.0.0" (instance $given))
      (export "part2" (component $part))
      (export "single" (func $own)))`)
    expect(found.map(signature)).toEqual([
      'acme:c/d@1.0.0#renamed: func(a: u8) -> string',
      'acme:c/d@1.0.0#own: func(b: char)',
      'acme:e/f@1.0.0#f: func(a: u8) -> string',
      'single: func(b: char)',
    ])
    expect(found.map(qualifiedName).at(-1)).toBe('single')
  })

  it('is nothing where there is no component', () => {
    expect(parseExportTypes('(module)')).toEqual([])
  })

  it('is cut where its types, written out, have no end', async () => {
    const levels = Array.from({ length: 24 }, (_, at) => `(type $t${at + 1} (tuple $t${at} $t${at}))`).join('\n')
    const deep = Array.from({ length: 60 }, (_, at) => `(type $d${at + 1} (list $d${at}))`).join('\n')
    const found = await exported(`(component (type $t0 u8) ${levels} (type $d0 u8) ${deep}
      (import "wide" (func $wide (param "a" $t24) (param "b" u8)))
      (import "deep" (func $deep (result $d60)))
      (export "wider" (func $wide)) (export "deeper" (func $deep)))`)
    expect(found.map(uncallable)).toEqual([
      '`a` holds a type that no call carries (it is too large)',
      '`result` holds a type that no call carries (it is too large)',
    ])
    expect(JSON.stringify(found).length).toBeLessThan(1_000)
  })

  it('is refused when its description is too large', () => {
    const header = [0x00, 0x61, 0x73, 0x6d, 0x0d, 0x00, 0x01, 0x00]
    const size = 4 * 1024 * 1024
    const bytes = new Uint8Array(header.length + 5 + size)
    bytes.set([...header, 7, 0x80, 0x80, 0x80, 0x02])
    expect(() => extractExportSections(bytes)).toThrow('the description of the exports is too large')
  })
})

describe('a resource', () => {
  it('makes a function uncallable, and its methods are not listed', async () => {
    const found = await exported(`(component
      (import "acme:a/b@1.0.0" (instance $given
        (export "r" (type $r (sub resource)))
        (export "[method]r.get" (func (param "self" (borrow $r))))
        (export "open" (func (result (list (own $r)))))
        (export "shut" (func (param "which" (option (borrow $r)))))))
      (export "acme:e/f@1.0.0" (instance $given)))`)
    expect(found.map(({ name }) => name)).toEqual(['open', 'shut'])
    expect(found.map(uncallable)).toEqual([
      '`result` holds a resource, which lives and ends inside of the component',
      '`which` holds a resource, which lives and ends inside of the component',
    ])
    expect(typescriptTypes('x', found)).toContain('  // acme:e/f@1.0.0#open cannot be called from outside: ')
  })
})

describe('types in TypeScript', () => {
  const fn = (name: string, params: ExportedFunction['params'], result?: ExportedFunction['result']) => ({
    ...{ name, params },
    ...(result === undefined ? {} : { result }),
  })
  const text = { kind: 'string' } as const

  it('are written out, with what may be left out', () => {
    const optional = { kind: 'option', value: { kind: 'option', value: text } } as const
    const either = { kind: 'option', value: { kind: 'enum', names: ['a', 'b-c'] } } as const
    const functions = [
      fn('delete', [{ name: 'new', type: text }], { kind: 'result', error: { kind: 's64' } }),
      fn('all', [
        { name: 'a', type: { kind: 'list', element: text } },
        { name: 'b', type: { kind: 'flags', names: ['can-read'] } },
        { name: 'c', type: optional },
        { name: 'd', type: either },
      ]),
      fn('outcome', [{ name: 'a', type: { kind: 'tuple', items: [{ kind: 'result' }] } }], { kind: 'bool' }),
      fn('bare', [], { kind: 'result' }),
    ]
    expect(typescriptTypes('my-greeter.2', functions).split('\n')).toEqual([
      '// Made by `bulkhead types`.',
      'export type MyGreeter2 = {',
      '  /** @throws `guest-error`, whose `details.payload` is `bigint`. */',
      '  delete(_new: string): void',
      '  all(a: readonly (string)[], b: { readonly canRead?: boolean }, ' +
        'c: { readonly tag: "none" } | { readonly tag: "some"; readonly val: string | undefined }, d?: ("a" | "b-c") | undefined): void',
      '  outcome(a: readonly [{ readonly tag: "ok" } | { readonly tag: "err" }]): boolean',
      '  /** @throws `guest-error`, whose `details.payload` is nothing. */',
      '  bare(): void',
      '}',
      '',
    ])
  })

  it('have a name whatever the file is called', () => {
    expect(typescriptTypes('1-2', [])).toContain('export type Component = {')
  })

  it('have long names where two functions share a short one', () => {
    const both = ['acme:a/b@1.0.0', 'acme:c/d@1.0.0'].map((owner) => ({ interface: owner, ...fn('go', []) }))
    expect(typescriptTypes('x', [...both, fn('go', [])])).toContain('  "acme:a/b@1.0.0#go"(): void')
  })
})

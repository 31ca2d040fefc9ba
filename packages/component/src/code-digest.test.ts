import { describe, expect, it } from 'vitest'
import { codeDigest } from './code-digest.js'
import { recognise } from './recognise.js'
import { concatBytes } from './wasm/byte-writer.js'

const text = (words: string): Uint8Array => new TextEncoder().encode(words)
const section = (id: number, body: Uint8Array): Uint8Array => Uint8Array.of(id, body.length, ...body)
/** The same section, with its size spelled in five bytes. */
const padded = (id: number, body: Uint8Array): Uint8Array =>
  Uint8Array.of(id, body.length | 0x80, 0x80, 0x80, 0x80, 0, ...body)
const custom = (name: string, words = ''): Uint8Array =>
  section(0, Uint8Array.of(name.length, ...text(name), ...text(words)))
const module = (...sections: Uint8Array[]): Uint8Array =>
  concatBytes([Uint8Array.of(0, 0x61, 0x73, 0x6d, 1, 0, 0, 0), ...sections])
const component = (...sections: Uint8Array[]): Uint8Array =>
  concatBytes([Uint8Array.of(0, 0x61, 0x73, 0x6d, 0x0d, 0, 1, 0), ...sections])

const types = section(1, Uint8Array.of(1, 0x60, 0, 0))
const functions = section(3, Uint8Array.of(1, 0))
const code = section(10, Uint8Array.of(1, 2, 0, 0x0b))
const core = module(types, functions, code)
const digest = (bytes: Uint8Array): string => codeDigest(bytes, recognise(bytes))

describe('is the same', () => {
  const plain = digest(component(section(1, core)))
  it.each([
    ['with a custom section behind', component(section(1, core), custom('x', 'appended'))],
    ['with one in front', component(custom('bulkhead:manifest', 'id'), section(1, core))],
    ['with one in a nested module', component(section(1, module(types, custom('name'), functions, code)))],
    ['with a size spelled otherwise', component(padded(1, core))],
    ['with one spelled otherwise within', component(section(1, module(padded(1, types.subarray(2)), functions, code)))],
  ])('%s', (_, bytes) => {
    expect(digest(bytes)).toBe(plain)
  })

  it('in a nested component', () => {
    const outer = (inner: Uint8Array): Uint8Array => component(section(4, inner))
    expect(digest(outer(component(section(1, core), custom('y'))))).toBe(digest(outer(component(section(1, core)))))
  })

  it('for a core module', () => {
    expect(digest(module(types, functions, code, custom('z')))).toBe(digest(core))
  })
})

describe('is another one', () => {
  it('for every other byte, and for every other nesting', () => {
    const other = section(10, Uint8Array.of(1, 3, 0, 0x01, 0x0b))
    const all = [
      core,
      module(types, functions, other),
      module(types, functions),
      component(section(1, core)),
      component(section(1, core), section(1, core)),
      component(section(4, component(section(1, core)))),
      component(section(4, component()), section(1, core)),
    ].map(digest)
    expect(new Set(all).size).toBe(all.length)
  })
})

it('refuses what does not fit, and nesting without end', () => {
  const bytes = component(section(1, core.subarray(0, core.length - 1)))
  expect(() => digest(bytes)).toThrow('is cut short')
  let deep = component()
  for (let level = 0; level < 17; level++) deep = concatBytes([component(), Uint8Array.of(4, ...sizeOf(deep)), deep])
  expect(() => digest(deep)).toThrow('more than 16 deep')
})

function sizeOf({ length }: Uint8Array): number[] {
  return [(length & 0x7f) | 0x80, (length >> 7) & 0x7f]
}

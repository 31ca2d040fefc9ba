import { componentEmbed, componentNew, print } from '@bytecodealliance/jco-transpile/wasm-tools'
import { describe, expect, test } from 'vitest'
import { contractOf } from '../function-contract.js'
import { extractImportSections } from '../import-sections.js'
import { typeDepthMax, witTextCharactersMax } from '../limits.js'
import { parseImportTypes } from '../parse-import-types.js'
import { parseWit } from './parse-wit.js'

const everything = `package acme:crm@1.2.0;

/// Kinds of things, and /* what looks like a comment */.
interface kinds {
  enum colour { red, dark-green }
  flags rights { may-read, may-write }
  record point { x: s32, y: f64 }
}

/* a comment
   /* in a comment */ */
@since(version = 1.0.0)
interface contacts {
  use kinds.{colour, point as place,};
  use kinds.{rights};
  type id = u64;
  type ids = list<id>;
  record %record { id: id, name: string, colour: option<colour>, at: place, rights: rights }
  variant found { none, one(%record), many(list<%record>), }
  @since(version = 1.1.0)
  @deprecated(version = 1.2.0)
  find: func(query: string, most: u16) -> result<found, string>;
  delete-all: func(ids: ids) -> result<_, colour>;
  touch: func() -> result;
  count: func(a: bool, b: u8, c: s8, d: s16, e: u32, f: s64, g: f32, h: char) -> tuple<u64, option<option<u8>>>;
  say: func(text: string);
  only-ok: func() -> result<list<u8>>;
}
`

/** What the tools that build components make of the same text. */
async function byTools(text: string) {
  const witSource = `${text}\nworld w { import contacts; }`
  const component = await componentNew(await componentEmbed({ witSource, dummy: true, world: 'w' }), [])
  const imports = parseImportTypes(await print(extractImportSections(component)))
  return imports.filter(({ functions }) => functions.length > 0).map(contractOf)
}

describe('an interface in WIT', () => {
  test('reads as the tools read it that build components', async () => {
    const [expected] = await byTools(everything)
    expect(parseWit('acme:crm/contacts@1.2.0', everything)).toEqual(expected)
  })

  test('needs no package in its text', () => {
    const contract = parseWit(
      'acme:mail/sender@0.1.0',
      'interface sender { send: func(to: string) -> result<_, string>; }',
    )
    expect(contract).toEqual({
      name: 'acme:mail/sender',
      version: '0.1.0',
      resources: [],
      functions: [
        {
          name: 'send',
          shape: 'function',
          jsName: 'send',
          params: [{ name: 'to', type: { kind: 'string' } }],
          result: { kind: 'result', error: { kind: 'string' } },
        },
      ],
    })
  })

  const wrong: readonly (readonly [what: string, text: string, says: RegExp])[] = [
    ['a resource', 'interface i {\n  resource file;\n}', /line 2, column 3: a resource/],
    ['a handle', 'interface i { f: func(a: borrow<file>); }', /column 26: a handle/],
    ['a stream', 'interface i { f: func() -> stream<u8>; }', /a stream/],
    ['a future', 'interface i { f: func() -> future<u8>; }', /a future/],
    ['an async function', 'interface i { f: async func(); }', /`async`/],
    ['a world', 'world w { }', /a world/],
    ['a list of a fixed length', 'interface i { f: func() -> list<u8, 4>; }', /a fixed length/],
    ['a type that is not there', 'interface i { f: func(a: other); }', /there is no type `other` in `i`/],
    ['a type that is not there and not used', 'interface i { type a = other; f: func(); }', /no type `other`/],
    ['a type of itself', 'interface i { record a { next: option<a> } f: func(); }', /`a` is made of itself/],
    ['a type twice', 'interface i { type a = u8; type a = u16; }', /the name `a` is there twice/],
    ['a function named as a type', 'interface i { type a = u8; a: func(); }', /the name `a` is there twice/],
    ['a function twice', 'interface i { f: func(); f: func(); }', /the name `f` is there twice/],
    [
      'another package',
      'package acme:other@1.0.0; interface i { f: func(); }',
      /`acme:other@1.0.0`, expected `a:b@1.0.0`/,
    ],
    ['another version', 'package a:b@2.0.0; interface i { f: func(); }', /`a:b@2.0.0`, expected/],
    ['another interface', 'interface j { f: func(); }', /no interface `i`/],
    ['no interface', '', /no interface `i`/],
    ['a use of another package', 'interface i { use wasi:io/streams.{input-stream}; }', /another package/],
    ['a use of nothing', 'interface i { use j.{a}; }', /no interface `j`/],
    ['a use of no type', 'interface i { use j.{a}; } interface j { f: func(); }', /no type `a` in `j`/],
    ['an empty record', 'interface i { record a { } }', /found `}`, expected a member/],
    ['an empty enum', 'interface i { enum a { } }', /expected a member/],
    ['an empty tuple', 'interface i { f: func(a: tuple<>); }', /found `>`, expected a member/],
    ['an open end', 'interface i {', /found `the end of the text`, expected/],
    ['an open comment', 'interface i { /* ', /column 15: a comment that does not end/],
    ['an open attribute', '@since(version interface i {}', /expected `\)`/],
    ['a sign that is none of its own', 'interface i { f: func(a: u8#); }', /column 28: found `#`/],
    ['a missing sign', 'interface i { f: func() -> u8 }', /found `}`, expected `;`/],
    ['a type without a name', 'interface i { f: func() -> ; }', /found `;`, expected a type/],
    ['too long a text', `interface i { f: func(); }${' '.repeat(witTextCharactersMax)}`, /characters/],
    [
      'too deep a type',
      `interface i { f: func() -> ${'list<'.repeat(typeDepthMax)}u8${'>'.repeat(typeDepthMax)}; }`,
      /deeper than 32/,
    ],
  ]
  test.each(wrong)('is refused with its place: %s', (_, text, says) => {
    expect(() => parseWit('a:b/i@1.0.0', text)).toThrow(says)
  })

  test('may be as deep as it may be', () => {
    const text = `interface i { f: func() -> ${'list<'.repeat(typeDepthMax - 1)}u8${'>'.repeat(typeDepthMax - 1)}; }`
    expect(parseWit('a:b/i@1.0.0', text).functions).toHaveLength(1)
  })

  test.each(['contacts', 'acme:crm/contacts', 'acme:crm/contacts@1', 'Acme:crm/contacts@1.0.0', ''])(
    'has a whole name, not `%s`',
    (name) => {
      expect(() => parseWit(name, 'interface contacts { f: func(); }')).toThrow(/is not the name of an interface/)
    },
  )
})

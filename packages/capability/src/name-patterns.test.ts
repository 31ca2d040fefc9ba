import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { compileEnvironmentPattern } from './environment-pattern.js'
import { compileHostPattern } from './host-pattern.js'
import { compileNamespacePattern } from './namespace-pattern.js'
import { parseHostPattern } from './parsed-host-pattern.js'
import { PatternError } from './pattern-error.js'
import { compileTopicPattern } from './topic-pattern.js'

const compileOwnNamespace = (source: string) => compileNamespacePattern(source, { componentId: 'ingest' })

function positionOf(compile: (source: string) => unknown, source: string): number {
  try {
    compile(source)
  } catch (thrown) {
    if (thrown instanceof PatternError) return thrown.position
    throw thrown
  }
  return -1
}

describe('compileHostPattern', () => {
  it.each([
    ['example.com', 'EXAMPLE.com.', true],
    ['example.com.', 'example.com', true],
    ['example.com', 'example.com:443', true],
    ['example.com', 'udp://example.com:53', false],
    ['example.com:443', 'example.com', false],
    ['example.com:*', 'example.com', true],
    ['example.com:1-80', 'example.com', false],
    ['example.com:80-65535', 'example.com', false],
    ['example.com:8000-8100', 'example.com:8050', true],
    ['example.com:8000-8100', 'example.com:8101', false],
    ['https://example.com', 'https://example.com:443', true],
    ['https://example.com', 'https://example.com:8443', false],
    ['https://example.com', 'http://example.com:443', false],
    ['https://example.com', 'example.com:443', false],
    ['example.com:443', 'https://example.com:443', true],
    ['udp://*:53', 'udp://[2001:db8::1]:53', true],
    ['*.example.com', 'a.b.example.com', true],
    ['*.example.com', 'example.com', false],
    ['*.bücher.example', 'a.xn--bcher-kva.example', true],
    ['bücher.example', 'BÜCHER.example', true],
    ['example.com', 'exam%70le.com', false],
    ['example.com', 'example.com%00', false],
    ['example.com', 'exam\tple.com', false],
    ['a', 'a/b', false],
    ['a', 'a℀b', false],
    ['exämple.com', 'exämple%2ecom', false],
    ['exämple.com', 'exämple.com/x', false],
    ['exämple.com', 'ex\tämple.com', false],
    ['exämple.com', 'x@exämple.com', false],
    ['exämple.com', 'ｅxämple.com', true],
    ['127.0.0.1', '127.0.0.1', true],
    ['127.0.0.1', '127。0。0。1', false],
    ['127.0.0.1', '0x7f.0.0.1', false],
    ['127.0.0.1', '0177.0.0.1', false],
    ['127.0.0.1', '127.1', false],
    ['127.0.0.1', '2130706433', false],
    ['127.0.0.1', '127.0.0.1.', false],
    ['127.0.0.1', '[::ffff:127.0.0.1]', true],
    ['127.0.0.1', '[::ffff:7f00:1]:80', true],
    ['*', '0x7f.0.0.1', false],
    ['10.0.0.0/8:5432', '10.255.0.1:5432', true],
    ['10.0.0.0/8:5432', '11.0.0.1:5432', false],
    ['10.1.2.3/8', '10.9.9.9', true],
    ['0.0.0.0/0', '8.8.8.8', true],
    ['0.0.0.0/0', '[::1]', false],
    ['[2001:db8::]/32:443', '[2001:db8:1::1]:443', true],
    ['[2001:db8::/33]', '[2001:db8:7fff::1]', true],
    ['[2001:db8::/33]', '[2001:db8:8000::1]', false],
    ['[::ffff:10.0.0.0]/104', '10.1.1.1', true],
    ['[::1]', '[0:0:0:0:0:0:0:1]', true],
    ['[::1]', '::1', true],
    ['[::1]', '[::1%eth0]', false],
    ['[::1]', '[::1]x', false],
    ['*', 'anything.example:1', true],
    ['*', 'user@example.com', false],
    ['*', 'example.com:0', false],
    ['*', 'example.com:080', false],
  ])('%s on %s: %s', (pattern, host, expected) => {
    expect(compileHostPattern(pattern).matches(host)).toBe(expected)
  })

  it.each([
    ['ftp://example.com', 0],
    ['https://', 8],
    ['example.com:0', 12],
    ['example.com:9-8', 12],
    ['a.*.com', 2],
    ['**.example.com', 1],
    ['https://a:1:2', 11],
    ['10.0.0.0/33', 8],
    ['[::1]/129', 5],
    ['[fe80::1%eth0]', 0],
    ['user@example.com', 0],
    ['010.0.0.1', 0],
    ['-a.com', 0],
    ['a..b', 0],
  ])('points at what is wrong in %s: %i', (source, position) => {
    expect(positionOf(compileHostPattern, source)).toBe(position)
  })

  it('says whether the port was written, so that a manifest can insist on it', () => {
    expect(parseHostPattern('a.example').port.written).toBe('absent')
    expect(parseHostPattern('https://a.example').port).toEqual({ from: 443, to: 443, written: 'default' })
    expect(parseHostPattern('a.example:1').port.written).toBe('written')
  })
})

describe('compileNamespacePattern', () => {
  it.each([
    ['self:*', 'component:ingest:cache:v1', true],
    ['self:*', 'self:cache', true],
    ['component:ingest:*', 'self:cache', true],
    ['self:*', 'component:ingest:', false],
    ['self:*', 'component:ingest', false],
    ['self:*', 'component:ingestion:x', false],
    ['self:*', 'component:other:x', false],
    ['self:*:v1', 'self:cache:v1', true],
    ['self:*:v1', 'self:a:b:v1', false],
    ['self:*:v1', 'self::v1', false],
    ['self:cache', 'self:cache:v1', false],
    ['self:*', 'self:a\0', false],
    ['*', 'shared:x', true],
  ])('%s on %j: %s', (pattern, name, expected) => {
    expect(compileOwnNamespace(pattern).matches(name)).toBe(expected)
  })

  it.each([
    ['', 0],
    ['self:', 4],
    ['self::x', 5],
    ['self:a*', 6],
    ['**', 0],
    ['self:\u0007', 5],
  ])('points at what is wrong in %j: %i', (source, position) => {
    expect(positionOf(compileOwnNamespace, source)).toBe(position)
  })
})

describe('parseHostPattern', () => {
  it.each([
    ['[::1', 0, '`[` is never closed'],
    ['tcp://:80', 6, 'the pattern has no host'],
    ['[::1]x', 5, 'there is text behind `]`'],
    ['[::1]x/64', 5, 'there is text behind `]`'],
    ['[::1/64]x', 8, 'there is text behind `]`'],
    ['a*.b:1', 1, '`*` must stand alone or as the whole first label'],
    ['*.a.*:1', 4, '`*` must stand alone or as the whole first label'],
    ['a.b:80-', 4, '`80-` is not a port'],
    ['a.b:-80', 4, '`-80` is not a port'],
    ['a.b:81-80', 4, '`81-80` is not a port'],
  ])('%s: at %i, %s', (source, position, message) => {
    expect(positionOf(parseHostPattern, source)).toBe(position)
    expect(() => parseHostPattern(source)).toThrow(message)
  })

  it('takes blocks with the prefix inside or behind the brackets, and ports of one number', () => {
    for (const source of ['[::1]', '[::1/64]', '[::1]/64', '[::1]/64:80', '10.0.0.0/8:80-80']) {
      expect(positionOf(parseHostPattern, source)).toBe(-1)
    }
  })
})

describe('compileTopicPattern', () => {
  const longToken = 'é'.repeat(127)
  it.each([
    ['orders.*', 'orders.new', true],
    ['orders.*', 'orders.new.eu', false],
    ['orders.>', 'orders.new.eu', true],
    ['orders.>', 'orders', false],
    ['>', 'a', true],
    ['>', '$sys.health', false],
    ['>', '_inbox.x', false],
    ['>', '$system', true],
    ['*.*', '$sys.health', false],
    ['>', 'a b', false],
    ['>', 'a.*', false],
    ['>', 'a\u0000', false],
    ['>', longToken, true],
    ['>', Array(16).fill('a').join('.'), true],
    ['>', Array(17).fill('a').join('.'), false],
    ['>', 'a'.repeat(129), false],
    ['>', 'a'.repeat(128), true],
    ['>', `${'a'.repeat(128)}.${'a'.repeat(127)}`, true],
    ['>', `${'a'.repeat(127)}.${'a'.repeat(127)}.a`, false],
    ['>', `${'a'.repeat(127)}.${'a'.repeat(128)}`, true],
    ['>', `${'\u0800'.repeat(85)}a`, true],
    ['>', `${'\u0800'.repeat(85)}aa`, false],
    ['>', '\u{10000}'.repeat(64), true],
    ['>', `${'\u{10000}'.repeat(64)}a`, false],
  ])('%s on %j: %s', (pattern, topic, expected) => {
    expect(compileTopicPattern(pattern).matches(topic)).toBe(expected)
  })

  it('takes patterns of its bounds, and none beyond', () => {
    const tokens = (count: number) => Array(count).fill('*').join('.')
    expect(positionOf(compileTopicPattern, tokens(16))).toBe(-1)
    expect(positionOf(compileTopicPattern, tokens(17))).toBe(0)
    expect(positionOf(compileTopicPattern, `x.${'a'.repeat(128)}`)).toBe(-1)
    expect(positionOf(compileTopicPattern, `x.${'a'.repeat(129)}`)).toBe(2)
  })

  it.each([
    ['a..b', 2],
    ['a.', 1],
    ['a.>.b', 2],
    ['a.b*', 3],
    ['a.b c', 3],
    ['$sys.>', 0],
    ['_inbox.*', 0],
    [Array(17).fill('a').join('.'), 0],
    ['a'.repeat(129), 0],
  ])('points at what is wrong in %j: %i', (source, position) => {
    expect(positionOf(compileTopicPattern, source)).toBe(position)
  })
})

describe('compileEnvironmentPattern', () => {
  it.each([
    ['TZ', 'TZ', true],
    ['TZ', 'TZX', false],
    ['INGEST_*', 'INGEST_MODE', true],
    ['INGEST_*', 'INGEST_', true],
    ['INGEST_*', 'INGEST', false],
    ['*', 'PATH', true],
    ['*', '', false],
    ['*', 'A=B', false],
  ])('%s on %j: %s', (pattern, name, expected) => {
    expect(compileEnvironmentPattern(pattern).matches(name)).toBe(expected)
  })

  it.each([
    ['', 0],
    ['A*B', 1],
    ['A**', 1],
    ['A=B', 1],
    ['A\0', 1],
  ])('points at what is wrong in %j: %i', (source, position) => {
    expect(positionOf(compileEnvironmentPattern, source)).toBe(position)
  })
})

describe('every grammar of names', () => {
  it.each([
    ['host', compileHostPattern, `https://${'a'.repeat(1017)}`, 1024],
    ['namespace', compileOwnNamespace, 'a'.repeat(4097), 4096],
    ['topic', compileTopicPattern, 'é.'.repeat(90), 170],
    ['environment', compileEnvironmentPattern, 'A'.repeat(1025), 1024],
  ] as const)('%s: refuses one byte too many and points at it', (_, compile, source, position) => {
    expect(positionOf(compile, source)).toBe(position)
  })

  it('takes a namespace and a variable of exactly the longest length', () => {
    expect(compileOwnNamespace('a'.repeat(4096)).matches('a'.repeat(4096))).toBe(true)
    expect(compileEnvironmentPattern('A'.repeat(1024)).matches('A'.repeat(1024))).toBe(true)
  })

  it('takes host names of 253 characters and labels of 63, and not one more', () => {
    const label = 'a'.repeat(63)
    const longest = `${label}.${label}.${label}.${'a'.repeat(61)}`
    expect(compileHostPattern(longest).matches(longest)).toBe(true)
    expect(compileHostPattern('*').matches(`${longest}a`)).toBe(false)
    expect(compileHostPattern('*').matches(`a${label}.b`)).toBe(false)
  })

  const text = fc.string({
    unit: fc.constantFrom('a', '.', ':', '*', '>', '[', ']', '/', '-', '1', '0', '%', 'é', '\ud800', '\0', '。'),
  })
  it.each([
    ['host', compileHostPattern],
    ['namespace', compileOwnNamespace],
    ['topic', compileTopicPattern],
    ['environment', compileEnvironmentPattern],
  ] as const)('%s: throws nothing but PatternError, and matching never throws', (_, compile) => {
    fc.assert(
      fc.property(text, text, (source, candidate) => {
        try {
          expect(typeof compile(source).matches(candidate)).toBe('boolean')
        } catch (thrown) {
          expect(thrown).toBeInstanceOf(PatternError)
          const { position } = thrown as PatternError
          expect(position >= 0 && position <= source.length).toBe(true)
        }
      }),
    )
  })
})

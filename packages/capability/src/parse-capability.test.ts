import { BulkheadError, type Kind } from '@bulkhead/vocabulary'
import { describe, expect, it } from 'vitest'
import { checkPattern } from './check-pattern.js'
import { capabilityTextUnitsMax } from './limits.js'
import { parseCapability, parseRequest } from './parse-capability.js'
import { kinds } from './small-worlds.test.support.js'

function errorOf(act: () => unknown): BulkheadError {
  try {
    act()
  } catch (thrown) {
    if (thrown instanceof BulkheadError) return thrown
    throw thrown
  }
  throw new Error('nothing was thrown')
}

describe('parseCapability', () => {
  it.each([
    ['filesystem.read=/data/**', 'filesystem', 'read', '/data/**'],
    ['network.connect=https://*.example.com', 'network', 'connect', 'https://*.example.com'],
    ['filesystem.read=/a=b/c.d', 'filesystem', 'read', '/a=b/c.d'],
    ['badge.show=A=B.*', 'badge', 'show', 'A=B.*'],
  ])('%s', (text, kind, action, pattern) => {
    expect(parseCapability(text, kinds)).toEqual({ kind, action, pattern })
    expect(parseRequest(text, kinds)).toEqual({ kind, action, resource: pattern })
  })

  it.each([
    '',
    'filesystem',
    'filesystem.read',
    'filesystem.read=',
    'filesystem.publish=/a',
    'files.read=/a',
    'filesystem=/a.b',
    'filesystem.rea=/d',
    'filesystem.read/=d',
    '.read=/a',
    'badge.show=x',
    'filesystem read=/a',
    ' filesystem.read=/a',
  ])('refuses %j', (text) => {
    const error = errorOf(() => parseCapability(text))
    expect(error.code).toBe('usage')
    expect(error.message).toBe(`\`${text}\` is not KIND.ACTION=PATTERN`)
    expect(error.hint).toContain('filesystem.read, filesystem.write')
    expect(errorOf(() => parseRequest(text)).message).toContain('is not KIND.ACTION=RESOURCE')
  })

  it('names the custom kinds in its hint, and escapes what it quotes', () => {
    const error = errorOf(() => parseCapability('x.y=\u001b[2J', kinds))
    expect(error.hint).toContain('badge.show')
    expect(error.message).not.toContain('\u001b')
  })

  it('reads a text of its bound, and none beyond', () => {
    const text = (units: number) => `filesystem.read=/${'a'.repeat(units - 17)}`
    expect(parseCapability(text(capabilityTextUnitsMax)).pattern).toHaveLength(capabilityTextUnitsMax - 16)
    expect(() => parseCapability(text(capabilityTextUnitsMax + 1))).toThrow('is too long')
  })
})

describe('checkPattern', () => {
  const check = (text: string, port: 'required' | 'optional' = 'required') => {
    const { kind, action, pattern } = parseCapability(text, kinds)
    checkPattern(pattern, { kind, action, componentId: 'ingest', kinds, port })
  }

  it.each([
    ['network.connect=example.com', 'the pattern says no port'],
    ['network.bind=*', 'the pattern says no port'],
    ['filesystem.read=data', 'is not absolute'],
    ['process.spawn=bin', 'is not absolute'],
    ['storage.read=a::b', 'an empty segment'],
    ['messaging.publish=$sys.x', 'belongs to the host'],
    ['environment.read=A*B', '`*` may stand at the end only'],
    ['environment.read=A=B', '`=` is not allowed in a variable name'],
    ['crate.open=/a/../b', 'the segment `..`'],
    ['badge.show=a*b', '`*` may stand at the end only'],
    ['signal.raise=a..b', 'an empty token'],
    ['token.spend=a\nb', 'the control character U+000A'],
  ])('refuses %s: %s', (text, message) => {
    expect(() => check(text)).toThrow(message)
  })

  it.each([
    'network.connect=example.com:443',
    'network.connect=https://example.com',
    'network.resolve=example.com',
    'filesystem.read=/data',
    'process.spawn=/bin/*',
    'storage.read=self:*',
    'messaging.publish=a.>',
    'environment.read=A*',
    'crate.open=/a/**',
    'badge.show=A=B*',
    'signal.raise=a.*',
    'token.spend=a*b{',
  ])('accepts %s', (text) => {
    expect(() => check(text)).not.toThrow()
  })

  it('lets a port be missing where documents may leave it out', () => {
    expect(() => check('network.connect=example.com', 'optional')).not.toThrow()
    expect(() => check('network.connect=exa mple.com', 'optional')).toThrow('is not a host name')
  })

  it('refuses kinds and actions that are not there', () => {
    const use = { kind: 'badge' as Kind, action: 'read', port: 'required' } as const
    expect(() => checkPattern('A', use)).toThrow('`badge` is not a kind')
    expect(() => checkPattern('A', { ...use, kind: 'environment' })).not.toThrow()
    expect(() => checkPattern('A', { ...use, kind: 'messaging' })).toThrow('there is no action `messaging.read`')
  })
})

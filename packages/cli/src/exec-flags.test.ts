import { BulkheadError } from '@bulkhead/vocabulary'
import { describe, expect, it } from 'vitest'
import { type ExecFlags, grantsOf } from './exec-flags.js'

const none: ExecFlags = { read: [], write: [], mount: [], env: [], allow: [], deny: [], net: [] }
const grants = (flags: Partial<ExecFlags>) => grantsOf({ ...none, ...flags }, '/here', { HOME: '/home', EMPTY: '' })
const refusal = (flags: Partial<ExecFlags>): BulkheadError => {
  try {
    grants(flags)
  } catch (thrown) {
    if (thrown instanceof BulkheadError) return thrown
  }
  throw new Error('it was accepted')
}

describe('mounts', () => {
  it('mounts a host path at a guest path, or at its own absolute name', () => {
    expect(grants({ read: ['./sales:/data', 'b'], write: ['/out'] }).mounts).toEqual({
      '/data': { host: '/here/sales', mode: 'read' },
      '/here/b': { host: '/here/b', mode: 'read' },
      '/out': { host: '/out', mode: 'write' },
    })
  })

  it('takes the last colon before a slash, so that a host path may hold colons', () => {
    expect(grants({ read: ['./a:b:/data'] }).mounts).toEqual({ '/data': { host: '/here/a:b', mode: 'read' } })
  })

  it('lets --write win over --read of the same place, and refuses two places at one name', () => {
    expect(grants({ read: ['a:/d'], write: ['a:/d'] }).mounts).toEqual({ '/d': { host: '/here/a', mode: 'write' } })
    expect(refusal({ read: ['a:/d', 'b:/d'] }).message).toBe('`/d` is mounted twice')
    expect(refusal({ read: ['a:/d'], mount: ['/d=a'] }).message).toBe('`/d` is mounted twice')
  })

  it('refuses a guest path that is not absolute', () => {
    expect(refusal({ read: ['./sales:data'] }).message).toBe('--read `./sales:data` is not of the form HOST[:GUEST]')
    expect(refusal({ mount: ['data=./sales'] }).message).toBe('--mount: `data` is not an absolute guest path')
    expect(refusal({ mount: ['/data'] }).code).toBe('usage')
  })

  it('only mounts with --mount, whose mode is a ceiling', () => {
    expect(grants({ mount: ['/a=x:ro', '/b=y'] })).toMatchObject({
      mounts: {},
      mountOnly: { '/a': { host: '/here/x', mode: 'read' }, '/b': { host: '/here/y', mode: 'write' } },
    })
  })
})

describe('variables', () => {
  it('sets a value, also an empty one or one with `=`, or takes the value of the caller', () => {
    expect(grants({ env: ['A=1', 'B=', 'C=x=y', 'HOME', 'EMPTY'] }).env).toEqual({
      A: '1',
      B: '',
      C: 'x=y',
      HOME: '/home',
      EMPTY: '',
    })
  })

  it('refuses a variable that the caller does not have, and one without a name', () => {
    expect(refusal({ env: ['NOPE'] }).message).toBe('--env `NOPE`: there is no such variable here')
    expect(refusal({ env: ['=x'] }).code).toBe('usage')
  })
})

describe('limits', () => {
  it('reads sizes and durations', () => {
    expect(grants({ deadline: '2s', memory: '64MiB' })).toMatchObject({ deadline: 2000, memory: 67108864 })
  })

  it('refuses what is neither', () => {
    expect(refusal({ deadline: '2' }).message).toBe('--deadline `2` is not a duration')
    expect(refusal({ memory: '64M' }).message).toBe('--memory `64M` is not a size')
  })
})

describe('the network', () => {
  it('is granted by host, on any port where none is written', () => {
    const net = ['api.example.com:443', 'api.example.com', '[::1]', '[::1]:80', '10.0.0.0/8:5432', 'udp://10.0.0.1:53']
    expect(grants({ net: [...net, 'https://api.example.com', '*.example.com'] }).allow).toEqual(
      [
        ...['api.example.com:443', 'api.example.com:*', '[::1]:*', '[::1]:80', '10.0.0.0/8:5432', 'udp://10.0.0.1:53'],
        ...['https://api.example.com', '*.example.com:*'],
      ].map((pattern) => `network.connect=${pattern}`),
    )
  })

  it('refuses a flag that names nobody', () => {
    for (const text of ['', 'tcp://'])
      expect(refusal({ net: [text] }).message).toContain('is not of the form HOST[:PORT]')
  })
})

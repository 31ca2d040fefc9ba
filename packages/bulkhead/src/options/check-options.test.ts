import { describe, expect, it } from 'vitest'
import type { RuntimeOptions } from '../types.js'
import {
  checkCallOptions,
  checkEventOptions,
  checkExecOptions,
  checkPublishOptions,
  checkReloadOptions,
  checkRequestOptions,
  checkRuntimeOptions,
} from './check-options.js'

/** As a program without types calls it. */
const untyped = (check: (options: never) => void) => (options: unknown) => () => check(options as never)
const runtime = untyped(checkRuntimeOptions)
const exec = untyped(checkExecOptions)

describe('the options of createRuntime', () => {
  it('pass where each is what it is, or is not there', () => {
    const signal = new AbortController().signal
    const all: Partial<RuntimeOptions> = { tree: {}, base: '.', audit: { strict: true }, http: {}, dev: false, signal }
    for (const options of [{}, undefined, all, { tree: 'bulkhead.toml' }, { tree: undefined, state: undefined }]) {
      expect(runtime({ ...options })).not.toThrow()
    }
  })

  it.each([
    [{ tre: 'x' }, 'createRuntime has no option `tre`', 'did you mean `tree`?'],
    [{ onhealth: () => {} }, 'createRuntime has no option `onhealth`', 'did you mean `onHealth`?'],
    [JSON.parse('{ "__proto__": {} }'), 'createRuntime has no option `__proto__`', 'known: '],
    [{ toString: 1 }, 'createRuntime has no option `toString`', 'known: '],
    [{ audit: { strikt: true } }, '`audit` of createRuntime has no option `strikt`', 'did you mean `strict`?'],
    [{ http: { port: 80 } }, '`http` of createRuntime has no option `port`', 'known: `listen`'],
  ])('%j is refused, with the nearest name', (options, message, hint) => {
    expect(runtime(options)).toThrow(
      expect.objectContaining({ code: 'usage', message, hint: expect.stringContaining(hint) }),
    )
  })

  it.each([
    [{ tree: 5 }, 'the option `tree` of createRuntime is a text or an object, not a number'],
    [{ tree: [] }, 'the option `tree` of createRuntime is a text or an object, not a list'],
    [{ tree: null }, 'the option `tree` of createRuntime is a text or an object, not `null`'],
    [{ dev: 'yes' }, 'the option `dev` of createRuntime is `true` or `false`, not the text `yes`'],
    [{ audit: 'strict' }, 'the option `audit` of createRuntime is an object, not the text `strict`'],
    [{ onHealth: {} }, 'the option `onHealth` of createRuntime is a function, not an object'],
    [{ signal: {} }, 'the option `signal` of createRuntime is an AbortSignal, not an object'],
    [{ interfaces: {} }, 'the option `interfaces` of createRuntime is a list, not an object'],
  ])('%j is refused, with what belongs there', (options, message) => {
    expect(runtime(options)).toThrow(message)
  })

  it.each([{ base: '.' }, { base: '.', tree: 'bulkhead.toml' }])('%j is a base of nothing', (options) => {
    expect(runtime(options)).toThrow('`base` is for a tree that is given as an object')
  })

  it.each(['bulkhead.toml', null, [], 5])('%j is no options', (options) => {
    expect(runtime(options)).toThrow('the options of createRuntime are an object, not')
  })
})

describe('the options of other functions', () => {
  it.each([
    [
      'exec',
      exec,
      { denny: ['filesystem.read=/'] },
      { deny: ['filesystem.read=/'], memory: 1, stdin: new Uint8Array() },
    ],
    ['exec', exec, { mount: {} }, { mounts: {}, deadline: '2s', onDenied: () => {} }],
    ['call', untyped(checkCallOptions), { timeout: 5 }, { deadline: 5 }],
    ['publish', untyped(checkPublishOptions), { trace: '' }, { traceparent: '' }],
    ['request', untyped(checkRequestOptions), { timeout: 5 }, { timeoutMs: 5, traceparent: '' }],
    ['reload', untyped(checkReloadOptions), { dryrun: true }, { dryRun: true, tree: {} }],
    ['events', untyped(checkEventOptions), { type: [] }, { types: [], after: 5, follow: false }],
  ])('%s', (name, check, wrong, right) => {
    const [key] = Object.keys(wrong)
    expect(check(wrong)).toThrow(`${name} has no option \`${key}\``)
    expect(check(right)).not.toThrow()
    expect(check(undefined)).not.toThrow()
  })
})

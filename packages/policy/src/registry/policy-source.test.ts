import { spawnSync } from 'node:child_process'
import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { SimulatedClock } from '@bulkhead/vocabulary'
import { afterEach, beforeEach, describe, expect, it } from 'vitest'
import { policyTextBytesMax, sourceAnswerMs } from './limits.js'
import { readPolicySource } from './policy-source.js'

let root = ''
beforeEach(() => {
  root = mkdtempSync(join(tmpdir(), 'bulkhead-source-'))
})
afterEach(() => rmSync(root, { recursive: true, force: true }))

const bytes = (text: string): Uint8Array => new TextEncoder().encode(text)
const unreachable = { code: 'policy-source-unreachable' }

describe('a file', () => {
  it('is read whole, with its digest', async () => {
    const path = join(root, 'a.policy.toml')
    writeFileSync(path, 'abc')
    expect(await readPolicySource(path)).toEqual({
      location: path,
      bytes: bytes('abc'),
      hash: 'sha256:ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad',
    })
    writeFileSync(path, '')
    expect((await readPolicySource(path)).bytes).toHaveLength(0)
  })

  it('is as large as a policy may be, and no larger', async () => {
    const path = join(root, 'a.policy.toml')
    writeFileSync(path, new Uint8Array(policyTextBytesMax))
    expect((await readPolicySource(path)).bytes).toHaveLength(policyTextBytesMax)
    writeFileSync(path, new Uint8Array(policyTextBytesMax + 1))
    await expect(readPolicySource(path)).rejects.toMatchObject(unreachable)
  })

  it('that is not there is not found', async () => {
    writeFileSync(join(root, 'file'), '')
    for (const name of ['no.toml', 'file/no.toml']) {
      await expect(readPolicySource(join(root, name))).rejects.toMatchObject({ code: 'policy-not-found' })
    }
  })

  it('that is none is refused: a directory, a pipe, an impossible name', async () => {
    mkdirSync(join(root, 'directory'))
    spawnSync('mkfifo', [join(root, 'pipe')])
    for (const name of ['directory', 'pipe', 'x'.repeat(5_000), 'a\0b']) {
      await expect(readPolicySource(join(root, name))).rejects.toMatchObject(unreachable)
    }
  })
})

describe('an address', () => {
  const fetcher = async (url: string) => bytes(`from ${url}`)

  it('is read by whoever was handed in to read it', async () => {
    const source = await readPolicySource('https://example.com/p.toml', { fetcher })
    expect(source).toMatchObject({ bytes: bytes('from https://example.com/p.toml') })
  })

  it('is not read without one', async () => {
    const hint = expect.stringContaining('`fetchPolicy`')
    await expect(readPolicySource('https://example.com/p.toml')).rejects.toMatchObject({ ...unreachable, hint })
  })

  it.each([
    'http://example.com/p.toml',
    'HTTP://example.com/p.toml',
    'file:///etc/p.toml',
    'ftp://example.com/p',
    'https://ana:secret@example.com/p.toml',
    'https://',
  ])('is refused: %s', async (url) => {
    const attempt = readPolicySource(url, { fetcher: () => expect.fail('nobody asks') })
    await expect(attempt).rejects.toMatchObject(unreachable)
  })

  it('that fails says why', async () => {
    const failing = () => Promise.reject(new Error('connection refused'))
    await expect(readPolicySource('https://example.com/p', { fetcher: failing })).rejects.toMatchObject({
      ...unreachable,
      details: { reason: 'connection refused' },
    })
  })

  it('that gives too much is refused', async () => {
    const large = async () => new Uint8Array(policyTextBytesMax + 1)
    await expect(readPolicySource('https://example.com/p', { fetcher: large })).rejects.toMatchObject(unreachable)
  })

  it('that does not answer is given up, and told so', async () => {
    const clock = new SimulatedClock()
    let told: AbortSignal | undefined
    const silent = (_url: string, { signal }: { signal: AbortSignal }) => {
      told = signal
      return new Promise<never>(() => undefined)
    }
    const attempt = readPolicySource('https://example.com/p', { fetcher: silent, clock })
    clock.advance(sourceAnswerMs - 1)
    expect(told?.aborted).toBe(false)
    clock.advance(1)
    await expect(attempt).rejects.toThrow(`no answer within ${sourceAnswerMs} ms`)
    expect(told?.aborted).toBe(true)
    await readPolicySource('https://example.com/p', { fetcher, clock })
    expect(clock.pendingTimers).toBe(0)
  })
})

import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { StateDirectory, Store } from '@bulkhead/state'
import { BulkheadError } from '@bulkhead/vocabulary'
import { afterEach, beforeEach, describe, expect, it } from 'vitest'
import { policiesCachedMax, policyTextBytesMax, versionsKeptMax } from './limits.js'
import { childPolicyKey, defaultPolicyKey } from './policy-key.js'
import { PolicyRegistry } from './policy-registry.js'
import type { PolicyDraft } from './policy-version.js'

// The registry under a parser of its own: a policy is a list of words, and a document with `!` in it is wrong.
type Words = { readonly words: readonly string[]; readonly of: string }

let root = ''
let state: StateDirectory
let store: Store
let registry: PolicyRegistry<Words>
let nowNs = 0n

beforeEach(async () => {
  root = mkdtempSync(join(tmpdir(), 'bulkhead-registry-'))
  state = await StateDirectory.open(root)
  store = await Store.open(state, 'policies')
  registry = openRegistry()
})
afterEach(async () => {
  await store.close()
  await state.close()
  rmSync(root, { recursive: true, force: true })
})

function openRegistry(): PolicyRegistry<Words> {
  const clock = { monotonicNs: () => (nowNs += 2_000_000n) }
  const parse = ({ text, file }: { text: string; file: string }, componentId: string): Words => {
    if (text.includes('!')) throw new BulkheadError('policy-validation-failed', `\`${file}\` is wrong`)
    return { words: text.split(' ').filter((word) => word !== ''), of: componentId }
  }
  return PolicyRegistry.open(store, { parse, clock })
}

const ingest = childPolicyKey('ingest')
const of = { componentId: 'ingest' }
const by = { author: 'ana', time: 1_000, reason: 'because' }
const hash = (digit: string): `sha256:${string}` => `sha256:${digit.repeat(64)}`

function draft(text: string, more: Partial<PolicyDraft> = {}): PolicyDraft {
  return { format: 'native', file: 'ingest.policy.toml', text, ...by, ...more }
}

describe('a policy', () => {
  it('has numbered versions, the newest of which is in force', async () => {
    expect(registry.current(ingest)).toBeUndefined()
    expect(registry.currentPolicy(ingest, 'ingest')).toBeUndefined()
    expect(registry.history(ingest)).toEqual([])
    const first = await registry.update(ingest, draft('a b'), of)
    expect(first).toMatchObject({ changed: true, version: { number: 1, text: 'a b', author: 'ana', time: 1_000 } })
    await registry.update(ingest, draft('a'), of)
    expect(registry.current(ingest)).toMatchObject({ number: 2, text: 'a', reason: 'because' })
    expect(registry.currentPolicy(ingest, 'ingest')).toEqual({ words: ['a'], of: 'ingest' })
    expect(registry.history(ingest).map(({ number }) => number)).toEqual([2, 1])
    expect(registry.version(ingest, 1)).toEqual(first.version)
    expect(registry.version(ingest, 3)).toBeUndefined()
    expect(registry.keys()).toEqual([ingest])
  })
})

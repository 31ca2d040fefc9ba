import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { StateDirectory } from '@bulkhead/state'
import { Store } from '@bulkhead/state/store'
import { BulkheadError } from '@bulkhead/vocabulary'
import { childPolicyKey } from './policy-key.js'
import { PolicyRegistry } from './policy-registry.js'
import type { PolicyDraft } from './policy-version.js'

/** The registry under a parser of its own: a policy is a list of words, and a document with `!` in it is wrong. */
export type Words = { readonly words: readonly string[]; readonly of: string }

/** A state directory with a registry in it, which can be closed and opened again. */
export class World implements AsyncDisposable {
  readonly #root: string
  readonly #state: StateDirectory
  store: Store
  registry: PolicyRegistry<Words>

  private constructor(root: string, state: StateDirectory, store: Store) {
    this.#root = root
    this.#state = state
    this.store = store
    this.registry = openWords(store)
  }

  static async make(): Promise<World> {
    const root = mkdtempSync(join(tmpdir(), 'bulkhead-registry-'))
    const state = await StateDirectory.open(root)
    return new World(root, state, await Store.open(state, 'policies'))
  }

  async restart(): Promise<void> {
    await this.store.close()
    this.store = await Store.open(this.#state, 'policies')
    this.registry = openWords(this.store)
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.store.close()
    await this.#state.close()
    rmSync(this.#root, { recursive: true, force: true })
  }
}

/** A registry whose clock moves 2 ms at each look. */
export function openWords(store: Store): PolicyRegistry<Words> {
  let nowNs = 0n
  const monotonicNs = () => {
    nowNs += 2_000_000n
    return nowNs
  }
  const parse = ({ text, file }: { text: string; file: string }, componentId: string): Words => {
    if (text.includes('!')) throw new BulkheadError('policy-validation-failed', `\`${file}\` is wrong`)
    return { words: text.split(' ').filter((word) => word !== ''), of: componentId }
  }
  return PolicyRegistry.open(store, { parse, clock: { monotonicNs } })
}

export const ingest = childPolicyKey('ingest')
export const of = { componentId: 'ingest' }
export const by = { author: 'ana', time: 1_000, reason: 'because' }

export function hash(digit: string): `sha256:${string}` {
  return `sha256:${digit.repeat(64)}`
}

export function draft(text: string, more: Partial<PolicyDraft> = {}): PolicyDraft {
  return { format: 'native', file: 'ingest.policy.toml', text, ...by, ...more }
}

import { readFileSync } from 'node:fs'
import { DocumentError } from '@bulkhead/document'
import { describe, expect, it } from 'vitest'
import { parsePolicy } from './parse-policy.js'

type Case = {
  readonly id?: string
  readonly title: string
  readonly why?: string
  readonly code: string
  readonly says: string
  readonly text: string
  /** The nearest document that is right. */
  readonly neighbour?: string
}

/** `wassette-odd.json` says of each the place and the whole beginning of what is found. */
const cases: readonly Case[] = ['policy-bad', 'wassette-odd'].flatMap((name) =>
  JSON.parse(readFileSync(new URL(`../../test-cases/${name}.json`, import.meta.url), 'utf8')),
)
const named = cases.map((one) => [`${one.id ?? ''} ${one.title}`.trim(), one] as const)

describe('malformed policies', () => {
  it.each(named)('%s', (_, { text, code, says, neighbour }) => {
    let thrown: unknown
    try {
      parsePolicy(text, { file: 'p.yaml' })
    } catch (error) {
      thrown = error
    }
    expect(thrown).toBeInstanceOf(DocumentError)
    expect((thrown as DocumentError).code).toBe(code)
    expect((thrown as DocumentError).message).toContain(says)
    expect((thrown as DocumentError).message).toMatch(/^p\.yaml:\d+:\d+: /)
    expect(Reflect.ownKeys(Object.prototype)).not.toContain('polluted')
    if (neighbour !== undefined) expect(() => parsePolicy(neighbour, { file: 'p.yaml' })).not.toThrow()
  })
})

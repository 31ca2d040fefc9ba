import { readFileSync } from 'node:fs'
import { DocumentError } from '@bulkhead/document'
import { describe, expect, it } from 'vitest'
import { parsePolicy } from './parse-policy.js'

type Case = {
  readonly id: string
  readonly title: string
  readonly why: string
  readonly code: string
  readonly says: string
  readonly text: string
  /** The nearest document that is right. */
  readonly neighbour: string
}

const cases: readonly Case[] = JSON.parse(
  readFileSync(new URL('../../test-cases/policy-bad.json', import.meta.url), 'utf8'),
)

describe('malformed policies', () => {
  it.each(cases)('$id $title', ({ text, code, says, neighbour }) => {
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
    expect(() => parsePolicy(neighbour, { file: 'p.yaml' })).not.toThrow()
  })
})

import { readFileSync } from 'node:fs'
import { DocumentError } from '@bulkhead/document'
import { describe, expect, it } from 'vitest'
import { parseManifest } from './parse-manifest.js'

type Case = {
  readonly id?: string
  readonly title: string
  readonly why?: string
  readonly says: string
  readonly text?: string
  readonly base64?: string
  readonly gen?: { readonly prefix: string; readonly unit: string; readonly count: number; readonly suffix: string }
}

/** `manifest-odd.json` says of each the place and the whole beginning of what is found. */
const cases: readonly Case[] = ['bad', 'odd'].flatMap((name) =>
  JSON.parse(readFileSync(new URL(`../test-cases/manifest-${name}.json`, import.meta.url), 'utf8')),
)

function documentOf({ text, base64, gen }: Case): string | Uint8Array {
  if (gen !== undefined) return `${gen.prefix}${gen.unit.repeat(gen.count)}${gen.suffix}`
  return base64 === undefined ? (text ?? '') : Buffer.from(base64, 'base64')
}

describe('malformed manifests', () => {
  it.each(cases.map((one) => [`${one.id ?? ''} ${one.title}`.trim(), one] as const))('%s', (_, one) => {
    let thrown: unknown
    try {
      parseManifest(documentOf(one), { file: 'Component.toml' })
    } catch (error) {
      thrown = error
    }
    expect(thrown).toBeInstanceOf(DocumentError)
    expect((thrown as DocumentError).message).toContain(one.says)
    expect((thrown as DocumentError).message).toMatch(/^Component\.toml:\d+:\d+: /)
    expect(Reflect.ownKeys(Object.prototype)).not.toContain('polluted')
  })
})

import { defineKinds } from '@bulkhead/capability'
import { Inspection, readTable, readToml } from '@bulkhead/document'
import { describe, expect, it } from 'vitest'
import { capabilityRequests } from './capability-requests.js'
import { draftManifest } from './draft-manifest.js'

const kinds = defineKinds([
  { name: 'crm-contact', grammar: 'name', actions: ['find', 'update'] },
  { name: 'ledger', grammar: 'exact', actions: ['post'] },
])

/** The requests of a table `[capabilities]`, and what is wrong with it. */
function read(lines: string, catalogue = kinds) {
  const toml = readToml(`[capabilities]\n${lines}\n`, { file: 'Component.toml' })
  const inspection = new Inspection(toml)
  const schema = { capabilities: capabilityRequests('ingest', catalogue) }
  const table = readTable({ value: toml.value, path: [], inspection }, schema)
  try {
    inspection.throwIfAny()
  } catch (thrown) {
    return { error: thrown instanceof Error ? thrown.message : String(thrown) }
  }
  return { requests: table?.capabilities ?? [] }
}

describe('capability requests of custom kinds', () => {
  it('are read like those of the built-in kinds', () => {
    const { requests } = read('crm-contact.find = ["customer-*"]\nledger.post = [{ pattern = "a*", optional = true }]')
    expect(requests).toMatchObject([
      { kind: 'crm-contact', action: 'find', pattern: 'customer-*', origin: { document: 'Component.toml', line: 2 } },
      { kind: 'ledger', action: 'post', pattern: 'a*', optional: true, origin: { line: 3 } },
    ])
  })

  it('are checked by the grammar of their kind', () => {
    expect(read('crm-contact.find = ["*-customer"]').error).toContain('`*` may stand at the end only')
    expect(read('crm-contact.delete = ["a"]').error).toContain('delete')
    expect(read('ledger.post = ["*-customer"]').requests).toHaveLength(1)
  })

  it('are unknown where they are not registered', () => {
    expect(read('crm-contact.find = ["a"]', new Map()).error).toContain('crm-contact')
  })

  it('are drafted behind the built-in kinds, and read back', () => {
    const grants = ['b', 'a'].flatMap((pattern) =>
      [...kinds.values()].flatMap(({ name, actions }) => actions.map((action) => ({ kind: name, action, pattern }))),
    )
    const draft = { id: 'ingest', version: '0.1.0', grants }
    const text = draftManifest(
      { ...draft, grants: [...grants, { kind: 'environment', action: 'read', pattern: 'A' }] },
      kinds,
    )
    const lines = text.slice(text.indexOf('[capabilities]\n') + '[capabilities]\n'.length)
    expect(lines.split('\n')[0]).toBe('environment.read = ["A"]')
    expect(read(lines).requests).toHaveLength(grants.length + 1)
    expect(draftManifest(draft)).toContain('# asks for nothing')
  })
})

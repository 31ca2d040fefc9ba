import { mkdtempSync, readdirSync, readFileSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { resolveComponent } from '@bulkhead/component'
import { parseTree } from '@bulkhead/manifest'
import { afterAll, describe, expect, it } from 'vitest'
import { prepareMessages } from '../../docs/examples/messages/prepare.mjs'
import { prepareExample } from '../../docs/examples/policies/prepare.mjs'
import { digestOf } from '../support/pinned.mjs'
import { readAs } from './read-as.js'

const parent = mkdtempSync(join(tmpdir(), 'bulkhead-example-'))
afterAll(() => rmSync(parent, { recursive: true, force: true }))

const examples = { policies: prepareExample, messages: prepareMessages }
for (const [name, prepare] of Object.entries(examples)) await prepare(join(parent, name))

describe.each(Object.entries(examples))('docs/examples/%s', (name, prepare) => {
  const folder = join(parent, name)

  it.each(readdirSync(folder).filter((file) => /\.(toml|yaml|csv)$/.test(file)))('%s is valid', (file) => {
    readAs(file, readFileSync(join(folder, file), 'utf8'))
  })

  it('pins the bytes that its components and manifests have', () => {
    const file = join(folder, 'bulkhead.toml')
    const { root } = parseTree(readFileSync(file), { file })
    for (const child of root.children) {
      if (child.kind !== 'child') continue
      const component = resolveComponent(child.component, { from: folder })
      const manifest = child.manifest ?? component.replace(/\.wasm$/, '.component.toml')
      expect(child.approved, child.id).toEqual([component, manifest].map((path) => digestOf(readFileSync(path))))
    }
  })

  it('is never made where something is already', async () => {
    await expect(prepare(folder)).rejects.toThrow('EEXIST')
  })
})

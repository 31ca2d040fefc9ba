import { mkdtempSync, readdirSync, readFileSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { resolveComponent } from '@bulkhead/component'
import { parseTree } from '@bulkhead/manifest'
import { afterAll, expect, it } from 'vitest'
import { prepareExample } from '../../docs/examples/policies/prepare.mjs'
import { digestOf } from '../support/pinned.mjs'
import { readAs } from './read-as.js'

const parent = mkdtempSync(join(tmpdir(), 'bulkhead-example-'))
const folder = join(parent, 'try')
afterAll(() => rmSync(parent, { recursive: true, force: true }))
await prepareExample(folder)

it.each(readdirSync(folder).filter((name) => /\.(toml|yaml|csv)$/.test(name)))('%s is valid', (name) => {
  readAs(name, readFileSync(join(folder, name), 'utf8'))
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
  await expect(prepareExample(folder)).rejects.toThrow('EEXIST')
})

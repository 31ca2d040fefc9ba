import { mkdtempSync, readdirSync, realpathSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, expect, it } from 'vitest'
import { prepareExample } from '../../docs/examples/policies/prepare.mjs'
import { root } from '../end-to-end/command.js'
import { blocksOf } from './blocks.js'
import { isRun, runBlocks } from './run-blocks.js'

/** Every document that has something to run. */
const guides = readdirSync(join(root, 'docs'))
  .filter((name) => name.endsWith('.md'))
  .map((name) => `docs/${name}`)
  .filter((document) => blocksOf(document).some(isRun))

const parent = realpathSync(mkdtempSync(join(tmpdir(), 'bulkhead-guides-')))
afterAll(() => rmSync(parent, { recursive: true, force: true }))

it('finds the guides', () => {
  expect(guides).toContain('docs/capabilities.md')
  expect(guides.length).toBeGreaterThan(5)
})

it.each(guides)('%s says what happens', { timeout: 240_000 }, async (guide) => {
  const folder = join(parent, guide.replaceAll('/', '-'), 'try')
  await prepareExample(folder)
  await runBlocks(guide, folder)
})

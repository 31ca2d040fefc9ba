import { mkdtempSync, realpathSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, expect, it } from 'vitest'
import { prepareExample } from '../../docs/examples/policies/prepare.mjs'
import { runBlocks } from './run-blocks.js'

const guides = [
  'docs/capabilities.md',
  'docs/policies.md',
  'docs/roles.md',
  'docs/trust-and-signing.md',
  'docs/admin-socket.md',
  'docs/migrating-from-wassette.md',
  'docs/getting-started.md',
  'docs/embedding.md',
]

const parent = realpathSync(mkdtempSync(join(tmpdir(), 'bulkhead-guides-')))
afterAll(() => rmSync(parent, { recursive: true, force: true }))

it.each(guides)('%s says what happens', { timeout: 180_000 }, async (guide) => {
  const folder = join(parent, guide.replaceAll('/', '-'), 'try')
  await prepareExample(folder)
  expect(await runBlocks(guide, folder)).toBeGreaterThan(0)
})

import type { Inspection } from '@bulkhead/component'
import { parseManifest } from '@bulkhead/manifest'
import { parseDigest } from '@bulkhead/vocabulary'
import { expect, it } from 'vitest'
import { draftFor, renderInspection } from './inspection-report.js'

const inspection: Inspection = {
  format: 'component',
  kind: 'command',
  sizeBytes: 2048,
  digest: parseDigest(`sha256:${'0'.repeat(64)}`),
  imports: [{ interface: 'wasi:cli/stdout', version: '0.2.0', functions: ['get-\u001b[2Jstdout'] }],
  exports: ['wasi:cli/run'],
  functions: [],
  memories: [{ initialPages: 2 }, { initialPages: 1, maximumPages: 16 }],
  tables: [],
  proposals: [],
  needs: [{ kind: 'filesystem', because: Array.from({ length: 8 }, (_, index) => `f${index}`) }],
}

it('tells what is known, escapes what an author chose, and leaves out what is not there', () => {
  expect(renderInspection('a.wasm', inspection, (_style, text) => text)).toEqual([
    'a.wasm',
    '  format     component, command',
    '  size       2 KiB',
    `  digest     sha256:${'0'.repeat(64)}`,
    '  memory     128 KiB at start, no maximum of its own',
    '             64 KiB at start, at most 1 MiB',
    '  imports    wasi:cli/stdout@0.2.0: get-\\x1b[2Jstdout',
    '  exports    wasi:cli/run',
    '  may need   filesystem: f0, f1, f2, f3, f4, f5 and 2 more',
  ])
})

it('drafts a manifest that asks for nothing and shows how to ask', () => {
  const draft = draftFor('My App.wasm', inspection)
  const manifest = parseManifest(draft, { file: 'Component.toml' })
  expect(manifest).toMatchObject({ component: { id: 'my-app', kind: 'command' }, capabilities: [] })
  expect(draft).toContain('# filesystem.read = ["/data/**"]')
})

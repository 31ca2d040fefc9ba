import { execFileSync } from 'node:child_process'
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, expect, test } from 'vitest'
import { documentFileBytesMax } from './limits.js'
import { readDocument } from './read-document.js'

const root = mkdtempSync(join(tmpdir(), 'bulkhead-document-'))
afterAll(() => rmSync(root, { recursive: true, force: true }))

test('a regular file is read whole, and one that is too large only as far as shows it', () => {
  writeFileSync(join(root, 'a.toml'), 'a = 1\n')
  expect(new TextDecoder().decode(readDocument(join(root, 'a.toml')))).toBe('a = 1\n')
  writeFileSync(join(root, 'large.toml'), new Uint8Array(3 * documentFileBytesMax))
  expect(readDocument(join(root, 'large.toml'))).toHaveLength(documentFileBytesMax + 1)
})

test.each(['pipe', '/dev/zero', root])('%s is refused at once', (path) => {
  if (path === 'pipe') execFileSync('mkfifo', [join(root, path)])
  expect(() => readDocument(path === 'pipe' ? join(root, path) : path)).toThrow('not a regular file')
})

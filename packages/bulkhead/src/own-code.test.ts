import { existsSync } from 'node:fs'
import { basename, join } from 'node:path'
import { expect, test } from 'vitest'
import { ownCodeDirectories } from './own-code.js'

test('own code is whole packages: what names their entry and starts them is as closed as their code', () => {
  const directories = ownCodeDirectories()
  for (const directory of directories) expect(existsSync(join(directory, 'package.json')), directory).toBe(true)
  expect(directories.map((directory) => basename(directory))).toEqual(
    expect.arrayContaining(['bulkhead', 'wasi', 'actor', 'supervisors', 'inspector', 'cli']),
  )
})

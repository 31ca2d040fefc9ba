import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import { healthEventTypes } from 'bulkhead'
import { expect, it } from 'vitest'
import { root } from '../end-to-end/command.js'

it('the guide to health says of every type of event when it is raised, and of no other', () => {
  const [, table = ''] = readFileSync(join(root, 'docs/health.md'), 'utf8').split('\n## Types\n')
  const rows = table.split('\n').flatMap((line) => /^\| `([a-z.-]+)` +\| (\S.*\S) +\|$/.exec(line)?.[1] ?? [])
  expect(rows.toSorted()).toEqual(healthEventTypes.toSorted())
})

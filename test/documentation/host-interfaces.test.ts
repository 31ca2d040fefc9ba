import { readFileSync } from 'node:fs'
import { expect, it } from 'vitest'
import { file, page } from '../../scripts/write-host-interfaces.mjs'

it('the reference of the host interfaces says what the table of functions says', () => {
  expect(readFileSync(file, 'utf8'), 'run `node scripts/write-host-interfaces.mjs`').toBe(page())
})

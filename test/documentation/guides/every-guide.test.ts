import { readdirSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import { expect, it } from 'vitest'
import { root } from '../../end-to-end/command.js'
import { guides } from '../try-guide.js'

it('finds the guides', () => {
  expect(guides()).toContain('capabilities')
  expect(guides().length).toBeGreaterThan(5)
})

it.each(guides())('%s is tried by a file of its own', (guide) => {
  const folder = join(root, 'test/documentation/guides')
  expect(readdirSync(folder)).toContain(`${guide}.test.ts`)
  expect(readFileSync(join(folder, `${guide}.test.ts`), 'utf8')).toContain(`tryGuide('${guide}'`)
})

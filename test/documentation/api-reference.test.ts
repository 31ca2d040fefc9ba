import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import { expect, it } from 'vitest'
import { directory, pages, pageText } from '../../scripts/api-reference/generate.mjs'

it.each(pages.map((page) => [page.page, page] as const))(
  'docs/reference/api/%s.md is what the docstrings say (npm run api-reference)',
  async (_name, page) => {
    expect(readFileSync(join(directory, `${page.page}.md`), 'utf8')).toBe(await pageText(page))
  },
  60_000,
)

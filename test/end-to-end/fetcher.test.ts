import { execFile } from 'node:child_process'
import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import { promisify } from 'node:util'
import { expect, it } from 'vitest'
import { root } from './command.js'

const example = join(root, 'docs/examples/fetcher')

it('the example that fetches gets what it may, with a key that it does not hold, and is told what it may not', async () => {
  const { stdout } = await promisify(execFile)(process.execPath, [join(example, 'run.mjs')], {
    env: { ...process.env, NO_COLOR: '1' },
  })
  // Every line that the README shows.
  const [, shown = ''] = /\n```\n(fetcher │[\s\S]*?)\n```/.exec(readFileSync(join(example, 'README.md'), 'utf8')) ?? []
  expect(shown.split('\n')).toHaveLength(5)
  for (const line of shown.split('\n')) expect(stdout).toContain(line)
  expect(stdout).not.toContain('of-nobody-else')
}, 120_000)

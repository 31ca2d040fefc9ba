import { mkdirSync, readFileSync, rmSync } from 'node:fs'
import { join } from 'node:path'
import { expect, it } from 'vitest'
import { buildExample } from '../../docs/examples/c-program/build.mjs'
import { root, run } from './command.js'

const example = join(root, 'docs/examples/c-program')

it('the C example compiles, counts its texts, and is told what it may not see', async () => {
  rmSync(join(example, 'report'), { recursive: true, force: true })
  await buildExample()
  mkdirSync(join(example, 'report'))
  const { exitCode, stdout } = await run(['run', 'bulkhead.toml'], { cwd: example })
  expect(exitCode, stdout).toBe(0)
  // Every line that the README shows.
  const [, shown = ''] = /\n```\n(words │[\s\S]*?)\n```/.exec(readFileSync(join(example, 'README.md'), 'utf8')) ?? []
  for (const line of shown.split('\n')) expect(stdout).toContain(line)
  expect(readFileSync(join(example, 'report/words.txt'), 'utf8')).toBe('bulkhead.txt 2 14 67\nwall.txt 2 16 72\n')
})

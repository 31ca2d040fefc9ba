import { mkdtempSync, readdirSync, realpathSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, it } from 'vitest'
import { prepareExample } from '../../docs/examples/policies/prepare.mjs'
import { root } from '../end-to-end/command.js'
import { blocksOf } from './blocks.js'
import { isRun, runBlocks } from './run-blocks.js'

/** Every document that has something to run, by the names of their files without `.md`. */
export function guides(): readonly string[] {
  return readdirSync(join(root, 'docs'))
    .filter((name) => name.endsWith('.md') && blocksOf(`docs/${name}`).some(isRun))
    .map((name) => name.slice(0, -'.md'.length))
}

/**
 * Declares the test of one guide. Each guide has a file of its own, so that they run beside each other.
 *
 * @param guide name of its file in `docs/`, without `.md`
 * @param prepare makes the folder in which its commands are typed; it is not there yet
 */
export function tryGuide(guide: string, prepare: (folder: string) => Promise<void> = prepareExample): void {
  const parent = realpathSync(mkdtempSync(join(tmpdir(), 'bulkhead-guides-')))
  afterAll(() => rmSync(parent, { recursive: true, force: true }))

  it(`docs/${guide}.md says what happens`, { timeout: 240_000 }, async () => {
    const folder = join(parent, 'try')
    await prepare(folder)
    await runBlocks(`docs/${guide}.md`, folder)
  })
}

// A process whose guest writes without end is killed at once; then its store is damaged.
import { readdirSync, readFileSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { expect, it } from 'vitest'
import { startProcess } from '../authority/process.js'
import { run } from '../command.js'
import { allOfItsOwn, newWorld, startKeepers, writeKeepers } from './keeper-tree.js'

it('what a guest was told is kept is there after a SIGKILL, and a damaged store is refused', async () => {
  const world = newWorld()
  const keepers = { keeper: { grants: allOfItsOwn } }
  writeKeepers(world, keepers)
  const process = await startProcess(world)
  const cwd = world.folder
  expect((await run(['publish', 'keeper.do', '["writeOn",""]'], { cwd })).exitCode).toBe(0)
  await process.printed('"text":"50"')
  const { stdout } = await process.kill('SIGKILL')
  const told = [...stdout.matchAll(/"text":"(\d+)"/g)].map(([, number]) => Number(number))
  expect(told.length).toBeGreaterThanOrEqual(50)
  const { ask } = await startKeepers(keepers, {}, world)
  const [, kept] = await ask('keeper', 'get', '', 'last')
  expect(Number(kept)).toBeGreaterThanOrEqual(Math.max(...told))
  await world.stop()

  damage(world.path('.bulkhead/storage'))
  const again = await startKeepers(keepers, {}, world)
  expect(await again.ask('keeper', 'get', '', 'last')).toEqual([
    'error',
    { tag: 'other', val: expect.stringMatching(/^the store (?:is not available|cannot do that now)$/) },
  ])
  const failed = () => again.session.events.find(({ type }) => type === 'service.failed')
  expect((await again.session.until(failed, 'service.failed')).reason).toContain('store')
})

/** Every page behind the first two, which say where the others are, becomes nonsense. */
function damage(folder: string): void {
  const files = readdirSync(folder, { recursive: true, withFileTypes: true })
  for (const entry of files.filter(({ name }) => name.endsWith('.mdb') && !name.includes('lock'))) {
    const file = join(entry.parentPath, entry.name)
    const bytes = readFileSync(file)
    bytes.fill(0x5a, 8_192)
    writeFileSync(file, bytes)
  }
}

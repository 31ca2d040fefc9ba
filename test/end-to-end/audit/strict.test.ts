// `audit = "strict"`: what was done is on the disk, however its process ends, and nothing is done that cannot be recorded.
import { type ChildProcess, spawn, spawnSync } from 'node:child_process'
import { mkdirSync, mkdtempSync, readdirSync, realpathSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { setTimeout as sleep } from 'node:timers/promises'
import { fileURLToPath } from 'node:url'
import { detectWalls } from '@bulkhead/actor'
import { queryLog, verifyLog } from '@bulkhead/audit'
import { createRuntime } from 'bulkhead'
import { afterAll, afterEach, beforeEach, describe, expect, it } from 'vitest'
import { World } from '../authority/world.js'

const program = fileURLToPath(new URL('strict-actor.mjs', import.meta.url))
const walled = (await detectWalls()).up.has('bubblewrap')
const places = walled ? (['thread', 'process'] as const) : (['thread'] as const)
if (!walled) console.warn('strict audit of a process of its own is not tested here: no bubblewrap')

const folders: string[] = []
afterAll(() => {
  for (const folder of folders) rmSync(folder, { recursive: true, force: true })
})

type Actor = {
  readonly process: ChildProcess
  readonly state: string
  readonly host: string
  readonly printed: () => string
  readonly ended: Promise<unknown>
}

/** @param fileBlocksMax the most blocks of 512 bytes that a file may have; unlimited when left out. */
function startActor(place: string, fileBlocksMax?: number): Actor {
  const folder = realpathSync(mkdtempSync(join(tmpdir(), 'bulkhead-strict-')))
  folders.push(folder)
  const state = join(folder, 'state')
  const host = join(folder, 'data')
  for (const directory of [state, host]) mkdirSync(directory, { mode: 0o700 })
  const limit = fileBlocksMax === undefined ? '' : `ulimit -S -f ${fileBlocksMax}; `
  const args = ['-c', `${limit}exec "$@"`, 'sh', process.execPath, program, place, state, host]
  const started = spawn('sh', args, { stdio: ['ignore', 'pipe', 'inherit'] })
  let text = ''
  started.stdout.on('data', (bytes: Buffer) => {
    text += bytes.toString()
  })
  const ended = new Promise((resolve) => started.once('close', resolve))
  return { process: started, state, host, printed: () => text, ended }
}

async function until(look: () => boolean, what: string, actor: Actor): Promise<void> {
  const deadlineMs = performance.now() + 40_000
  while (!look()) {
    const isOver = actor.process.exitCode !== null
    if (isOver || performance.now() > deadlineMs) throw new Error(`${what} did not come about`)
    await sleep(1)
  }
}

async function createdBy(state: string): Promise<Set<string>> {
  const created = new Set<string>()
  const filter = { verdict: 'granted', kind: 'filesystem' } as const
  for await (const { action, resource } of queryLog(join(state, 'audit'), filter)) {
    if (action === 'create' && resource !== undefined) created.add(resource)
  }
  return created
}

describe.each(places)('strict audit of a guest in a %s', (place) => {
  it.each([0, 1, 2])(
    'has on record what was seen outside, killed at any moment (%d)',
    async () => {
      const actor = startActor(place)
      const acts = 1 + Math.floor(Math.random() * 150)
      await until(() => readdirSync(actor.host).length >= acts, `${acts} directories`, actor)
      actor.process.kill('SIGKILL')
      await actor.ended
      const done = readdirSync(actor.host).map((name) => `/data/${name}`)
      const created = await createdBy(actor.state)
      expect(done.filter((path) => !created.has(path))).toEqual([])
      expect(await verifyLog(join(actor.state, 'audit'))).toMatchObject({ status: 'unsealed-tail', problems: [] })
    },
    120_000,
  )

  it('refuses what cannot be recorded, and goes on when it can', async () => {
    const actor = startActor(place, 64)
    await until(() => actor.printed().includes('acces '), 'a refusal', actor)
    expect(actor.printed()).toMatch(/^success 0$[\s\S]*^stalled$/m)
    const before = readdirSync(actor.host).length
    const answers = actor.printed().length
    await until(() => actor.printed().length > answers + 100, 'more refusals', actor)
    expect(readdirSync(actor.host)).toHaveLength(before)
    spawnSync('prlimit', ['--pid', String(actor.process.pid), '--fsize=unlimited'])
    await until(() => /resumed[\s\S]*success/.test(actor.printed()), 'a grant after the stall', actor)
    actor.process.kill('SIGKILL')
    await actor.ended
    const created = await createdBy(actor.state)
    expect(readdirSync(actor.host).filter((name) => !created.has(`/data/${name}`))).toEqual([])
  }, 120_000)
})

describe('a tree with strict audit', () => {
  let world: World
  beforeEach(() => {
    world = new World()
  })
  afterEach(() => world.remove())

  it('says so, and has the record when the child says that it is done', async () => {
    mkdirSync(world.path('out'))
    const mounts = { '/out': '{ host = "out", mode = "write" }' }
    world.tree({ agent: { grants: ['filesystem.create = ["/out/**"]'], mounts } }, ['audit = "strict"'])
    const session = await world.start()
    expect(session.runtime.health().journal).toEqual({ stalled: false, strict: true })
    for (const name of ['a', 'b']) {
      expect(await session.ask('agent', `os.mkdir("/out/${name}")`)).toEqual({ value: 'done' })
      const records = await world.audit({ verdict: 'granted', resource: (resource) => resource === `/out/${name}` })
      expect(records.map(({ action }) => action)).toContain('create')
    }
  }, 60_000)

  it('is refused where there is no disk to wait for', async () => {
    await expect(createRuntime({ audit: { strict: true } })).rejects.toMatchObject({ code: 'usage' })
  })
})

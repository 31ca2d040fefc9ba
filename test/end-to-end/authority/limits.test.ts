// What a policy bounds is bounded, in Wassette's words too; and what a component did is enough of a policy for it.
import { mkdirSync, readFileSync, rmSync } from 'node:fs'
import { afterEach, beforeEach, describe, expect, it } from 'vitest'
import { command, loopOf } from '../../support/file-operator.mjs'
import { startOperator } from '../../support/operator-session.mjs'
import { createTestRuntime, guestFile } from '../../support/test-runtime.mjs'
import { pythonFile, World } from './world.js'

let world: World
beforeEach(() => {
  world = new World()
})
afterEach(() => world.remove())

/** A policy for what Wassette runs: the storage rules name paths of the host. */
const wassette = (folder: string, limits: string): string =>
  [
    'version: "1.0"',
    'permissions:',
    `  storage: { allow: [{ uri: "fs://${folder}/**", access: ["read"] }] }`,
    `  resources: { limits: { ${limits} } }`,
    '',
  ].join('\n')

describe('the limits of a Wassette policy', () => {
  it('half a core is half a core, for a guest that does nothing but ask', async () => {
    mkdirSync(world.path('data'))
    const policy = world.write('half.policy.yaml', wassette(world.path('data'), 'cpu: "500m"'))
    const runtime = await createTestRuntime()
    try {
      const session = startOperator(runtime, { policy })
      const folder = world.path('data').slice(1)
      const look = [command.open(folder, 0, { directory: true }), command.close(0)]
      const [answer] = await session.send([command.loop(look, { rounds: 1e9, milliseconds: 3_000 })], 1)
      const { usage } = await session.end()
      expect(loopOf(answer).succeeded).toBe(loopOf(answer).rounds)
      expect(loopOf(answer).rounds).toBeGreaterThan(100)
      expect(usage.wallMs).toBeGreaterThan(3_000)
      // Its share of the time, one second's worth that it may save up, and one reading of the meter too much.
      expect(usage.cpuMs).toBeLessThan((usage.wallMs + 1_000) * 0.5 + 100)
    } finally {
      await runtime.stop()
    }
  })

  it('memory stays below its cap; without one it goes on to the default', async () => {
    const policy = world.write('small.policy.yaml', wassette(world.folder, 'memory: "16Mi"'))
    const runtime = await createTestRuntime()
    try {
      const pages = async (options: object): Promise<number> =>
        Number.parseInt((await runtime.exec(guestFile('memory-hog'), options)).stdout, 10)
      const [bounded, free] = [await pages({ policy }), await pages({})]
      expect(bounded).toBeGreaterThan(100)
      expect(bounded).toBeLessThanOrEqual(256)
      expect(free).toBeGreaterThan(256)
    } finally {
      await runtime.stop()
    }
  })
})

it('the least policy that is recommended for what a child did lets it do the same again, and nothing else', async () => {
  const program = [
    'import os',
    'total = sum(len(open(f"/data/in/{name}").read()) for name in sorted(os.listdir("/data/in")))',
    'with open("/data/out/sum", "w") as f: f.write(str(total))',
    'os.rename("/data/out/sum", "/data/out/total")',
    'print(os.environ.get("MODE"), total)',
  ].join('\n')
  for (const name of ['a', 'b']) world.write(`data/in/${name}`, name.repeat(3))
  world.write('data/in-no-use/c', 'c')
  mkdirSync(world.path('data/out'))
  const optional = (pattern: string) => `[{ pattern = "${pattern}", optional = true }]`
  const grants = [
    ...['read', 'write', 'create', 'delete'].map((action) => `filesystem.${action} = ${optional('/data/**')}`),
    `environment.read = ${optional('*')}`,
  ]
  const lines = [
    `args = ${JSON.stringify(['python', '-S', '-I', '-c', program])}`,
    'env = { MODE = "fast" }',
    'restart = "temporary"',
  ]
  const mounts = { '/data': '{ host = "data", mode = "write" }' }
  world.tree({ worker: { component: pythonFile, grants, mounts, lines, isPinned: false } })
  let session = await world.start()
  await session.runtime.approvals.approve('worker')
  await session.reaches('worker', 'completed')
  expect(session.output('worker')).toBe('fast 6\n')
  const { policy } = session.runtime
  const recommended = await policy.recommend('worker', { generalise: 'none' })
  expect(recommended.text).not.toContain('*')
  expect(recommended.unused).toEqual([])
  await policy.update('worker', { text: recommended.text, file: 'recommended.policy.toml' })
  for (const [capability, verdict] of [
    ['filesystem.read=/data/in/a', 'granted'],
    ['filesystem.read=/data/in-no-use/c', 'denied'],
    ['filesystem.delete=/data/in/a', 'denied'],
  ] as const) {
    expect((await policy.explain('worker', capability)).verdict, capability).toBe(verdict)
  }
  rmSync(world.path('data/out/total'))
  session = await world.restart()
  await session.reaches('worker', 'completed')
  expect(session.output('worker')).toBe('fast 6\n')
  expect(session.denied).toEqual([])
  expect(readFileSync(world.path('data/out/total'), 'utf8')).toBe('6')
  const again = await session.runtime.policy.recommend('worker')
  expect(again.lines.filter(({ widens }) => widens)).toEqual([])
})

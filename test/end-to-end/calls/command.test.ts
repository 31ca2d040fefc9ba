// Calls from the command line, and types for those from a host application.
import { spawn } from 'node:child_process'
import { readFileSync } from 'node:fs'
import { createRequire } from 'node:module'
import { afterEach, beforeEach, describe, expect, it } from 'vitest'
import { guestFile } from '../../support/test-runtime.mjs'
import { World } from '../authority/world.js'
import { root, run } from '../command.js'

let world: World
beforeEach(() => {
  world = new World()
})
afterEach(() => world.remove())

const component = guestFile('calls-callee')

describe('bulkhead call', () => {
  it('prints what a function returns, as JSON', async () => {
    world.tree({
      callee: { component, grants: [] },
      mirror: { component: guestFile('calls-mirror'), grants: [] },
    })
    await world.start()
    const call = async (...args: string[]) => {
      const { exitCode, stdout, stderr } = await run(['call', '--state', world.path('.bulkhead'), ...args])
      return { exitCode, told: `${stdout}${stderr}` }
    }
    expect(await call('callee', 'greet', '"world"')).toEqual({ exitCode: 0, told: '"hello, world"\n' })
    expect(await call('callee', 'check')).toEqual({ exitCode: 0, told: 'null\n' })
    expect(await call('callee', 'divide', '7', '2', '--json')).toEqual({
      exitCode: 0,
      told: '{"child":"callee","function":"acme:math/ops@1.0.0#divide","result":3}\n',
    })
    expect(await call('callee', 'long', '3')).toEqual({ exitCode: 0, told: '{"base64":"BwcH"}\n' })
    const failed = await call('callee', 'divide', '7', '0')
    expect(failed).toMatchObject({ exitCode: 1, told: expect.stringContaining('nothing is divided by zero') })
    expect(await call('callee', 'greet', 'world')).toMatchObject({
      exitCode: 2,
      told: expect.stringContaining('the argument `name` is no JSON'),
    })
    expect((await call('callee', 'gret', '"world"')).told).toContain('did you mean `greet`?')
    expect((await call('callee', 'spin', '--deadline', '50ms')).told).toContain('within 50 ms')
    expect((await call('callee', 'count', '--deadline', 'soon')).exitCode).toBe(2)
  }, 120_000)
})

describe('bulkhead types', () => {
  it('writes what a compiler holds callers to', async () => {
    const out = world.path('callee.d.ts')
    expect(await run(['types', component, '-o', out, '--name', 'callee'])).toMatchObject({ exitCode: 0, stdout: '' })
    expect(readFileSync(out, 'utf8')).toContain('sayTwice(text: string, loudly?: boolean | undefined): string')
    const compile = async (body: string): Promise<string> => {
      const text = `import type { Callable } from 'bulkhead'
import type { Callee } from './callee.js'
declare const actor: Callable<Callee>
export async function main(): Promise<void> {
${body}
}
`
      world.write('main.ts', text)
      world.write(
        'tsconfig.json',
        JSON.stringify({
          compilerOptions: {
            ...{ strict: true, noEmit: true, module: 'nodenext', target: 'es2024', skipLibCheck: true },
            ...{ exactOptionalPropertyTypes: true, types: ['node'], typeRoots: [`${root}node_modules/@types`] },
            paths: { bulkhead: [`${root}packages/bulkhead/dist/index.d.ts`] },
          },
          files: ['main.ts'],
        }),
      )
      return tsc(world.path('tsconfig.json'))
    }
    const right = `  const text: string = await actor.greet('world', { signal: AbortSignal.timeout(1) })
  const half: number = await actor.half(text.length)
  const colour: 'dark-red' | 'green' = await actor.paint({ tag: 'corners', val: [{ x: 1, farAway: 2n }] })
  const bytes: Uint8Array = await actor.long(3)
  await actor.sayTwice(colour)
  await actor.sayTwice(text, true, { deadline: '2s' })
  const counts: number = (await actor.count()) + (await actor['acme:math/ops@1.0.0#count']())
  console.log(half, bytes, counts)`
    expect(await compile(right)).toBe('')
    for (const wrong of ['actor.greet(7)', "actor.paint({ tag: 'square' })", 'actor.open()', 'actor.half(1n)']) {
      expect(await compile(`  await ${wrong}`), wrong).toContain('error TS')
    }
  }, 120_000)

  it('says so where there is nothing to call', async () => {
    const { exitCode, stderr } = await run(['types', guestFile('messages-echo')])
    expect({ exitCode, stderr }).toMatchObject({ stderr: expect.stringContaining('exports no function') })
    expect(exitCode).not.toBe(0)
    expect((await run(['types', component])).stdout).toContain('export type CallsCallee = {')
    expect((await run(['types', component, '-o', '/nowhere/at/all.d.ts'])).exitCode).toBe(2)
  })
})

/** What the compiler has to say. */
function tsc(project: string): Promise<string> {
  const bin = createRequire(import.meta.url)
    .resolve('typescript/package.json')
    .replace(/package\.json$/, 'bin/tsc')
  const child = spawn(process.execPath, [bin, '-p', project])
  let said = ''
  child.stdout.on('data', (chunk: Buffer) => {
    said += chunk.toString('utf8')
  })
  return new Promise((resolve) => child.on('close', () => resolve(said)))
}

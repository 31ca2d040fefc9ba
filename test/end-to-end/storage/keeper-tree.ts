// A tree of actors that keep things, each asked by messages to use its store, its configuration and its log.
import { fileURLToPath } from 'node:url'
import type { Runtime, RuntimeOptions } from 'bulkhead'
import { afterEach } from 'vitest'
import { type Session, World } from '../authority/world.js'

export const keeperFile = fileURLToPath(new URL('../../guests/build/storage-keeper.wasm', import.meta.url))

export type Keeper = {
  /** Lines of `[capabilities]` besides those that let it be asked. */
  readonly grants?: readonly string[]
  readonly manifestLines?: readonly string[]
  readonly lines?: readonly string[]
}

export type KeeperTree = {
  readonly world: World
  readonly session: Session
  /** What a function of the guest gave: `['ok', …]`, or `['error', …]`. */
  readonly ask: (child: string, name: string, ...args: unknown[]) => Promise<readonly unknown[]>
  /** The same, without waiting. */
  readonly tell: (child: string, name: string, ...args: unknown[]) => Promise<unknown>
}

export const allOfItsOwn = ['storage.read = ["self:*"]', 'storage.write = ["self:*"]', 'storage.delete = ["self:*"]']

const worlds: World[] = []
afterEach(async () => {
  for (const world of worlds.splice(0)) await world.remove()
})

export function newWorld(): World {
  const world = new World()
  worlds.push(world)
  return world
}

export function writeKeepers(world: World, children: Readonly<Record<string, Keeper>>): void {
  const specs = Object.entries(children).map(([name, { grants = [], manifestLines = [], lines = [] }]) => [
    name,
    {
      component: keeperFile,
      grants: [`messaging.subscribe = ["${name}.do"]`, ...grants],
      manifestLines,
      lines,
    },
  ])
  world.tree(Object.fromEntries(specs))
}

export async function startKeepers(
  children: Readonly<Record<string, Keeper>>,
  options: RuntimeOptions = {},
  world: World = newWorld(),
): Promise<KeeperTree> {
  writeKeepers(world, children)
  const session = await world.start(options)
  const body = (call: readonly unknown[]): Uint8Array => new TextEncoder().encode(JSON.stringify(call))
  return {
    world,
    session,
    ask: async (child, ...call) => {
      const reply = await session.runtime.request(`${child}.do`, body(call), { timeoutMs: 30_000 })
      return JSON.parse(new TextDecoder().decode(reply.body)) as readonly unknown[]
    },
    tell: (child, ...call) => session.runtime.publish(`${child}.do`, body(call)),
  }
}

/** Ends a child and starts it again, as an operator does; says what came of it. */
export async function restart(runtime: Runtime, child: string): Promise<unknown> {
  await runtime.terminateChild('root', child)
  return runtime.restartChild('root', child)
}

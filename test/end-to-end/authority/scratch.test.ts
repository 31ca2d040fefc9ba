// Mounts that are scratch: an empty directory of its own for each incarnation, with a size.
import { existsSync, mkdirSync, readdirSync, readlinkSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterEach, beforeEach, expect, it } from 'vitest'
import { readFile, type Session, World, writeFile } from './world.js'

let world: World
let session: Session
beforeEach(() => {
  world = new World()
})
afterEach(() => world.remove())

const grants = ['filesystem.read = ["/tmp/**"]', 'filesystem.write = ["/tmp/**"]', 'filesystem.delete = ["/tmp/**"]']
const mounts = { '/tmp': '{ scratch = "1MiB" }' }
/** In which this process has its number. */
const space = /\d+/.exec(readlinkSync('/proc/self/ns/pid'))?.[0]
/** Directories of this process's runtimes. */
const rooms = (): string[] =>
  readdirSync(tmpdir()).filter((name) => name.startsWith(`bulkhead-scratch-${space}-${process.pid}-`))

it('is its own, holds what it says and no more, and is gone with its guest', async () => {
  world.tree({ one: { grants, mounts }, other: { grants, mounts } })
  session = await world.start()
  expect(await session.ask('one', writeFile('/tmp/f', 'of one'))).toEqual({ value: 'done' })
  expect(await session.ask('other', '_ = os.listdir("/tmp")')).toEqual({ value: [] })
  expect(await session.ask('one', readFile('/tmp/f'))).toEqual({ value: 'of one' })
  const fill = 'with open("/tmp/big", "wb") as f: f.write(bytes(1000000))'
  expect(await session.ask('one', fill)).toEqual({ value: 'done' })
  expect(await session.ask('one', 'with open("/tmp/more", "wb") as f: f.write(bytes(100000))')).toEqual({
    errno: 'ENOSPC',
  })
  expect(await session.refusal('one', '/tmp/more')).toMatchObject({ layer: 'quota' })
  expect(await session.ask('other', fill)).toEqual({ value: 'done' })

  await session.end('one')
  expect(await session.ask('one', '_ = os.listdir("/tmp")')).toEqual({ value: [] })
  expect(await session.ask('other', '_ = os.listdir("/tmp")')).toEqual({ value: ['big'] })
  await world.stop()
  await expect.poll(rooms).toEqual([])
})

it('grants nothing by itself', async () => {
  world.tree({ bare: { grants: [], mounts } })
  session = await world.start()
  expect(await session.ask('bare', writeFile('/tmp/f', 'x'))).toEqual({ errno: 'EACCES' })
})

it('what a killed runtime has left is removed by the next, and what a living one has is not', async () => {
  const make = (name: string): string => {
    const path = join(tmpdir(), name)
    mkdirSync(path)
    writeFileSync(join(path, 'left'), '')
    return path
  }
  // No process has this number: it is above the largest that Linux gives.
  const left = make(`bulkhead-scratch-${space}-${2 ** 22 + 1}-1-abcdef`)
  const beside = make(`bulkhead-scratch-mine-${process.pid}`)
  try {
    world.tree({ one: { grants, mounts } })
    session = await world.start()
    const [own] = rooms()
    expect(own).toBeDefined()
    const second = new World()
    try {
      second.tree({ one: { grants, mounts } })
      await second.start()
      expect(rooms()).toContain(own)
    } finally {
      await second.remove()
    }
    expect([existsSync(left), existsSync(beside)]).toEqual([false, true])
  } finally {
    rmSync(beside, { recursive: true })
  }
})

import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { chmodSync, existsSync, mkdirSync, mkdtempSync, readFileSync, rmSync, statSync, writeFileSync } from 'node:fs'
import { createRequire } from 'node:module'
import { tmpdir } from 'node:os'
import { dirname, join } from 'node:path'
import { pathToFileURL } from 'node:url'
import { StateDirectory } from '@bulkhead/state'
import { afterEach, beforeEach, expect, it } from 'vitest'
import { z } from 'zod'
import { connectAdmin } from './client.js'
import { defineCommands } from './command-table.js'
import { AdminServer } from './server.js'

const commands = defineCommands({ pid: { description: 'who', input: z.strictObject({}), output: z.int() } })
const handlers = { pid: () => process.pid }

let base = ''
const runtimeDirectory = process.env['XDG_RUNTIME_DIR']
beforeEach(() => {
  base = mkdtempSync(join(tmpdir(), 'a-'))
})
afterEach(() => {
  if (runtimeDirectory === undefined) delete process.env['XDG_RUNTIME_DIR']
  else process.env['XDG_RUNTIME_DIR'] = runtimeDirectory
  rmSync(base, { recursive: true })
})

/** Serves from a state directory while `use` runs, and answers the path of the socket. */
async function serve(directory: string, use: (path: string) => Promise<void> | void): Promise<string> {
  const state = await StateDirectory.open(directory, { create: true })
  try {
    const server = await AdminServer.listen({ state, commands, handlers, version: '1' })
    try {
      await use(server.path)
      return server.path
    } finally {
      await server.close()
    }
  } finally {
    await state.close()
  }
}

async function ask(directory: string): Promise<number> {
  const client = await connectAdmin(directory, commands)
  const pid = await client.request('pid', {})
  await client.close()
  return pid
}

/** A state directory whose socket would have a path of exactly so many bytes. */
function directoryOf(socketPathBytes: number): string {
  let directory = base
  let left = socketPathBytes - Buffer.byteLength(join(base, 'admin.sock'))
  while (left > 0) {
    const length = left > 150 ? 100 : left - 1
    directory = join(directory, 'd'.repeat(length))
    left -= length + 1
  }
  return directory
}

it('stands in the state directory as long as its path fits, to the byte', async () => {
  const path = await serve(directoryOf(107), async (at) => {
    expect(Buffer.byteLength(at)).toBe(107)
    expect(await ask(dirname(at))).toBe(process.pid)
  })
  expect(existsSync(path)).toBe(false)
})

it.each([108, 400])('goes to the runtime directory when its path has %i bytes, and says where', async (bytes) => {
  process.env['XDG_RUNTIME_DIR'] = base
  const directory = directoryOf(bytes)
  const path = await serve(directory, async (at) => {
    expect(at).toMatch(/\/bulkhead-[0-9a-f]{16}\/admin\.sock$/)
    expect(dirname(dirname(at))).toBe(base)
    expect(statSync(dirname(at)).mode & 0o777).toBe(0o700)
    expect(readFileSync(join(directory, 'admin.path'), 'utf8')).toBe(`${at}\n`)
    expect(await ask(directory)).toBe(process.pid)
  })
  expect(existsSync(dirname(path))).toBe(false)
  expect(existsSync(join(directory, 'admin.path'))).toBe(false)
})

it.each([
  ['there is none', () => undefined],
  ['its path is too long as well', () => directoryOf(200)],
  ['it is a relative path', () => 'run'],
])('makes a directory of its own where %s', async (_title, runtime) => {
  const given = runtime()
  if (given === undefined) delete process.env['XDG_RUNTIME_DIR']
  else process.env['XDG_RUNTIME_DIR'] = given
  const directory = directoryOf(300)
  const path = await serve(directory, async () => expect(await ask(directory)).toBe(process.pid))
  expect(dirname(dirname(path))).toBe(tmpdir())
  expect(existsSync(dirname(path))).toBe(false)
})

it('does not use a directory that others may write in', async () => {
  process.env['XDG_RUNTIME_DIR'] = base
  const directory = directoryOf(300)
  const path = await serve(directory, () => {})
  mkdirSync(dirname(path), { mode: 0o700 })
  await serve(directory, () => {})
  mkdirSync(dirname(path))
  chmodSync(dirname(path), 0o777)
  await expect(serve(directory, () => {})).rejects.toMatchObject({ code: 'state-insecure' })
})

it('removes nothing but a socket, and nothing that it did not name', async () => {
  const directory = join(base, 'state')
  await serve(directory, () => {})
  writeFileSync(join(directory, 'admin.sock'), 'precious')
  await expect(serve(directory, () => {})).rejects.toMatchObject({ code: 'store-corrupt' })
  expect(readFileSync(join(directory, 'admin.sock'), 'utf8')).toBe('precious')
  rmSync(join(directory, 'admin.sock'))

  const precious = join(base, 'precious')
  writeFileSync(precious, 'precious')
  for (const named of [precious, 'relative', '', join(base, 'bulkhead-none', 'admin.sock'), 'x'.repeat(5_000)]) {
    writeFileSync(join(directory, 'admin.path'), `${named}\n`)
    await serve(directory, async () => expect(await ask(directory)).toBe(process.pid))
    expect(readFileSync(precious, 'utf8')).toBe('precious')
  }
})

/** A process that serves from a state directory until it is killed; what it runs is what was built. */
const served = `
  const [directory, ...modules] = process.argv.slice(1)
  const [{ AdminServer }, { StateDirectory }] = await Promise.all(modules.map((module) => import(module)))
  const state = await StateDirectory.open(directory, { create: true })
  await AdminServer.listen({ state, commands: {}, handlers: {}, version: '1' })
  process.stdout.write('ready')
  setInterval(() => {}, 1000)`
const modules = ['@bulkhead/admin', '@bulkhead/state'].map(
  (name) => pathToFileURL(createRequire(import.meta.url).resolve(name)).href,
)

it('replaces the socket of a process that was killed', async () => {
  process.env['XDG_RUNTIME_DIR'] = base
  for (const directory of [join(base, 'state'), directoryOf(300)]) {
    const child = spawn(process.execPath, ['--input-type=module', '-e', served, directory, ...modules], {
      stdio: ['ignore', 'pipe', 'inherit'],
    })
    await once(child.stdout, 'data')
    const token = readFileSync(join(directory, 'admin.token'), 'utf8')
    child.kill('SIGKILL')
    await once(child, 'exit')
    await expect(ask(directory)).rejects.toMatchObject({ code: 'runtime-unreachable' })
    await serve(directory, async () => expect(await ask(directory)).toBe(process.pid))
    expect(readFileSync(join(directory, 'admin.token'), 'utf8')).not.toBe(token)
  }
})

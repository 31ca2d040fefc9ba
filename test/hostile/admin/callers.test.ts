// A running process and callers who mean it ill: who they are, how many, and how little they read.
import { spawnSync } from 'node:child_process'
import { chmodSync, symlinkSync, writeFileSync } from 'node:fs'
import { connect, type Socket } from 'node:net'
import { adminCommands, connectAdmin } from '@bulkhead/admin'
import { afterEach, beforeEach, expect, it } from 'vitest'
import { type RunningProcess, startProcess } from '../../end-to-end/authority/process.js'
import { World } from '../../end-to-end/authority/world.js'

const isRoot = process.getuid?.() === 0
const nobody = ['--reuid', '65534', '--regid', '65534', '--clear-groups'] as const
const canChangeUser = isRoot && spawnSync('setpriv', [...nobody, 'true']).status === 0
if (!canChangeUser) console.warn('the admin socket is not tried as another user here: this takes root and setpriv')

let world: World
let running: RunningProcess
beforeEach(async () => {
  world = new World()
  world.tree({ agent: {} })
  running = await startProcess(world)
}, 60_000)
afterEach(async () => {
  await running.kill('SIGKILL')
  await world.remove()
})

const socketFile = () => world.path('.bulkhead/admin.sock')

/** A caller, once it is in or was turned away. */
function caller(): Promise<Socket | undefined> {
  return new Promise((resolve) => {
    const socket = connect(socketFile())
    socket.once('connect', () => resolve(socket))
    socket.on('error', () => resolve(undefined))
    socket.resume()
  })
}

it.runIf(canChangeUser)('lets no other user in, whatever token it has', () => {
  // Even where somebody has opened the directory by mistake.
  chmodSync(world.folder, 0o755)
  const source = `require('node:net').connect(process.argv[1])
    .on('connect', () => console.log('in')).on('error', ({ code }) => console.log(code))`
  const asNobody = spawnSync('setpriv', [...nobody, process.execPath, '-e', source, socketFile()], { encoding: 'utf8' })
  expect(asNobody.stdout).toBe('EACCES\n')
  const asOwner = spawnSync(
    process.execPath,
    ['-e', `${source}\nsetTimeout(() => process.exit(), 500)`, socketFile()],
    {
      encoding: 'utf8',
    },
  )
  expect(asOwner.stdout).toBe('in\n')
})

it('answers a good caller while 10,000 come in and say nothing, too much, or nonsense', async () => {
  const words = ['', '{', '{"hello":1,"token":"', `${'['.repeat(3_000)}\n`, '\u0000\n', `${'x'.repeat(2_000_000)}`]
  const open: Socket[] = []
  for (let count = 0; count < 10_000; count += 100) {
    const some = await Promise.all(Array.from({ length: 100 }, caller))
    for (const [index, socket] of some.entries()) {
      if (socket === undefined) continue
      socket.write(words[(count / 100 + index) % words.length] ?? '')
      open.push(socket)
    }
    // Who came in before them is served all the while.
    if (count % 1_000 === 0) expect((await running.desk.request('children', {})).children).toHaveLength(1)
  }
  for (const socket of open) socket.destroy()
  const again = await connectPatiently()
  expect((await again.request('children', {})).children).toHaveLength(1)
  await again.close()
}, 120_000)

it('does what one caller tells it ten thousand times at once, and is there for others', async () => {
  const flood = Array.from({ length: 10_000 }, () => running.desk.request('children', {}).catch(() => undefined))
  const other = await connectPatiently()
  expect((await other.request('children', {})).children).toHaveLength(1)
  await other.close()
  expect((await Promise.all(flood)).filter((answer) => answer !== undefined)).toHaveLength(10_000)
}, 120_000)

it('is not spoken to by our command where its socket was exchanged', async () => {
  spawnSync('mv', [socketFile(), `${socketFile()}.old`])
  for (const exchange of [
    () => writeFileSync(socketFile(), ''),
    () => symlinkSync(`${socketFile()}.old`, socketFile()),
  ]) {
    exchange()
    await expect(connectAdmin(world.path('.bulkhead'), adminCommands)).rejects.toMatchObject({ code: 'state-insecure' })
    spawnSync('rm', [socketFile()])
  }
  spawnSync('mv', [`${socketFile()}.old`, socketFile()])
  const token = world.path('.bulkhead/admin.token')
  chmodSync(token, 0o644)
  await expect(connectAdmin(world.path('.bulkhead'), adminCommands)).rejects.toMatchObject({ code: 'state-insecure' })
  chmodSync(token, 0o600)
  await (await connectPatiently()).close()
})

/** There is room again as soon as the process has seen that the others are gone. */
async function connectPatiently() {
  const deadlineMs = performance.now() + 30_000
  for (;;) {
    try {
      return await connectAdmin(world.path('.bulkhead'), adminCommands)
    } catch (error) {
      if (performance.now() > deadlineMs) throw error
      await new Promise((resolve) => setTimeout(resolve, 50))
    }
  }
}

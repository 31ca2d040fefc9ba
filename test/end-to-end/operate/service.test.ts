import { type ChildProcess, execFileSync, spawn } from 'node:child_process'
import { randomBytes } from 'node:crypto'
import { readFileSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { describe, expect, it, onTestFinished } from 'vitest'
import { bulkhead, type CommandResult, freshDirectory, run } from '../command.js'
import { writeTree } from '../supervision/supervised-tree.js'

/** Prints each datagram as one line of JSON. Node receives none over Unix sockets. */
const receiver = [
  'import json, socket, sys',
  's = socket.socket(socket.AF_UNIX, socket.SOCK_DGRAM)',
  'name = sys.argv[1]',
  's.bind("\\0" + name[1:] if name.startswith("@") else name)',
  'print(json.dumps("bound"), flush=True)',
  'while True: print(json.dumps(s.recv(65536).decode()), flush=True)',
].join('\n')

function canRun(program: string, args: readonly string[]): boolean {
  try {
    execFileSync(program, args, { stdio: 'ignore' })
    return true
  } catch {
    return false
  }
}

const canNotify = canRun('python3', ['-c', 'import socket']) && canRun('systemd-notify', ['--version'])
const canBePidOne = canRun('unshare', ['--pid', '--fork', '--mount-proc', 'true'])
if (!canNotify) console.warn('skipped: what a service manager is told; python3 and systemd-notify are needed')
if (!canBePidOne) console.warn('skipped: a process with number 1; `unshare --pid` is not permitted here')

async function until(isSo: () => boolean, what: () => string): Promise<void> {
  for (const end = Date.now() + 30_000; !isSo(); ) {
    if (Date.now() > end) throw new Error(`it never came: ${what()}`)
    await new Promise((resolve) => setTimeout(resolve, 20))
  }
}

/** A service manager's end of the socket. */
async function manager(socket: string) {
  const told: string[] = []
  const python = spawn('python3', ['-c', receiver, socket], { stdio: ['ignore', 'pipe', 'inherit'] })
  onTestFinished(() => void python.kill('SIGKILL'))
  let rest = ''
  python.stdout.on('data', (chunk: Buffer) => {
    const lines = (rest + chunk.toString()).split('\n')
    rest = lines.pop() ?? ''
    told.push(...lines.map((line) => String(JSON.parse(line))))
  })
  const has = (text: string | RegExp, count = 1): boolean =>
    told.filter((one) => (typeof text === 'string' ? one.includes(text) : text.test(one))).length >= count
  const heard = (text: string | RegExp, count = 1): Promise<void> =>
    until(
      () => has(text, count),
      () => `${text} × ${count}; told were ${JSON.stringify(told)}`,
    )
  await heard('bound')
  return { told, heard }
}

type Running = {
  readonly child: ChildProcess
  readonly done: Promise<CommandResult>
  readonly printed: (text: string | RegExp, count?: number) => Promise<void>
}

/** `bulkhead run`, which is killed when the test is over. */
function running(folder: string, args: readonly string[] = [], env: Readonly<Record<string, string>> = {}): Running {
  let printed = ''
  let child: ChildProcess | undefined
  const done = run(['run', 'bulkhead.toml', ...args], {
    ...{ cwd: folder, env },
    onStart: (started) => {
      child = started
    },
    onOutput: (stdout) => {
      printed = stdout
    },
  })
  if (child === undefined) throw new Error('it was not started')
  const started = child
  onTestFinished(() => void started.kill('SIGKILL'))
  const counted = (text: string | RegExp): number => printed.split(text).length - 1
  return {
    ...{ child: started, done },
    printed: (text, count = 1) =>
      until(
        () => counted(text) >= count,
        () => `${text} in ${printed}`,
      ),
  }
}

function folderOf(children: Parameters<typeof writeTree>[1]): string {
  const folder = freshDirectory()
  writeTree(folder, children)
  return folder
}

describe.runIf(canNotify)('what a service manager is told', () => {
  it.each(['path', 'abstract'])(
    'from the start to the end, over a socket of kind %s',
    async (kind) => {
      const folder = folderOf({ a: {} })
      const socket = kind === 'path' ? join(folder, 'notify') : `@bulkhead-${randomBytes(6).toString('hex')}`
      const { told, heard } = await manager(socket)
      const { child, done } = running(folder, [], { NOTIFY_SOCKET: socket, WATCHDOG_USEC: '400000' })
      await heard('READY=1')
      await heard('WATCHDOG=1', 2)
      child.kill('SIGHUP')
      await heard(/^RELOADING=1\nMONOTONIC_USEC=\d+/)
      await heard('READY=1', 2)
      child.kill('SIGTERM')
      expect((await done).exitCode).toBe(0)
      await heard('STOPPING=1')
      expect(told.filter((one) => one.startsWith('READY=1'))[0]).toContain('STATUS=1 running')
      const order = ['READY=1', 'RELOADING=1', 'STOPPING=1'].map((what) =>
        told.findIndex((one) => one.startsWith(what)),
      )
      expect([...order].sort((a, b) => a - b)).toEqual(order)
      const [reloadingUs] = told.flatMap((one) => /MONOTONIC_USEC=(\d+)/.exec(one)?.[1] ?? [])
      const uptimeUs = Number(readFileSync('/proc/uptime', 'utf8').split(' ')[0]) * 1e6
      expect(Math.abs(Number(reloadingUs) - uptimeUs)).toBeLessThan(600e6)
    },
    90_000,
  )

  it('of a watchdog that waits for another process nothing is told', async () => {
    const folder = folderOf({ a: {} })
    const socket = join(folder, 'notify')
    const { told, heard } = await manager(socket)
    const env = { NOTIFY_SOCKET: socket, WATCHDOG_USEC: '100000', WATCHDOG_PID: '1' }
    const { child, done } = running(folder, [], env)
    await heard('READY=1')
    child.kill('SIGTERM')
    await done
    await heard('STOPPING=1')
    expect(told.filter((one) => one.includes('WATCHDOG'))).toEqual([])
  }, 60_000)
})

it('goes on where the manager cannot be told, and says so once', async () => {
  const folder = folderOf({ a: {} })
  const { child, done, printed } = running(folder, [], { NOTIFY_SOCKET: join(folder, 'nobody') })
  await printed('supervisor.started')
  child.kill('SIGTERM')
  const { exitCode, stderr } = await done
  expect(exitCode).toBe(0)
  expect(stderr.match(/warning: the service manager at NOTIFY_SOCKET is not told/g)).toHaveLength(1)
}, 60_000)

describe('SIGHUP', () => {
  it('twenty times at once reads the file again, and nobody is touched', async () => {
    const folder = folderOf({ a: {} })
    const { child, done, printed } = running(folder)
    await printed('supervisor.started')
    writeTree(folder, { a: {}, b: {} })
    for (let n = 0; n < 20; n++) child.kill('SIGHUP')
    await printed(/tree\.reloaded/)
    await printed(/child\.ready +b/)
    child.kill('SIGTERM')
    const { exitCode, stdout } = await done
    expect(exitCode).toBe(0)
    expect(stdout.match(/child\.starting +a/g)).toHaveLength(1)
  }, 60_000)

  it('with a file that is wrong goes on, and has every error on stderr', async () => {
    const folder = folderOf({ a: {} })
    const { child, done, printed } = running(folder)
    await printed('supervisor.started')
    const file = join(folder, 'bulkhead.toml')
    const good = readFileSync(file, 'utf8')
    writeFileSync(file, `first = 1\nsecond = 2\n${good}`)
    child.kill('SIGHUP')
    await printed('tree.rejected')
    writeFileSync(file, good)
    child.kill('SIGHUP')
    await printed('tree.reloaded')
    child.kill('SIGTERM')
    const { exitCode, stderr } = await done
    expect(exitCode).toBe(0)
    expect(stderr).toMatch(/nothing was reloaded: .*bulkhead\.toml:1:1: .*\n.*\n?.*bulkhead\.toml:2:1: /)
  }, 60_000)
})

describe('orders over the admin socket', () => {
  it('reload says what it would do, does it, and says what needs a restart; shutdown ends the process', async () => {
    const folder = folderOf({ a: {} })
    const { done, printed } = running(folder)
    await printed('supervisor.started')
    expect((await run(['reload'], { cwd: folder })).stdout).toBe('nothing is other than before\n')
    writeTree(folder, { a: { entry: 'shutdown = "1s"' }, b: {} })
    const planned = await run(['reload', '--dry-run'], { cwd: folder })
    expect(planned.stdout).toBe('a reload would do this\n  + b\n  ~ a  shutdown (while it runs)\n')
    const reloaded = await run(['reload', '--json'], { cwd: folder })
    expect(JSON.parse(reloaded.stdout)).toMatchObject({ outcome: 'applied', added: [{ child: 'b' }] })
    writeTree(folder, { a: {}, b: {} }, { top: 'overcommit = 3' })
    const refused = await run(['reload'], { cwd: folder })
    expect(refused.exitCode).toBe(1)
    expect(refused.stdout).toMatch(/needs a restart of the process\n {2}overcommit {2}.*bulkhead\.toml:1:1\n/)
    writeFileSync(join(folder, 'bulkhead.toml'), 'nonsense')
    const broken = await run(['reload'], { cwd: folder })
    expect(broken.exitCode).toBe(2)
    expect(broken.stderr).toContain('bulkhead.toml:1:')
    expect((await run(['shutdown'], { cwd: folder })).exitCode).toBe(0)
    expect((await done).exitCode).toBe(0)
    const late = await run(['shutdown'], { cwd: folder })
    expect(late.exitCode).toBe(4)
  }, 90_000)
})

/** Prints that it spins, and from then on does not listen to anybody. */
const stubborn = { guest: 'spin', entry: 'shutdown = "1h"\ndeadline = "1h"\nrestart = "permanent"' }

describe('a stop', () => {
  it('that takes longer than --drain ends the process with 1', async () => {
    const folder = folderOf({ a: stubborn })
    const { child, done, printed } = running(folder, ['--drain', '200ms'])
    await printed(/spinning/)
    child.kill('SIGTERM')
    const { exitCode, stderr } = await done
    expect(exitCode).toBe(1)
    expect(stderr).toContain('not all of it ended within 200ms')
  }, 60_000)

  it('that is asked for twice ends the process at once', async () => {
    const folder = folderOf({ a: stubborn })
    const { child, done, printed } = running(folder)
    await printed(/spinning/)
    child.kill('SIGTERM')
    const again = setInterval(() => child.kill('SIGTERM'), 500)
    const { exitCode } = await done
    clearInterval(again)
    expect(exitCode).toBe(143)
  }, 60_000)

  it('refuses a time that is none', async () => {
    const done = await run(['run', 'bulkhead.toml', '--drain', 'soon'], { cwd: folderOf({ a: {} }) })
    expect(done.exitCode).toBe(2)
    expect(done.stderr).toContain('`soon` in --drain is no duration')
  }, 60_000)
})

it('runs once for a state directory, and the second is told by which process it is used', async () => {
  const folder = folderOf({ a: {} })
  const { child, done, printed } = running(folder)
  await printed('supervisor.started')
  const second = await run(['run', 'bulkhead.toml'], { cwd: folder })
  expect(second.exitCode).toBe(1)
  expect(second.stderr).toContain(String(child.pid))
  child.kill('SIGTERM')
  expect((await done).exitCode).toBe(0)
}, 60_000)

it.runIf(canBePidOne)(
  'as process 1 of a container drains on SIGTERM, and reloads on SIGHUP',
  async () => {
    const folder = folderOf({ a: {} })
    const args = ['--pid', '--fork', '--mount-proc', '--kill-child', process.execPath, bulkhead, 'run', 'bulkhead.toml']
    const outer = spawn('unshare', args, { cwd: folder, stdio: ['ignore', 'pipe', 'inherit'] })
    onTestFinished(() => void outer.kill('SIGKILL'))
    let printed = ''
    outer.stdout.on('data', (chunk: Buffer) => {
      printed += chunk.toString()
    })
    const ended = new Promise<number | null>((resolve) => outer.on('exit', resolve))
    await until(
      () => printed.includes('supervisor.started'),
      () => printed,
    )
    const inner = Number(readFileSync(`/proc/${outer.pid}/task/${outer.pid}/children`, 'utf8').trim().split(' ')[0])
    process.kill(inner, 'SIGHUP')
    await until(
      () => printed.includes('tree.reloaded'),
      () => printed,
    )
    process.kill(inner, 'SIGTERM')
    expect(await ended).toBe(0)
  },
  60_000,
)

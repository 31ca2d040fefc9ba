import { type ChildProcess, spawn } from 'node:child_process'
import { existsSync } from 'node:fs'
import { expect, it, onTestFinished, vi } from 'vitest'
import { bulkhead, run } from '../command.js'
import { treeFolder, writeTree } from '../supervision/supervised-tree.js'

// The commands as an operator runs them: beside a process that runs a tree, and may be killed.

type Running = { readonly child: ChildProcess; readonly out: () => string; readonly error: () => string }

/** `bulkhead ARGS…`, which goes on beside the test. */
function begin(folder: string, args: readonly string[], program = process.execPath, first = [bulkhead]): Running {
  const child = spawn(program, [...first, ...args], {
    cwd: folder,
    env: { PATH: process.env['PATH'], HOME: process.env['HOME'], TERM: 'xterm' },
    stdio: ['pipe', 'pipe', 'pipe'],
  })
  onTestFinished(() => void child.kill('SIGKILL'))
  const texts = { out: '', error: '' }
  child.stdout?.on('data', (chunk: Buffer) => {
    texts.out += chunk.toString('utf8')
  })
  child.stderr?.on('data', (chunk: Buffer) => {
    texts.error += chunk.toString('utf8')
  })
  child.stdin?.on('error', () => {})
  return { child, out: () => texts.out, error: () => texts.error }
}

const until = (isSo: () => void | Promise<void>): Promise<void> => vi.waitFor(isSo, { timeout: 50_000, interval: 100 })
const ended = ({ child }: Running): Promise<number | null> =>
  new Promise((resolve) => {
    if (child.exitCode !== null) resolve(child.exitCode)
    else child.on('close', (code) => resolve(code))
  })

/** A tree that runs until it is stopped. */
async function tree(folder: string): Promise<Running> {
  const running = begin(folder, ['run', 'bulkhead.toml'])
  await until(() => expect(running.out(), running.error()).toContain('supervisor.started'))
  return running
}

type Line = { readonly record: string; readonly cursor: string; readonly seq?: number; readonly why?: string }
const linesOf = ({ out }: Running): readonly Line[] =>
  out()
    .split('\n')
    .slice(0, -1)
    .map((line) => JSON.parse(line) as Line)

it('follows from one process to the next when one is killed, without a gap or a repetition', async () => {
  const folder = treeFolder()
  writeTree(folder, { a: {}, b: {} })
  const first = await tree(folder)
  const events = begin(folder, ['events', '--follow', '--json'])
  await until(() => expect(events.out()).toContain('supervisor.started'))
  first.child.kill('SIGKILL')
  await until(() => expect(events.error()).toContain('waiting for it to start again'))
  await tree(folder)
  await until(() => expect(events.out().match(/supervisor\.started/g)).toHaveLength(2))
  events.child.kill('SIGINT')
  expect(await ended(events)).toBe(130)
  expect(events.error().trim().split('\n')).toHaveLength(1)

  const lines = linesOf(events)
  const change = lines.findIndex(({ record }) => record === 'missed')
  expect(lines[change]).toMatchObject({ why: 'other-runtime', count: 0 })
  for (const part of [lines.slice(0, change), lines.slice(change + 1)]) {
    expect(part.map(({ seq }) => seq)).toEqual(part.map((_, at) => at + 1))
    expect(new Set(part.map(({ cursor }) => cursor.split('-')[0])).size).toBe(1)
  }
  expect(lines[0]?.cursor.split('-')[0]).not.toBe(lines.at(-1)?.cursor.split('-')[0])

  // What was shown is where one may go on, by hand too.
  const { cursor = '' } = lines.at(-2) ?? {}
  const rest = await run(['events', '--after', cursor, '--json'], { cwd: folder })
  expect(JSON.parse(rest.stdout.split('\n')[0] ?? '')).toMatchObject({ cursor: lines.at(-1)?.cursor })
}, 120_000)

it('tells how the process stands, in its exit code too', async () => {
  const folder = treeFolder()
  writeTree(folder, { a: {} })
  expect(await run(['health'], { cwd: folder })).toMatchObject({ exitCode: 4 })
  await tree(folder)
  const told = await run(['health', '--json'], { cwd: folder })
  expect(told.exitCode).toBe(0)
  expect(JSON.parse(told.stdout)).toMatchObject({ status: 'ok', ready: true, live: true, children: { running: 1 } })
  expect(JSON.parse(told.stdout).walls).toBeDefined()
  expect(await run(['events', '--type', 'nope.*'], { cwd: folder })).toMatchObject({ exitCode: 2, stdout: '' })
  const one = await run(['top', '--interval', '200ms'], { cwd: folder })
  expect(one).toMatchObject({ exitCode: 0, stderr: expect.stringContaining('--json') })
  expect(one.stdout).toMatch(/^a +running +thread /m)
  expect(one.stdout).not.toContain('\u001b')
  const samples = await run(['top', '--interval', '200ms', '--json', '--count', '2'], { cwd: folder })
  const [, second] = samples.stdout.split('\n')
  expect(JSON.parse(second ?? '').children).toMatchObject([{ child: 'a', cpuPercent: expect.any(Number) }])
}, 120_000)

it('ends when nobody reads its events any more', async () => {
  const folder = treeFolder()
  writeTree(folder, { a: {} })
  await tree(folder)
  const events = begin(folder, ['events', '--follow', '--json'])
  await until(() => expect(events.out()).toContain('supervisor.started'))
  events.child.stdout?.destroy()
  // It is noticed with the next event.
  await until(async () => {
    await run(['restart', 'a'], { cwd: folder })
    expect(events.child.exitCode).toBe(0)
  })
  expect(events.error()).toBe('')
}, 120_000)

const script = ['/usr/bin/script', '/bin/script'].find((path) => existsSync(path))

/** `bulkhead top` before somebody: in a terminal of its own, whose settings are printed before and after. */
function terminalWith(folder: string, rows: number, columns: number): Running {
  const top = `${JSON.stringify(process.execPath)} ${JSON.stringify(bulkhead)} top --interval 200ms`
  const shell = `stty rows ${rows} cols ${columns}; stty -g; ${top}; echo "left with $?"; stty -g`
  return begin(folder, ['-qec', shell, '/dev/null'], script, [])
}

const shown = '\u001b[?1049h'
const restored = '\u001b[?1049l'

it.runIf(script !== undefined)(
  'takes over a terminal, obeys keys, and gives it back as it was',
  async () => {
    const folder = treeFolder()
    writeTree(folder, { apple: {}, pear: {} })
    const running = await tree(folder)
    const top = terminalWith(folder, 14, 70)
    await until(() => expect(top.out()).toMatch(/pear +/))
    expect(top.out()).toContain(shown)
    top.child.stdin?.write('/pea')
    await until(() => expect(top.out()).toContain('filter: pea_'))
    top.child.stdin?.write('\r')
    await until(() => expect(top.out()).toContain('filter: pea  by cpu'))
    // The process is killed while somebody looks, and comes back.
    running.child.kill('SIGKILL')
    await until(() => expect(top.out()).toContain('the running process has ended'))
    await tree(folder)
    const before = top.out().length
    await until(() => expect(top.out().slice(before)).toMatch(/ok, ready, live/))
    top.child.stdin?.write('q')
    await ended(top)
    const text = top.out()
    expect(text).toContain('left with 0')
    expect(text.lastIndexOf(restored)).toBeGreaterThan(text.lastIndexOf(shown))
    expect(text.slice(text.lastIndexOf(restored))).not.toContain('\u001b[?25l')
    const [settings = 'before', again = 'after'] = text.match(/^[0-9a-f]+(:[0-9a-f]+){10,}/gm) ?? []
    expect(again).toBe(settings)
  },
  120_000,
)

it.runIf(script !== undefined)(
  'gives a terminal back when it is interrupted',
  async () => {
    const folder = treeFolder()
    writeTree(folder, { apple: {} })
    await tree(folder)
    const top = terminalWith(folder, 5, 30)
    await until(() => expect(top.out()).toMatch(/apple +/))
    top.child.stdin?.write('\u0003')
    await ended(top)
    expect(top.out()).toContain('left with 130')
    expect(top.out().lastIndexOf(restored)).toBeGreaterThan(top.out().lastIndexOf(shown))
  },
  120_000,
)

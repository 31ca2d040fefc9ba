import type { HealthStatusReport, HealthStreamItem, TreeReport } from '@bulkhead/admin'
import { BulkheadError } from '@bulkhead/vocabulary'
import { expect, it } from 'vitest'
import type { Live } from '../desk/live.js'
import { type LiveSetting, runLive } from '../live.test.support.js'
import type { FullScreen, Key } from '../terminal.js'
import { recorder } from '../terminal.test.support.js'
import { Sampler } from './sampler.js'
import { TopScreen } from './top-screen.js'

const id = '00112233aabb'
const health: HealthStatusReport = {
  ...{ status: 'ok', ready: true, live: true, reasons: [], since: 1_000, id, cursor: `${id}-9`, version: '0.1.0' },
  ...{ node: 'v20.0.0', pid: 7, children: { running: 1 }, journal: { stalled: false, strict: false }, zombies: 0 },
  security: { violations: 0, quarantined: [], isolated: [], reduced: [] },
}
const tree: TreeReport = {
  root: 'root',
  children: [
    {
      ...{ child: 'ingest', supervisor: 'root', component: 'a.wasm', state: 'running', health: 'healthy', since: 0 },
      ...{ incarnation: 1, restarts: 0, restartsLeft: 3, level: 'thread', score: 0, trust: 'unknown' },
      approval: 'approved',
    },
  ],
  tree: {
    ...{ supervisor: 'root', state: 'running', health: 'healthy', since: 1, strategy: 'one_for_one' },
    ...{ profile: 'default', isPool: false, children: ['ingest'] },
  },
}
const event = (seq: number): HealthStreamItem => ({
  kind: 'event',
  cursor: `${id}-${seq}`,
  event: { seq, time: Date.now(), type: 'child.ready', supervisor: 'root', child: 'ingest' },
})
const items: readonly HealthStreamItem[] = [{ kind: 'began', id }, event(10)]

/** A screen before which somebody presses keys, each after the frame that was drawn before. */
function screenOf(keys: readonly (Key | 'resize')[]) {
  const frames: (readonly string[])[] = []
  const left = [...keys]
  let isOpen = true
  let onKey: (key: Key) => void = () => {}
  let onResize = (): void => {}
  const screen: FullScreen = {
    size: () => ({ columns: 100, rows: 12 }),
    draw: (lines) => {
      frames.push(lines)
      setTimeout(() => {
        const key = left.shift()
        if (key === 'resize') onResize()
        else if (key !== undefined) onKey(key)
      }, 5)
    },
    onKey: (listener) => {
      onKey = listener
    },
    onResize: (listener) => {
      onResize = listener
    },
    close: () => {
      isOpen = false
    },
  }
  return { screen, frames, isOpen: () => isOpen }
}

const key = (text: string, name = text): Key => ({ name, ctrl: false, text })
const controlC: Key = { name: 'c', ctrl: true, text: '' }
const top = (flags: readonly string[], setting: LiveSetting = {}) =>
  runLive(['top', '--interval', '100ms', ...flags], { health, tree }, { items, ...setting })

it('prints one frame where there is no terminal, and says so', async () => {
  const ran = await top([])
  expect(ran).toMatchObject({ code: 0, error: expect.stringContaining('--json') })
  expect(ran.out.split('\n')).toEqual([
    expect.stringMatching(/^ok, ready, live · up .* · 1 running · pid 7$/),
    'walls: not looked for',
    expect.stringContaining('child.ready          ingest'),
    expect.stringMatching(/^child {3}state/),
    expect.stringMatching(/^ingest {2}running {2}thread/),
    '',
  ])
  expect(ran.out).not.toContain('\u001b')
})

it('prints one line a sample for programs, so many as are wanted, or until it is stopped', async () => {
  const ran = await top(['--json', '--count', '2'])
  const samples = ran.out
    .trim()
    .split('\n')
    .map((line) => JSON.parse(line))
  expect(samples).toHaveLength(2)
  expect(samples[1]).toMatchObject({ health: { pid: 7 }, children: [{ child: 'ingest', deniedPerSecond: 0 }] })
  expect(ran.asked.filter(({ command }) => command === 'events').map(({ input }) => input)).toEqual([
    { after: `${id}-9`, follow: false },
    { after: `${id}-10`, follow: false },
  ])
  const stopped = await top(['--json'], { onListening: (interrupt) => setTimeout(() => interrupt('SIGTERM'), 30) })
  expect(stopped).toMatchObject({ code: 143, error: '' })
})

it('takes the screen, obeys keys, and gives it back', async () => {
  const { screen, frames, isOpen } = screenOf([key('n'), key('/', ''), key('z'), 'resize', key('', 'escape'), key('q')])
  expect(await top([], { screen, isTerminal: true })).toMatchObject({ code: 0, out: '', error: '' })
  expect(isOpen()).toBe(false)
  const feet = frames.map((lines) => lines.at(-1) ?? '')
  expect(feet).toEqual(
    expect.arrayContaining([expect.stringMatching(/^by cpu/), expect.stringMatching(/^by name/), 'filter: z_']),
  )
  expect(frames[0]?.join('\n')).toContain('child.ready          ingest')
})

it('leaves on Ctrl-C, on a signal and after so many samples', async () => {
  const byKey = screenOf([controlC])
  expect(await top([], { screen: byKey.screen })).toMatchObject({ code: 130, error: '' })
  const bySignal = screenOf([])
  const onListening: LiveSetting['onListening'] = (interrupt) => setTimeout(() => interrupt('SIGTERM'), 30)
  expect((await top([], { screen: bySignal.screen, onListening })).code).toBe(143)
  const byCount = screenOf([])
  expect((await top(['--count', '3'], { screen: byCount.screen })).code).toBe(0)
  expect([byKey, bySignal, byCount].map(({ isOpen }) => isOpen())).toEqual([false, false, false])
})

it('takes no sample while it is paused', async () => {
  const keys = [key(' ', 'space'), ...Array.from({ length: 5 }, () => key('', 'down')), key('q')]
  const { screen, frames } = screenOf(keys)
  const ran = await top([], { screen })
  expect(ran.asked.filter(({ command }) => command === 'tree').length).toBeLessThanOrEqual(2)
  expect(frames.at(-1)?.at(-1)).toMatch(/^PAUSED/)
})

it('refuses intervals and counts that are none, and does not take the screen for them', async () => {
  for (const flags of [
    ['--interval', '1'],
    ['--interval', '10ms'],
    ['--interval', '2h'],
    ['--count', '0'],
  ]) {
    const { screen, frames } = screenOf([])
    expect(await runLive(['top', ...flags], {}, { screen })).toMatchObject({ code: 2, opened: [] })
    expect(frames).toEqual([])
  }
})

it('says that nobody answers before it takes the screen', async () => {
  const { screen, frames } = screenOf([])
  const gone = new BulkheadError('runtime-unreachable', 'nobody listens any more')
  expect(await runLive(['top'], { health: gone }, { screen })).toMatchObject({ code: 4 })
  expect(frames).toEqual([])
})

const gone = new BulkheadError('runtime-unreachable', 'it closed the connection')

/** Processes one after the other; `undefined`: none answers. */
function samplerOf(lives: readonly ((() => Promise<HealthStatusReport>) | undefined)[]) {
  const left = [...lives]
  let at = 0
  const open = async (): Promise<Live> => {
    const life = left.shift()
    if (life === undefined) throw gone
    return {
      request: async (command: string) => (command === 'health' ? life() : tree),
      stream: async function* () {
        yield* items
      },
      close: async () => {},
    } as unknown as Live
  }
  return new Sampler({ open, nowMs: () => (at += 1_000), wallMs: () => 5 })
}

it('goes on with the process that comes after one that has ended', async () => {
  let isThere = true
  const first = async (): Promise<HealthStatusReport> => {
    if (isThere) return health
    throw gone
  }
  const sampler = samplerOf([first, undefined, async () => ({ ...health, pid: 8 })])
  expect((await sampler.take())?.health.pid).toBe(7)
  expect((await sampler.take())?.children[0]?.deniedPerSecond).toBe(0)
  isThere = false
  expect(await sampler.take()).toBeUndefined()
  expect(await sampler.take()).toBeUndefined()
  const again = await sampler.take()
  expect(again?.health.pid).toBe(8)
  expect(again?.children[0]?.deniedPerSecond).toBeUndefined()
})

it('does not wait for a process that never was, and tells what is not its absence', async () => {
  await expect(samplerOf([undefined]).take()).rejects.toBe(gone)
  const strange = new Error('strange')
  let isThere = true
  const life = async (): Promise<HealthStatusReport> => {
    if (isThere) return health
    throw strange
  }
  const sampler = samplerOf([life])
  await sampler.take()
  isThere = false
  await expect(sampler.take()).rejects.toBe(strange)
})

it('draws and can be left while a process hangs, and while none is there', async () => {
  let asked = 0
  const { screen, frames } = screenOf([])
  let press: (key: Key) => void = () => {}
  const watching: FullScreen = {
    ...screen,
    onKey: (listener) => {
      press = listener
    },
    draw: (lines) => {
      frames.push(lines)
      if (lines.some((line) => line.includes('no answer for'))) press(key('q'))
    },
  }
  const never = new Promise<HealthStatusReport>(() => {})
  const sampler = samplerOf([async () => (++asked === 1 ? health : never)])
  const run = new TopScreen(sampler, { intervalMs: 100, samplesMax: 9 }, recorder().terminal, watching)
  expect(await run.run(await sampler.take())).toBe(0)
  expect(frames.at(-1)?.[2]).toMatch(/^no answer for \d+ s$/)

  const ending = screenOf([])
  const end: FullScreen = {
    ...watching,
    draw: (lines) => {
      ending.frames.push(lines)
      if (lines.some((line) => line.includes('waiting for it to start again'))) press(key('q'))
    },
  }
  let isFirst = true
  const short = samplerOf([
    async () => {
      if (!isFirst) throw gone
      isFirst = false
      return health
    },
  ])
  const gone2 = new TopScreen(short, { intervalMs: 100, samplesMax: 9 }, recorder().terminal, end)
  expect(await gone2.run(await short.take())).toBe(0)
})

import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import type { ReviewAnswer } from '@bulkhead/inspector'
import { expect, it, onTestFinished } from 'vitest'
import { type ChildSpec, pythonFile, World } from '../authority/world.js'
import { bulkhead, run } from '../command.js'
import { messagesUntil, patienceMs, stranger, until } from './inspected-tree.js'

type Started = {
  readonly world: World
  readonly url: string
  readonly stdout: () => string
  readonly records: () => readonly Record<string, unknown>[]
  readonly kill: (signal: NodeJS.Signals) => void
  readonly exit: Promise<number | null>
}

/** `bulkhead run --inspect` in a process of its own, up to where it says that it answers. */
async function started(children: Readonly<Record<string, ChildSpec>>): Promise<Started> {
  const world = new World()
  onTestFinished(() => world.remove())
  world.tree(children)
  const child = spawn(
    process.execPath,
    [bulkhead, 'run', 'bulkhead.toml', '--log', 'json', '--inspect', '127.0.0.1:0'],
    {
      cwd: world.folder,
      env: { PATH: process.env['PATH'], HOME: process.env['HOME'] },
      stdio: ['ignore', 'pipe', 'pipe'],
    },
  )
  onTestFinished(() => void child.kill('SIGKILL'))
  const exit = once(child, 'close').then(([code]) => code as number | null)
  let stdout = ''
  child.stdout.setEncoding('utf8').on('data', (chunk: string) => {
    stdout += chunk
  })
  const records = (): readonly Record<string, unknown>[] =>
    stdout
      .split('\n')
      .slice(0, -1)
      .map((line) => JSON.parse(line) as Record<string, unknown>)
  const told = await until(() => records().find(({ record }) => record === 'inspecting'), 'the inspector')
  return {
    ...{ world, exit, records },
    url: String(told['url']),
    stdout: () => stdout,
    kill: (signal) => void child.kill(signal),
  }
}

it(
  'serves what runs, lets a child start that waited, and drains before the eyes of a probe',
  async () => {
    // It hears nothing: its stop takes as long as it may, and that is when a probe must see that the process drains.
    const program = ['python', '-S', '-I', '-c', 'import time\nwhile True: time.sleep(1)']
    const stubborn: ChildSpec = {
      component: pythonFile,
      grants: [],
      lines: [`args = ${JSON.stringify(program)}`, 'restart = "permanent"', 'shutdown = "60s"'],
    }
    const { url, world, stdout, kill, exit } = await started({ stranger, stubborn })
    const ask = (path: string, init?: RequestInit): Promise<Response> => fetch(new URL(path, url), init)
    await until(async () => (await ask('/readyz')).status === 200, 'ready')
    expect((await ask('/livez')).status).toBe(200)
    const scraped = await ask('/metrics')
    expect(scraped.headers.get('content-type')).toBe('text/plain; version=0.0.4; charset=utf-8')
    expect(await scraped.text()).toMatch(/^bulkhead_children\{state="waiting"\} 1$/m)

    const token = readFileSync(join(world.path('.bulkhead'), 'admin.token'), 'utf8').trim()
    // Logs are kept: no token stands in them.
    expect(stdout()).not.toContain(token)
    const { request } = (await (await ask('/api/reviews/stranger')).json()) as ReviewAnswer
    const ready = messagesUntil(
      await ask('/events'),
      ({ event, data }) => event === 'child.ready' && data.includes('"subject":"stranger"'),
    )
    const approved = await ask('/api/reviews/stranger/approve', {
      method: 'POST',
      headers: { authorization: `Bearer ${token}`, 'content-type': 'application/json' },
      body: JSON.stringify({ fingerprint: request.fingerprint }),
    })
    expect(approved.status).toBe(200)
    await ready

    kill('SIGTERM')
    const draining = await until(async () => {
      const answer = await ask('/readyz')
      return answer.status === 503 && answer.text()
    }, 'draining')
    expect(draining).toContain('the runtime was stopped')
    expect((await ask('/livez')).status).toBe(200)
    kill('SIGTERM')
    expect(await exit).toBe(143)
  },
  3 * patienceMs,
)

it(
  'tells a denial of a guest over HTTP',
  async () => {
    const { url, kill, exit, world } = await started({ agent: {} })
    const stream = await fetch(new URL('/api/stream', url))
    const denial = messagesUntil(stream, ({ event, data }) => event === 'denials' && data.includes('/etc/shadow'))
    world.write('ctl/agent/draft', '_ = open("/etc/shadow").read()')
    world.write('ctl/agent/0', '_ = open("/etc/shadow").read()')
    expect((await denial).at(-1)?.data).toContain('"child":"agent"')
    kill('SIGTERM')
    expect(await exit).toBe(0)
  },
  3 * patienceMs,
)

it(
  'starts nothing for an address that is none, and stops what it started for one that is taken',
  async () => {
    const world = new World()
    onTestFinished(() => world.remove())
    world.tree({ stranger })
    const wrong = await run(['run', 'bulkhead.toml', '--inspect', 'example.com:80'], { cwd: world.folder })
    expect([wrong.exitCode, wrong.stdout]).toEqual([2, ''])
    expect(wrong.stderr).toContain('`example.com:80` is not an address to listen on')
    const { url, kill, exit } = await started({ stranger })
    const taken = await run(['run', 'bulkhead.toml', '--inspect', new URL(url).host], { cwd: world.folder })
    expect(taken.exitCode).toBe(2)
    expect(taken.stderr).toContain('EADDRINUSE')
    kill('SIGTERM')
    expect(await exit).toBe(0)
  },
  3 * patienceMs,
)

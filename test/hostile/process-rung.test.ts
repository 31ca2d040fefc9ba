// The ordinary actor in a process of its own: everything that holds in a thread holds here.
import { mkdtempSync, readdirSync, readFileSync, realpathSync, rmSync, symlinkSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { setTimeout as sleep } from 'node:timers/promises'
import { detectWalls } from '@bulkhead/actor'
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, it } from 'vitest'
import { actorLab, updateOf } from '../support/actor-lab.mjs'
import { command } from '../support/file-operator.mjs'
import { guestFile } from '../support/test-runtime.mjs'
import { all, patienceMs, reading, revokeOneOfTwoLoops } from './revoked-loop.js'

const walls = await detectWalls()
const walled = walls.up.has('bubblewrap')
if (!walled) console.warn(`the process rung is not tested here: ${walls.missing.get('bubblewrap')}`)
/** What the run of all tests installed, or found, before it began. */
// biome-ignore lint/suspicious/noUndeclaredEnvVars: no cached task reads it
const promised = (process.env['BULKHEAD_WALLS'] ?? '').split(',').filter((name) => name !== '')

let lab: Awaited<ReturnType<typeof actorLab>>
let host: string
beforeAll(async () => {
  lab = await actorLab('process')
})
afterAll(() => lab.close())
beforeEach(() => {
  host = realpathSync(mkdtempSync(join(tmpdir(), 'process-rung-')))
})
afterEach(() => rmSync(host, { recursive: true }))

/** What a guest printed, and how it ended. */
async function outputOf(name: string, options = {}, stdin?: Uint8Array) {
  const chunks: Uint8Array[] = []
  const input = stdin === undefined ? {} : { stdin: piecesOf(stdin) }
  const actor = await lab.run(guestFile(name), { allow: [], host }, options, {
    ...input,
    stdout: (chunk) => void chunks.push(chunk),
  })
  return { report: await actor.exited, stdout: Buffer.concat(chunks) }
}

async function* piecesOf(bytes: Uint8Array) {
  for (let at = 0; at < bytes.length; at += 65_536) yield bytes.subarray(at, at + 65_536)
}

it.runIf(promised.length > 0)('the walls that this run was promised are up', () => {
  expect([...walls.up]).toEqual(expect.arrayContaining(promised))
})

describe.runIf(walled)('a guest in a process of its own', () => {
  it('prints and returns', async () => {
    const { report, stdout } = await outputOf('hello')
    expect(report).toMatchObject({ class: 'normal', exitCode: 0 })
    expect(stdout.toString()).toBe('hello\n')
  })

  it('exits with exactly its own code', async () => {
    const { report } = await outputOf('exit-code')
    expect(report).toMatchObject({ class: 'crash', exitCode: 33, commandExitCode: 33 })
  })

  it('gets its input and gives its output byte for byte, however much it is', async () => {
    const bytes = Uint8Array.from({ length: 10 * 1024 * 1024 }, (_, at) => (at * 7 + (at >> 8)) & 255)
    const { report, stdout } = await outputOf('echo', {}, bytes)
    expect(report).toMatchObject({ class: 'normal', exitCode: 0 })
    expect(Buffer.compare(stdout, Buffer.from(bytes))).toBe(0)
  })

  it('waits for a reader that is slow, and its whole output arrives after its end', async () => {
    const chunks: Uint8Array[] = []
    const bytes = new Uint8Array(400_000).fill(7)
    const slow = async (chunk: Uint8Array) => {
      await sleep(2)
      chunks.push(chunk)
    }
    const streams = { stdin: piecesOf(bytes), stdout: slow }
    const actor = await lab.run(guestFile('echo'), { allow: [], host }, {}, streams)
    expect(await actor.exited).toMatchObject({ class: 'normal' })
    expect(Buffer.concat(chunks)).toHaveLength(bytes.length)
  })

  it('is reported with its own words and named frames when it traps', async () => {
    const { report } = await outputOf('trap')
    expect(report).toMatchObject({ class: 'crash', commandExitCode: 134, error: { code: 'guest-trap' } })
    expect(JSON.stringify(report.error)).toContain('the_failing_function')
    expect(JSON.stringify(report.error)).toContain('about to fail on purpose')
  })

  it('proves itself hostile with a forged handle, and says so', async () => {
    const { report } = await outputOf('forged-handle-never')
    expect(report).toMatchObject({ class: 'security', hostility: 'forged-handle' })
  })

  it('is killed at its deadline when it loops', async () => {
    const { report, stdout } = await outputOf('spin', { deadlineMs: 300 })
    expect(report).toMatchObject({ class: 'resource', commandExitCode: 124, reason: 'deadline of 300 ms passed' })
    expect(stdout.toString()).toBe('spinning\n')
    expect(report.usage.cpuMs).toBeGreaterThan(50)
  })

  it('gets the memory it was given and no page more', async () => {
    const { report, stdout } = await outputOf('memory-hog')
    expect(report).toMatchObject({ class: 'normal' })
    expect(Number.parseInt(stdout.toString(), 10)).toBe((64 * 1024 * 1024) / 65_536 - 4)
  })

  it('is stopped when it uses the processor without a host call', async () => {
    const spinning = await lab.run(guestFile('spin'), { allow: [], host, cpuPercent: 1 }, { timeScale: 10 })
    const report = await spinning.exited
    expect(report).toMatchObject({ class: 'resource', commandExitCode: 137 })
    expect(report.reason).toMatch(/^used \d+ % of a core without a host call; its share is 1 %$/)
  })

  it('ends in order when it is asked to, also when it is asked before it runs', async () => {
    const { actor, session } = await lab.operator({ allow: all, host })
    actor.stop()
    expect(await session.end()).toMatchObject({ class: 'shutdown', reason: 'stopped' })
    const early = await lab.run(guestFile('echo'), { allow: [], host }, {}, { stdin: neverEnding() })
    early.stop()
    expect(await early.exited).toMatchObject({ class: 'shutdown', reason: 'stopped' })
  })

  it('is gone when it was killed, at whatever instant', async () => {
    for (const afterMs of [0, 20, 60, 120]) {
      const actor = await lab.run(guestFile('spin'), { allow: [], host })
      await sleep(afterMs)
      expect(await actor.kill()).toBe('exited')
      expect(await actor.exited).toMatchObject({ class: 'shutdown', reason: 'killed' })
    }
  })

  it('reads and writes what it was granted, and nothing beside it', async () => {
    writeFileSync(join(host, 'f'), 'inside')
    symlinkSync('/etc/hostname', join(host, 'out'))
    const { session } = await lab.operator({ allow: ['read /data/**', 'create /data/new'], host })
    const answers = await session.send([
      command.open('data/f', 0),
      command.readAll(0),
      command.open('data/new', 1, { write: true, create: true }),
      command.write(1, 'written'),
      command.open('data/other', 2, { write: true, create: true }),
      command.open('data/out', 2),
      command.open('etc/hostname', 2),
    ])
    expect(answers.map(({ errno }) => errno === 'success')).toEqual([true, true, true, true, false, false, false])
    expect(readFileSync(join(host, 'new'), 'utf8')).toBe('written')
    expect(readdirSync(host).sort()).toEqual(['f', 'new', 'out'])
    await session.end()
    const denied = lab.records.filter((one) => one.type === 'access' && one.verdict === 'denied')
    expect(denied.map((one) => one.type === 'access' && one.resource)).toEqual(
      expect.arrayContaining(['/data/other', '/etc/hostname']),
    )
  })

  it('where the kernel itself writes nothing, its own rules may say what they like later', async () => {
    writeFileSync(join(host, 'f'), 'inside')
    const { actor, session } = await lab.operator({ allow: reading, host })
    await session.send([command.open('data/f', 0)])
    actor.replaceContext(updateOf({ allow: all, host, version: 2 }))
    expect(await actor.settleOn(2, patienceMs)).toBe('left')
    const [open, create] = await session.send([
      command.open('data/f', 1, { write: true }),
      command.open('data/new', 2, { write: true, create: true }),
    ])
    expect([open?.errno, create?.errno]).toEqual(['rofs', 'rofs'])
    await session.end()
  })
})

async function* neverEnding(): AsyncGenerator<Uint8Array> {
  for (;;) {
    await sleep(50)
    yield new Uint8Array(1)
  }
}

describe.runIf(walled)('a revocation reaches', () => {
  it('a guest that loops over host calls; the guest beside it goes on', async () => {
    await revokeOneOfTwoLoops(lab, host)
  })

  it('a guest that waits with a file open', async () => {
    writeFileSync(join(host, 'f'), 'before')
    const { actor, session } = await lab.operator({ allow: all, host })
    await session.send([command.open('data/f', 0, { read: true, write: true })])
    const work = [command.write(0, 'after'), command.readAt(0, 0, 10)]
    expect((await session.send(work)).map(({ errno }) => errno)).toEqual(['success', 'success'])
    actor.replaceContext(updateOf({ allow: [], host, version: 2 }))
    expect(await actor.settleOn(2, patienceMs)).toBe('left')
    expect((await session.send(work)).map(({ errno }) => errno)).not.toContain('success')
    await session.end()
  })

  it('a guest that has not begun yet, and waits for nothing', async () => {
    const actor = await lab.run(guestFile('hello'), { allow: all, host })
    actor.replaceContext(updateOf({ allow: [], host, version: 2 }))
    expect(await actor.settleOn(2)).toBe('left')
    expect(await actor.exited).toMatchObject({ class: 'normal' })
  })

  it('a guest that is gone', async () => {
    const { actor, session } = await lab.operator({ allow: all, host })
    await session.end()
    actor.replaceContext(updateOf({ allow: [], host, version: 2 }))
    expect(await actor.settleOn(2, patienceMs)).toBe('left')
  })
})

describe.runIf(walled)('a process without walls', () => {
  const weak = { rung: 'weak' } as const

  it('runs a guest without files, holds its memory and ends with it', async () => {
    expect((await outputOf('hello', weak)).stdout.toString()).toBe('hello\n')
    const spinning = await lab.run(guestFile('spin'), { allow: [], host }, weak)
    await spinning.ready
    expect(await spinning.kill()).toBe('exited')
    expect((await outputOf('trap', weak)).report).toMatchObject({ class: 'crash', error: { code: 'guest-trap' } })
  })

  it('is refused to a guest with files', async () => {
    await expect(lab.run(guestFile('hello'), { allow: reading, host }, weak)).rejects.toMatchObject({
      code: 'walls-missing',
    })
  })
})

describe('where bubblewrap is not', () => {
  const path = process.env['PATH'] ?? ''
  afterEach(() => {
    process.env['PATH'] = path
  })

  it('the walls say so, and no process is started instead', async () => {
    process.env['PATH'] = host
    const { up, missing } = await detectWalls()
    expect(up.has('bubblewrap')).toBe(false)
    expect(missing.get('bubblewrap')).toContain('there is no program `bwrap`')
    await expect(lab.run(guestFile('hello'), { allow: [], host })).rejects.toMatchObject({
      code: 'walls-missing',
      hint: expect.stringContaining('bubblewrap'),
    })
  })

  it('a bubblewrap that does not work is none', async () => {
    writeFileSync(join(host, 'bwrap'), '#!/bin/sh\necho "bwrap: no permission here" >&2\nexit 1\n', { mode: 0o755 })
    process.env['PATH'] = `${host}:${path}`
    const { up, missing } = await detectWalls()
    expect([up.has('bubblewrap'), missing.get('bubblewrap')]).toEqual([false, 'bwrap: no permission here'])
    const { report } = await outputOf('hello')
    expect(report).toMatchObject({ class: 'crash' })
    expect(report.reason).toBe('the process could not be started: bwrap: no permission here')
  })
})

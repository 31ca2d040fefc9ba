// Rules change under real guests in real threads: when a revocation has resolved, nothing goes on by the older rules.
import { mkdtempSync, readdirSync, readFileSync, realpathSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { setTimeout as sleep } from 'node:timers/promises'
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, it } from 'vitest'
import { actorLab, heldEntry, updateOf } from '../support/actor-lab.mjs'
import { command } from '../support/file-operator.mjs'
import { guestFile } from '../support/test-runtime.mjs'
import { all, patienceMs, reading, revokeOneOfTwoLoops, until } from './revoked-loop.js'

let lab: Awaited<ReturnType<typeof actorLab>>
let host: string
beforeAll(async () => {
  lab = await actorLab()
})
afterAll(() => lab.close())
beforeEach(() => {
  host = realpathSync(mkdtempSync(join(tmpdir(), 'revocation-')))
})
afterEach(() => rmSync(host, { recursive: true }))

describe('a revocation reaches', () => {
  it('a guest that loops over host calls; the guest beside it goes on', async () => {
    await revokeOneOfTwoLoops(lab, host)
    expect(lab.records.some((record) => record.type === 'access' && record.policyVersion === 2)).toBe(true)
  })

  it('a guest that waits with a file, a directory and an output stream open', async () => {
    writeFileSync(join(host, 'f'), 'before')
    const { actor, session } = await lab.operator({ allow: all, host })
    const work = [command.write(0, 'after'), command.readAt(0, 0, 10), command.readdir(1), command.statHandle(1)]
    await session.send([
      command.open('data/f', 0, { read: true, write: true }),
      command.open('data', 1, { directory: true, readdir: true }),
    ])
    expect((await session.send(work)).map(({ errno }) => errno)).toEqual(work.map(() => 'success'))
    actor.replaceContext(updateOf({ allow: [], host, version: 2 }))
    expect(await actor.settleOn(2, patienceMs)).toBe('left')
    const answers = (await session.send(work)).map(({ errno }) => errno)
    expect(answers).not.toContain('success')
    expect(readFileSync(join(host, 'f'), 'utf8')).toBe('aftere')
    actor.replaceContext(updateOf({ allow: all, host, version: 3 }))
    expect(await actor.settleOn(3, patienceMs)).toBe('left')
    expect((await session.send([command.write(0, 'again')]))[0]?.errno).not.toBe('success')
    expect((await session.send([command.open('data/f', 2)]))[0]?.errno).toBe('success')
    expect(await session.end()).toMatchObject({ exitCode: 0 })
  })

  it('a guest between check and act: it is waited for, and what it opened is of no use to it', async () => {
    writeFileSync(join(host, 'held-briefly'), 'secret')
    const { actor, session } = await lab.operator({ allow: all, host }, { entry: heldEntry })
    const opening = session.send([command.open('data/held-briefly', 0), command.readAll(0)])
    await until(() => lab.records.some((one) => one.type === 'access' && one.resource === '/data/held-briefly'))
    actor.replaceContext(updateOf({ allow: [], host, version: 2 }))
    expect(actor.entered()).toBe(1)
    expect(await actor.settleOn(2, patienceMs)).toBe('left')
    const [, read] = await opening
    expect(read?.errno).not.toBe('success')
    expect(read?.fields.join()).not.toContain(Buffer.from('secret').toString('hex'))
    await session.end()
  })

  it('a guest that stays between check and act: it is stopped after the grace, and never acts', async () => {
    const held = await lab.operator({ allow: all, host }, { entry: heldEntry })
    const beside = await lab.operator({ allow: all, host }, { entry: heldEntry })
    void held.session.send([command.mkdir('data/held-for-ever')])
    await until(() => lab.records.some((one) => one.type === 'access' && one.resource === '/data/held-for-ever'))
    for (const { actor } of [held, beside]) actor.replaceContext(updateOf({ allow: reading, host, version: 2 }))
    expect(await Promise.all([held.actor.settleOn(2), beside.actor.settleOn(2, patienceMs)])).toEqual([
      'stopped',
      'left',
    ])
    expect(await held.actor.exited).toMatchObject({
      class: 'host',
      commandExitCode: 137,
      reason: 'still inside a host call 100 ms after policy version 2 took effect',
    })
    expect(readdirSync(host)).toEqual([])
    expect((await beside.session.send([command.open('data', 0, { directory: true })]))[0]?.errno).toBe('success')
    await beside.session.end()
  })

  it('nobody who has ended', async () => {
    const { actor, session } = await lab.operator({ allow: all, host })
    await session.end()
    actor.replaceContext(updateOf({ allow: [], host, version: 2 }))
    expect(await actor.settleOn(2, patienceMs)).toBe('left')
  })
})

describe('a share of the processor', () => {
  /** The window is a second; so little that a guest uses more on however busy a machine. */
  const fast = { timeScale: 10 }
  const least = 1

  it('stops a guest that computes without a host call; a whole core and a guest that waits are left alone', async () => {
    const idle = await lab.operator({ allow: all, host, cpuPercent: least }, fast)
    const spinning = await lab.run(guestFile('spin'), { allow: [], host, cpuPercent: least }, fast)
    const report = await spinning.exited
    expect(report).toMatchObject({ class: 'resource', commandExitCode: 137 })
    expect(report.reason).toMatch(/^used \d+ % of a core without a host call; its share is 1 %$/)
    expect((await idle.session.send([command.open('data', 0, { directory: true })]))[0]?.errno).toBe('success')
    await idle.session.end()
  })

  it('binds a guest that computes already', async () => {
    const whole = await lab.run(guestFile('spin'), { allow: [], host }, fast)
    let ended = false
    void whole.exited.then(() => {
      ended = true
    })
    await sleep(1_500)
    expect(ended).toBe(false)
    whole.replaceContext(updateOf({ allow: [], host, version: 2, cpuPercent: least }))
    expect(await whole.exited).toMatchObject({ class: 'resource', commandExitCode: 137 })
  })

  it('delays a guest that makes host calls, and does not stop it', async () => {
    writeFileSync(join(host, 'f'), '')
    const loop = command.loop([command.open('data/f', 0), command.close(0)], { rounds: 1e9, milliseconds: 1_500 })
    const { session } = await lab.operator({ allow: all, host, cpuPercent: 10 }, { timeScale: 10 })
    await session.send([loop], 1)
    const report = (await session.end()) as unknown as { class: string; usage: { cpuMs: number; wallMs: number } }
    expect(report.class).toBe('normal')
    // Its share of the time, what it had saved up, and what it used before it was entered.
    expect(report.usage.cpuMs).toBeLessThan(report.usage.wallMs * 0.1 + 100 + 100)
  })

  it.runIf(process.platform === 'linux')('guests yield to the threads of the host', async () => {
    const { session } = await lab.operator({ allow: all, host })
    const nices = readdirSync('/proc/self/task').map((id) => readFileSync(`/proc/self/task/${id}/stat`, 'utf8'))
    expect(nices.filter((stat) => stat.slice(stat.lastIndexOf(')') + 2).split(' ')[16] === '10')).not.toEqual([])
    await session.end()
  })
})

it('the counters of a guest are read without asking it', async () => {
  writeFileSync(join(host, 'f'), '')
  const { actor, session } = await lab.operator({ allow: reading, host })
  const opens = Array.from({ length: 20 }, () => [
    command.open('data/f', 0),
    command.open('data/no', 1, { write: true }),
  ])
  await session.send(opens.flat())
  // The guest tells them at the latest when it waits for more to do.
  await until(() => actor.counters().checksGranted >= 20)
  const { checksGranted, checksDenied, cacheHits, cacheMisses } = actor.counters()
  expect(checksDenied).toBeGreaterThanOrEqual(19)
  expect(cacheHits).toBeGreaterThan(cacheMisses)
  await session.end()
  expect(actor.counters().checksGranted).toBeGreaterThanOrEqual(checksGranted)
})

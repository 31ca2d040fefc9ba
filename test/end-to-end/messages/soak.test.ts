import { spawnSync } from 'node:child_process'
import { EventEmitter } from 'node:events'
import type { Runtime } from 'bulkhead'
import { describe, expect, it } from 'vitest'
import { Fates } from '../../../scripts/soak/fates.mjs'
import { listenTo } from '../../../scripts/soak/listen.mjs'
import { root } from '../command.js'

describe('the soak', () => {
  it('finds one fate for every message of twenty seconds of crashes', () => {
    const done = spawnSync(process.execPath, ['--expose-gc', 'scripts/soak.mjs', '--seconds', '20'], {
      cwd: root,
      encoding: 'utf8',
    })
    expect(done.status, done.stdout + done.stderr).toBe(0)
    expect(done.stdout.trimEnd().split('\n').at(-1)).toMatch(/^ok: every message has one fate; \d+ tried: /)
  }, 150_000)
})

describe('its account of fates', () => {
  const died = (times: number): ReadonlyMap<string, number> => new Map([['sender', times]])
  const told = (tell: (fates: Fates) => void): Fates => {
    const fates = new Fates()
    fates.tried('sender', 1)
    tell(fates)
    fates.end(died(1))
    return fates
  }

  it.each<readonly [string, (fates: Fates) => void]>([
    [
      'delivered',
      (fates) => {
        fates.sent(1)
        fates.done(1)
      },
    ],
    [
      'redelivered',
      (fates) => {
        fates.sent(1)
        fates.begun(1)
        fates.begun(1)
        fates.done(1)
      },
    ],
    [
      'dead-lettered',
      (fates) => {
        fates.sent(1)
        fates.begun(1)
        fates.letter(1, 'poison')
      },
    ],
    ['refused', (fates) => fates.refused(1)],
    ['delivered', (fates) => fates.done(1)],
    ['uncommitted', () => {}],
  ])('counts one as %s', (fate, tell) => {
    const fates = told(tell)
    expect(fates.wrongs).toEqual([])
    expect(fates.summary()).toBe(`1 tried: 1 ${fate}`)
  })

  it.each<readonly [string, (fates: Fates) => void]>([
    ['was sent and never came', (fates) => fates.sent(1)],
    [
      'came two times',
      (fates) => {
        fates.sent(1)
        fates.done(1)
        fates.done(1)
      },
    ],
    [
      'came and is a dead letter, too',
      (fates) => {
        fates.sent(1)
        fates.done(1)
        fates.letter(1, 'expired')
      },
    ],
    [
      'was refused and came',
      (fates) => {
        fates.refused(1)
        fates.done(1)
      },
    ],
  ])('notices one that %s', (_, tell) => {
    expect(told(tell).wrongs).toHaveLength(1)
  })

  it('notices one that nobody sent', () => {
    const fates = new Fates()
    fates.done(1)
    fates.end(died(0))
    expect(fates.wrongs).toHaveLength(1)
  })

  it('notices more uncommitted ones than deaths', () => {
    const fates = new Fates()
    fates.tried('sender', 1)
    fates.tried('sender', 2)
    fates.end(died(1))
    expect(fates.wrongs).toEqual(['sender died 1 times and left 2 messages uncommitted'])
  })
})

describe('its ear', () => {
  it('does not let the next incarnation end the line in which the last one died', () => {
    const runtime = new EventEmitter()
    const fates = new Fates()
    listenTo(runtime as unknown as Runtime, fates)
    const say = (text: string) => runtime.emit('output', { child: 'sender', chunk: new TextEncoder().encode(text) })
    // A full pipe takes what it has room for: lines come in pieces, and a kill may leave one unfinished.
    say('try 1\nse')
    say('nt 1\ntry')
    runtime.emit('health', { type: 'child.exited', child: 'sender', class: 'resource' })
    say('try 2\nsent 2\n')
    for (const id of [1, 2]) fates.done(id)
    fates.end(new Map([['sender', 1]]))
    expect(fates.wrongs).toEqual([])
    expect(fates.summary()).toBe('2 tried: 2 delivered')
  })
})

import type { LogRecord } from 'bulkhead'
import { describe, expect, it } from 'vitest'
import { createTestRuntime, guestFile } from '../../support/test-runtime.mjs'
import { restart, startKeepers } from './keeper-tree.js'

describe('what a child writes', () => {
  it('becomes records: lines of its outputs, and messages that it logged', async () => {
    const records: LogRecord[] = []
    const { ask, session } = await startKeepers({ keeper: {} }, { onLog: (record) => records.push(record) })
    await ask('keeper', 'print', 'one\ntwo \u001b[31m\nthree')
    await ask('keeper', 'complain', 'oh\n')
    await ask('keeper', 'log', 'warn', 'db', 'slow\nvery')
    await ask('keeper', 'log', 'trace', '', 'x'.repeat(5_000))
    await session.until(() => records.length >= 7, 'all records')
    const shown = (one: readonly LogRecord[]) =>
      one.map(({ stream, level, context, message }) => [stream, level, context, message.slice(0, 20)])
    const expected = [
      ['logging', 'trace', undefined, 'x'.repeat(20)],
      ['logging', 'trace', undefined, 'x'.repeat(20)],
      ['logging', 'trace', undefined, 'x'.repeat(20)],
      ['logging', 'warn', 'db', 'slow\nvery'],
      ['stderr', 'error', undefined, 'oh'],
      ['stdout', 'info', undefined, 'one'],
      ['stdout', 'info', undefined, 'two \u001b[31m'],
    ]
    expect(shown(records).sort()).toEqual(expected)
    expect(session.runtime.logs('keeper')).toEqual(records)
    expect(session.runtime.logs('keeper', { tail: 2 })).toEqual(records.slice(-2))
    expect(new Set(records.map(({ child, incarnation }) => `${child} ${incarnation}`))).toEqual(new Set(['keeper 1']))
    expect(records.map(({ seq }) => seq)).toEqual(records.map((_, index) => index + 1))
    await restart(session.runtime, 'keeper')
    // The line that nobody ended is one when its writer has ended.
    await session.until(
      () => session.runtime.logs('keeper').some(({ message }) => message === 'three'),
      'the last line',
    )
  })

  it('waits for its quota, loses nothing by that, and the operator is told', async () => {
    const { ask, session } = await startKeepers({
      keeper: { manifestLines: ['[quotas]', 'logs = "8KiB/s"'] },
    })
    expect((await ask('keeper', 'chatter', 200, 500))[0]).toBe('ok')
    await session.until(() => session.runtime.logs('keeper').length === 200, 'every message')
    const messages = session.runtime.logs('keeper').map(({ message }) => message.replace(/\.+$/, ''))
    expect(messages).toEqual(Array.from({ length: 200 }, (_, index) => String(index)))
    const exceeded = () =>
      session.events.find(({ type, reason = '' }) => type === 'quota.exceeded' && reason.startsWith('log bytes'))
    expect((await session.until(exceeded, 'quota.exceeded')).child).toBe('keeper')
  })

  it('is nothing where it may write nothing', async () => {
    const records: LogRecord[] = []
    const { ask, session } = await startKeepers(
      { keeper: { manifestLines: ['[quotas]', 'logs = "0B/s"'] }, neighbour: {} },
      { onLog: (record) => records.push(record) },
    )
    await ask('keeper', 'print', 'x\n'.repeat(1_000))
    await ask('keeper', 'chatter', 300, 500)
    await ask('keeper', 'log', 'error', '', 'x')
    await ask('neighbour', 'print', 'y\n')
    await session.until(() => records.length > 0, 'the record of the neighbour')
    expect(records.map(({ child }) => child)).toEqual(['neighbour'])
  })

  it('stands on stderr where a program runs alone', async () => {
    const runtime = await createTestRuntime()
    try {
      const { exitCode, stderr } = await runtime.exec(guestFile('storage-logger'))
      const lines = stderr.trimEnd().split('\n')
      expect([exitCode, lines.length, lines[3]]).toEqual([0, 300, `warn ${'.'.repeat(700)}`])
    } finally {
      await runtime.stop()
    }
  })
})

import type { LogLine } from '@bulkhead/vocabulary'
import { afterEach, expect, it } from 'vitest'
import { cleanUp, TestGuest } from '../guest.test-support.js'

afterEach(cleanUp)

function logged(act: (log: (level: string, context: string, message: string) => void) => void, room = 1_000) {
  const lines: LogLine[] = []
  let left = room
  const take = (line: LogLine): boolean => {
    if (left === 0) return false
    left--
    return lines.push(line) > 0
  }
  let parks = 0
  const park = (): void => {
    parks++
    left++
  }
  const guest = new TestGuest({ powers: { logs: { take }, park } })
  act((...args) => guest.call('wasi:logging/logging', 'log', ...args))
  return { lines, parks: () => parks }
}

it('hands on each message with its level and context', () => {
  const { lines } = logged((log) => {
    log('warn', 'db', 'slow\n\u001b[31m')
    log('trace', '', '')
  })
  expect(lines).toEqual([
    { level: 'warn', context: 'db', message: 'slow\n\u001b[31m' },
    { level: 'trace', context: '', message: '' },
  ])
})

it('loses nothing of a long message, and cuts no character in two', () => {
  const message = '😀'.repeat(2_501)
  const { lines } = logged((log) => log('info', 'c'.repeat(300), `x${message}`))
  expect(lines.map((line) => line.message).join('')).toBe(`x${message}`)
  expect(lines.map((line) => line.message.length)).toEqual([1_999, 2_000, 1_004])
  expect(lines[0]?.context).toHaveLength(256)
})

it('waits where there is no room', () => {
  const { lines, parks } = logged((log) => {
    log('error', '', 'one')
    log('critical', '', 'two')
  }, 1)
  expect([lines.length, parks()]).toEqual([2, 1])
})

it('is silent for a guest whose messages nobody wants', () => {
  expect(() => new TestGuest({}).call('wasi:logging/logging', 'log', 'info', '', 'x')).not.toThrow()
})

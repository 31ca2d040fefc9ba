import fc from 'fast-check'
import { expect, test } from 'vitest'
import {
  formatAge,
  formatBytes,
  formatDuration,
  formatPerHour,
  parseByteRate,
  parseBytes,
  parseDuration,
  parsePercent,
  parsePerHour,
  parseRate,
} from './units.js'

test('quantities as people write them', () => {
  expect(parseBytes('64MiB')).toBe(67_108_864)
  expect(parseBytes('0B')).toBe(0)
  expect(parseDuration('30s')).toBe(30_000)
  expect(parseRate('1000/s')).toEqual({ amount: 1000, perMs: 1000 })
  expect(parseRate('5/h')).toEqual({ amount: 5, perMs: 3_600_000 })
  expect(parseByteRate('10MiB/s')).toEqual({ amount: 10_485_760, perMs: 1000 })
  expect(parsePercent('150%')).toBe(150)
})

test.each(['64MB', '64', 'MiB', '-1MiB', '1.5MiB', ' 1MiB', '1MiB ', '01MiB', '9999999999999999GiB', 'unlimited', ''])(
  '`%s` is no amount of bytes',
  (text) => expect(parseBytes(text)).toBeUndefined(),
)

test.each(['1000', '1000/', '/s', '1000/d', '1e3/s', '9999999999999999/s'])('`%s` is no rate', (text) => {
  expect(parseRate(text)).toBeUndefined()
})

test('what is parsed is a safe integer or nothing', () => {
  fc.assert(
    fc.property(fc.nat(), fc.constantFrom('B', 'KiB', 'MiB', 'GiB', 'TiB'), (amount, unit) => {
      const bytes = parseBytes(`${amount}${unit}`)
      expect(bytes === undefined || Number.isSafeInteger(bytes)).toBe(true)
    }),
  )
})

test('rates, in the unit that loses nothing', () => {
  expect([3_600_000, 300, 5, 0].map(formatPerHour)).toEqual(['1000/s', '5/m', '5/h', '0/s'])
  expect(['1000/s', '5/m', '5/h', '5/d', '9999999999999/s'].map(parsePerHour)).toEqual([
    3_600_000,
    300,
    5,
    undefined,
    undefined,
  ])
})

test('for people', () => {
  expect([formatBytes(67_108_864), formatBytes(1536), formatBytes(12)]).toEqual(['64 MiB', '1.5 KiB', '12 B'])
  expect([formatDuration(0.25), formatDuration(12.4), formatDuration(1500), formatDuration(180_000)]).toEqual([
    '0.25 ms',
    '12 ms',
    '1.5 s',
    '3 min',
  ])
})

test('ages in at most two units', () => {
  const minute = 60_000
  expect([-5, 0, 999, 4_000, 123_456, 2 * minute, 60 * minute, 192 * minute, 125 * 60 * minute].map(formatAge)).toEqual(
    ['0 s', '0 s', '0 s', '4 s', '2 min 3 s', '2 min', '1 h', '3 h 12 min', '5 d 5 h'],
  )
})

import { expect, it } from 'vitest'
import { displayWidth } from './display-width.js'
import { paintFor } from './sgr.js'
import { renderTable } from './table.js'

it('aligns by the width on the screen, not by the number of code units', () => {
  const table = renderTable(
    [
      { title: 'name', align: 'left' },
      { title: 'n', align: 'right' },
    ],
    [
      ['数据', '1'],
      ['a', '1000'],
    ],
  )
  expect(table).toEqual(['name     n', '数据     1', 'a     1000'])
})

it('counts colour codes and combining marks as nothing', () => {
  expect(displayWidth('\u001b[31mred\u001b[39m')).toBe(3)
  expect(displayWidth('e\u0301')).toBe(1)
})

it('colours only on a terminal, and not where NO_COLOR is set', () => {
  expect(paintFor(true, {})('red', 'x')).toBe('\u001b[31mx\u001b[39m')
  expect(paintFor(true, { NO_COLOR: '' })('red', 'x')).toBe('\u001b[31mx\u001b[39m')
  expect(paintFor(true, { NO_COLOR: '1' })('red', 'x')).toBe('x')
  expect(paintFor(false, {})('red', 'x')).toBe('x')
})

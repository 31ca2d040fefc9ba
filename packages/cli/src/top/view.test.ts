import { expect, it } from 'vitest'
import type { Key } from '../terminal.js'
import type { TopRow } from './rows.js'
import { arranged, firstView, press, type TopView } from './view.js'

const key = (name: string, text = ''): Key => ({ name, ctrl: false, text })
const letter = (text: string): Key => key(text === '/' ? '' : text, text)

function pressed(keys: readonly Key[], from: TopView = firstView): TopView {
  let view = from
  for (const one of keys) {
    const next = press(view, one, 5)
    if (typeof next === 'string') throw new Error(next)
    view = next
  }
  return view
}

const row = (child: string, more: Partial<TopRow> = {}): TopRow => {
  return { child, state: 'running', level: 'thread', denied: 0, restarts: 0, ...more }
}
const rows = [
  row('lazy', { memory: { bytes: 9, maxBytes: 10 } }),
  row('busy', { cpuPercent: 80 }),
  row('bad', { cpuPercent: 1, deniedPerSecond: 2, denied: 4 }),
  row('was-bad', { denied: 9_000 }),
]
const names = (view: TopView): readonly string[] => arranged(rows, view).map(({ child }) => child)

it.each([
  ['c', ['busy', 'bad', 'lazy', 'was-bad']],
  ['m', ['lazy', 'bad', 'busy', 'was-bad']],
  ['d', ['bad', 'was-bad', 'busy', 'lazy']],
  ['n', ['bad', 'busy', 'lazy', 'was-bad']],
] as const)('sorts by %s, and by name among equals', (text, wanted) => {
  expect(names(pressed([letter(text)]))).toEqual(wanted)
})

it('filters by what is typed, keys of the view too', () => {
  const typing = pressed([letter('/'), letter('b'), letter('a'), letter('d'), letter('q')])
  expect(typing).toMatchObject({ filter: 'badq', isTyping: true })
  const typed = pressed([key('backspace'), key('return')], typing)
  expect(typed).toMatchObject({ filter: 'bad', isTyping: false, sort: 'cpu' })
  expect(names(typed)).toEqual(['bad', 'was-bad'])
  expect(pressed([key('escape')], typed).filter).toBe('')
  expect(pressed([key('enter')], typing).isTyping).toBe(false)
  expect(pressed([key('escape')], typing)).toMatchObject({ filter: '', isTyping: false })
  expect(
    pressed(
      Array.from({ length: 99 }, () => letter('x')),
      typing,
    ).filter,
  ).toHaveLength(64)
  expect(pressed([key('up'), key('left')], typing)).toEqual(typing)
})

it('goes up and down, and not above the first', () => {
  expect(pressed([key('down'), key('down'), key('up')]).offset).toBe(1)
  expect(pressed([key('pagedown'), key('down')]).offset).toBe(6)
  expect(pressed([key('pagedown'), key('pageup'), key('up')]).offset).toBe(0)
  expect(pressed([key('pagedown'), key('home')]).offset).toBe(0)
})

it('pauses, leaves, is interrupted, and minds no other key', () => {
  const paused = pressed([key('space', ' ')])
  expect(paused.isPaused).toBe(true)
  expect(pressed([key('space', ' ')], paused).isPaused).toBe(false)
  expect(press(firstView, letter('q'), 5)).toBe('leave')
  expect(press(firstView, { name: 'c', ctrl: true, text: '' }, 5)).toBe('interrupt')
  expect(press({ ...firstView, isTyping: true }, { name: 'c', ctrl: true, text: '' }, 5)).toBe('interrupt')
  expect(press(firstView, { name: 'z', ctrl: true, text: '' }, 5)).toBe(firstView)
  expect(press(firstView, letter('z'), 5)).toBe(firstView)
})

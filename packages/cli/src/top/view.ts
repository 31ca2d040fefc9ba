import { topFilterCharactersMax } from '../limits.js'
import type { Key } from '../terminal.js'
import type { TopRow } from './rows.js'

export type SortKey = 'cpu' | 'memory' | 'denials' | 'name'

/** What of a sample is shown, and how. */
export type TopView = {
  readonly sort: SortKey
  /** Only children whose names hold it. */
  readonly filter: string
  /** Keys write the filter. */
  readonly isTyping: boolean
  readonly isPaused: boolean
  /** Rows above the first one that is shown. */
  readonly offset: number
}

export const firstView: TopView = { sort: 'cpu', filter: '', isTyping: false, isPaused: false, offset: 0 }

const sorts: Readonly<Partial<Record<string, SortKey>>> = { c: 'cpu', m: 'memory', d: 'denials', n: 'name' }

/** What a key makes of a view. `page`: rows that fit on the screen. */
export function press(view: TopView, key: Key, page: number): TopView | 'leave' | 'interrupt' {
  if (key.ctrl) return key.name === 'c' ? 'interrupt' : view
  if (view.isTyping) return write(view, key)
  const sort = sorts[key.text]
  if (sort !== undefined) return { ...view, sort, offset: 0 }
  switch (key.name) {
    case 'q':
      return 'leave'
    case 'space':
      return { ...view, isPaused: !view.isPaused }
    case 'escape':
      return { ...view, filter: '', offset: 0 }
    case 'up':
      return { ...view, offset: Math.max(0, view.offset - 1) }
    case 'down':
      return { ...view, offset: view.offset + 1 }
    case 'pageup':
      return { ...view, offset: Math.max(0, view.offset - page) }
    case 'pagedown':
      return { ...view, offset: view.offset + page }
    case 'home':
      return { ...view, offset: 0 }
  }
  return key.text === '/' ? { ...view, isTyping: true } : view
}

function write(view: TopView, { name, text }: Key): TopView {
  switch (name) {
    case 'return':
    case 'enter':
      return { ...view, isTyping: false }
    case 'escape':
      return { ...view, isTyping: false, filter: '', offset: 0 }
    case 'backspace':
      return { ...view, filter: [...view.filter].slice(0, -1).join(''), offset: 0 }
  }
  return { ...view, filter: [...view.filter, ...text].slice(0, topFilterCharactersMax).join(''), offset: 0 }
}

/** The rows that a view wants, in its order; the greatest first, and names among equals. */
export function arranged(rows: readonly TopRow[], { sort, filter }: TopView): readonly TopRow[] {
  const weights: Readonly<Record<SortKey, (row: TopRow) => number>> = {
    cpu: ({ cpuPercent = 0 }) => cpuPercent,
    memory: ({ memory }) => memory?.bytes ?? 0,
    denials: ({ deniedPerSecond = 0, denied }) => deniedPerSecond * 1e9 + denied,
    name: () => 0,
  }
  const weight = weights[sort]
  return rows
    .filter(({ child }) => child.includes(filter))
    .toSorted((a, b) => weight(b) - weight(a) || (a.child < b.child ? -1 : 1))
}

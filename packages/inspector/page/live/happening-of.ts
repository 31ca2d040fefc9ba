import type { StreamItem } from '../../src/api-types.js'
import type { Happening } from '../model/page-state.js'

const missedWords = {
  'too-old': 'they are no longer kept',
  'too-slow': 'they came faster than they were read',
  'other-runtime': 'they were of another runtime, which ended',
} as const

/** A message of the stream as something that happens to the page's state. */
export function happeningOf(data: string, at: number): Happening {
  const item = JSON.parse(data) as StreamItem
  if (item.kind === 'health') return { ...item, at }
  if (item.kind !== 'missed') return item
  const count = item.count === 0 ? 'an unknown number of' : item.count
  return { kind: 'note', at, text: `missed ${count} events: ${missedWords[item.why]}` }
}

import { useState } from 'preact/hooks'
import { describeEvent, gravityOf } from '../model/describe-event.js'
import { clockText } from '../model/format.js'
import { entriesShownMax, filterCharactersMax } from '../model/limits.js'
import type { Entry } from '../model/page-state.js'

type Props = {
  readonly entries: readonly Entry[]
  /** So many have come in all. */
  readonly come: number
  readonly onSelect: (child: string) => void
}
type Kinds = 'all' | 'event' | 'denial'

/** Events and denials as they happen, newest first. It stands still while somebody points at it or reads in it. */
export function Stream({ entries, come, onSelect }: Props) {
  const [frozen, setFrozen] = useState<{ readonly entries: readonly Entry[]; readonly come: number }>()
  const [filter, setFilter] = useState('')
  const [kinds, setKinds] = useState<Kinds>('all')
  const wanted = filter.trim().toLowerCase()
  const shown = (frozen?.entries ?? entries)
    .filter((entry) => kinds === 'all' || entry.kind === kinds)
    .filter((entry) => wanted === '' || textOf(entry).toLowerCase().includes(wanted))
    .slice(0, entriesShownMax)
  const behind = come - (frozen?.come ?? come)
  const freeze = (): void => setFrozen((before) => before ?? { entries, come })
  const thaw = (): void => setFrozen(undefined)
  return (
    <section class="stream" aria-labelledby="stream-title">
      <h2 id="stream-title">As it happens</h2>
      <div class="filters">
        <input
          type="search"
          aria-label="Only lines with this text"
          placeholder="Filter"
          value={filter}
          maxLength={filterCharactersMax}
          onInput={(event) => setFilter(event.currentTarget.value)}
        />
        <select
          aria-label="Which lines"
          value={kinds}
          onChange={(event) => setKinds(event.currentTarget.value as Kinds)}
        >
          <option value="all">all</option>
          <option value="event">events</option>
          <option value="denial">denials</option>
        </select>
        <span class="dim">{frozen === undefined ? `${shown.length} shown` : `paused, ${behind} newer`}</span>
      </div>
      <div
        class="entries"
        role="log"
        aria-live="off"
        aria-labelledby="stream-title"
        // biome-ignore lint/a11y/noNoninteractiveTabindex: what scrolls must be reachable by keyboard.
        tabIndex={0}
        onMouseEnter={freeze}
        onMouseLeave={thaw}
        onFocusIn={freeze}
        onFocusOut={thaw}
      >
        {shown.length === 0 && <p class="dim">{entries.length === 0 ? 'Nothing yet.' : 'Nothing like that.'}</p>}
        {shown.map((entry) => (
          <Line key={entry.number} entry={entry} onSelect={onSelect} />
        ))}
      </div>
    </section>
  )
}

type LineProps = { readonly entry: Entry; readonly onSelect: (child: string) => void }

function Line({ entry, onSelect }: LineProps) {
  const child = childOf(entry)
  const { type, words, gravity, sign } = wordsOf(entry)
  return (
    <p class={`entry ${gravity}`}>
      <time dateTime={new Date(entry.time).toISOString()}>{clockText(entry.time)}</time>{' '}
      <span class="type">
        <span aria-hidden="true">{sign}</span> {type}
      </span>{' '}
      {child !== undefined && (
        <button type="button" class="link" onClick={() => onSelect(child)}>
          {child}
        </button>
      )}{' '}
      <span class="words">{words}</span>
    </p>
  )
}

function childOf(entry: Entry): string | undefined {
  return entry.kind === 'event' ? entry.event.child : entry.kind === 'denial' ? entry.denial.child : undefined
}

const signs = { bad: '✕', warn: '▲', quiet: '·' } as const

function wordsOf(entry: Entry) {
  if (entry.kind === 'note') return { type: 'page', words: entry.text, gravity: 'warn', sign: signs.warn }
  if (entry.kind === 'denial') {
    const { kind, action, resource, reason, count } = entry.denial
    const times = count > 1 ? ` (${count} times)` : ''
    return { type: 'denied', words: `${kind}.${action} ${resource}${times}: ${reason}`, gravity: 'bad', sign: '⊘' }
  }
  const gravity = gravityOf(entry.event.type)
  return { type: entry.event.type, words: describeEvent(entry.event), gravity, sign: signs[gravity] }
}

function textOf(entry: Entry): string {
  const { type, words } = wordsOf(entry)
  return `${type} ${childOf(entry) ?? ''} ${words}`
}

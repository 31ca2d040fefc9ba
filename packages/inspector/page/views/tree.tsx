import type { ChildStatus, TreeReport } from '@bulkhead/admin'
import { useEffect, useRef, useState } from 'preact/hooks'
import { flattenTree, moveInTree, type TreeRow } from '../model/flatten-tree.js'
import { bytesText, countText, rateText } from '../model/format.js'
import { childStanding, supervisorStanding } from '../model/standing.js'
import { Bar } from './bar.js'
import { Mark } from './mark.js'

type Props = {
  readonly report: TreeReport
  /** How many denials of each child are known. */
  readonly denied: ReadonlyMap<string, number>
  /** The child that is shown beside it. */
  readonly selected: string | undefined
  readonly onSelect: (child: string) => void
}

/** The supervision tree (WAI-ARIA tree view): one stop of the tab key, arrows within. */
export function Tree({ report, denied, selected, onSelect }: Props) {
  const [closed, setClosed] = useState<ReadonlySet<string>>(new Set())
  const [current, setCurrent] = useState(`s:${report.tree.supervisor}`)
  const shallFocus = useRef(false)
  const list = useRef<HTMLDivElement>(null)
  const rows = flattenTree(report, closed)
  const reachable = rows.some(({ key }) => key === current) ? current : rows[0]?.key

  useEffect(() => {
    if (!shallFocus.current) return
    shallFocus.current = false
    list.current?.querySelector<HTMLElement>('[tabindex="0"]')?.focus()
  })

  const toggle = (key: string): void => {
    setClosed((before) =>
      before.has(key) ? new Set([...before].filter((one) => one !== key)) : new Set([...before, key]),
    )
  }
  const choose = (row: TreeRow): void => {
    setCurrent(row.key)
    if (row.kind === 'child') onSelect(row.name)
    else toggle(row.key)
  }
  const onKeyDown = (event: KeyboardEvent): void => {
    const row = rows.find(({ key }) => key === reachable)
    if (row === undefined || event.ctrlKey || event.altKey || event.metaKey) return
    const move = moveInTree(rows, row.key, event.key)
    if (event.key === 'Enter' || event.key === ' ') choose(row)
    else if (move === undefined) return
    else if (move.kind === 'go') {
      shallFocus.current = true
      setCurrent(move.key)
    } else toggle(move.key)
    event.preventDefault()
  }

  return (
    <div class="tree" role="tree" aria-label="Supervision tree" ref={list} onKeyDown={onKeyDown}>
      {rows.map((row) => (
        // biome-ignore lint/a11y/useKeyWithClickEvents: the tree around it handles the keys of all of its lines.
        <div
          key={row.key}
          role="treeitem"
          class={`row ${row.kind} depth-${Math.min(row.depth, 8)}`}
          aria-level={row.depth}
          aria-posinset={row.place}
          aria-setsize={row.siblings}
          aria-selected={row.kind === 'child' && row.name === selected}
          aria-expanded={row.kind === 'supervisor' ? row.isOpen : undefined}
          tabIndex={row.key === reachable ? 0 : -1}
          onClick={() => choose(row)}
          data-name={row.name}
        >
          {row.kind === 'supervisor' ? (
            <SupervisorRow row={row} />
          ) : (
            <ChildRow child={row.child} denied={denied.get(row.name) ?? 0} />
          )}
        </div>
      ))}
    </div>
  )
}

function SupervisorRow({ row }: { readonly row: TreeRow & { readonly kind: 'supervisor' } }) {
  const { supervisor, strategy, isPool, why, restartsLeft, children } = row.supervisor
  return (
    <>
      <span class="name">
        <span aria-hidden="true">{row.isOpen ? '▾' : '▸'}</span> {supervisor}
      </span>
      <Mark {...supervisorStanding(row.supervisor)} />
      <span class="dim more">
        {isPool ? 'pool' : strategy} · {children.length} below
        {restartsLeft === undefined ? '' : ` · ${restartsLeft} restarts left`}
        {why === undefined ? '' : ` · ${why}`}
      </span>
    </>
  )
}

function ChildRow({ child, denied }: { readonly child: ChildStatus; readonly denied: number }) {
  const { memory, mailbox, level, rates, restarts } = child
  return (
    <>
      <span class="name">{child.child}</span>
      <Mark {...childStanding(child)} />
      <span class="more">
        <span class={level === 'thread' ? 'level dim' : 'level raised'}>{level}</span>
        <span class="memory">
          {memory !== undefined && (
            <>
              <Bar value={memory.bytes} max={memory.maxBytes} />
              <span class="number">
                <span class="unseen">memory </span>
                {bytesText(memory.bytes)}
              </span>
            </>
          )}
        </span>
        <span class="number">
          {mailbox !== undefined && countText(mailbox.messages, 'message')}
          {mailbox !== undefined && rates !== undefined && ' · '}
          {rates !== undefined && `${rateText(rates.publishedPerSecond + rates.handledPerSecond)}/s`}
        </span>
        <span class="number">
          {denied > 0 && <span class="raised">{denied} denied</span>}
          {restarts > 0 && (
            <span class="dim">
              {' '}
              {restarts} <span aria-hidden="true">↻</span>
              <span class="unseen"> restarts</span>
            </span>
          )}
        </span>
      </span>
    </>
  )
}

import { countText, durationText } from '../model/format.js'
import { reasonsAtOnce } from '../model/limits.js'
import type { Connection, PageState } from '../model/page-state.js'
import { statusStanding } from '../model/standing.js'
import { useNow } from './clock.js'
import { Mark } from './mark.js'

type Props = { readonly state: PageState; readonly onRetry: () => void; readonly onUnlock: () => void }

/** How the whole stands, and whether what the page shows is still true. */
export function Header({ state, onRetry, onUnlock }: Props) {
  const { health } = state
  const now = useNow()
  return (
    <header class="top">
      <h1>Bulkhead</h1>
      <ConnectionState connection={state.connection} now={now} onRetry={onRetry} onUnlock={onUnlock} />
      {health !== undefined && (
        <ul class="facts" aria-label="Health">
          <li>
            <Mark {...statusStanding(health.status)} />
          </li>
          <li>{health.ready ? 'ready' : 'not ready'}</li>
          <li>{health.live ? 'live' : 'not live'}</li>
          <li title={new Date(health.since).toISOString()}>up {durationText(now - health.since)}</li>
          <li>{wallsText(health.walls)}</li>
          <li>
            {health.security.violations === 0
              ? 'no violations'
              : `${health.security.violations} violations since the start`}
          </li>
          <li class="dim">
            {health.version} · Node {health.node.replace(/^v/, '')} · process {health.pid}
          </li>
        </ul>
      )}
      {health !== undefined && health.reasons.length > 0 && <Reasons reasons={health.reasons} />}
    </header>
  )
}

/** The gravest come first; the others are a click away, so that the tree stays in sight. */
function Reasons({ reasons }: { readonly reasons: readonly string[] }) {
  const list = (some: readonly string[]) => (
    <ul>
      {some.map((reason) => (
        <li key={reason}>{reason}</li>
      ))}
    </ul>
  )
  const further = reasons.slice(reasonsAtOnce)
  return (
    <section class="reasons" aria-label="Why it is not all well">
      {list(reasons.slice(0, reasonsAtOnce))}
      {further.length > 0 && (
        <details>
          <summary>{countText(further.length, 'further reason')}</summary>
          {list(further)}
        </details>
      )}
    </section>
  )
}

function wallsText(walls: NonNullable<PageState['health']>['walls']): string {
  if (walls === undefined) return 'walls: not looked at yet'
  const missing = walls.missing.map(({ wall, reason }) => `${wall} (${reason})`)
  const up = walls.up.length === 0 ? 'none' : walls.up.join(', ')
  return missing.length === 0 ? `walls: ${up}` : `walls: ${up}; missing: ${missing.join(', ')}`
}

type StateProps = Omit<Props, 'state'> & { readonly connection: Connection; readonly now: number }

function ConnectionState({ connection, now, onRetry, onUnlock }: StateProps) {
  const { sign, tone, words } = wordsOf(connection)
  return (
    <div class="connection">
      <p role="status" class={`mark ${tone}`}>
        <span aria-hidden="true">{sign}</span> {words}
      </p>
      {connection.kind === 'lost' && (
        <>
          <span class="dim">
            for {durationText(now - connection.since)}; again in {durationText(connection.retryAt - now)}
          </span>
          <button type="button" onClick={onRetry}>
            Try now
          </button>
        </>
      )}
      {connection.kind === 'locked' && (
        <button type="button" onClick={onUnlock}>
          Give the token
        </button>
      )}
    </div>
  )
}

/** Without the seconds that pass: a screen reader is told of changes, not of time. */
function wordsOf(connection: Connection) {
  switch (connection.kind) {
    case 'connecting':
      return { sign: '◌', tone: 'busy', words: 'connecting' }
    case 'live':
      return { sign: '●', tone: 'good', words: 'connected' }
    case 'lost':
      return { sign: '✕', tone: 'bad', words: `not connected: ${connection.why}; what is shown may be old` }
    case 'locked':
      return { sign: '‖', tone: 'wait', words: connection.why }
  }
}

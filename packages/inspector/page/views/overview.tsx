import type { HealthStatusReport } from '@bulkhead/admin'

/** What stands where nobody has chosen anything yet: the whole in numbers. */
export function Overview({ health }: { readonly health: HealthStatusReport | undefined }) {
  return (
    <section class="panel" aria-labelledby="overview-title">
      <h2 id="overview-title">All together</h2>
      {health !== undefined && <Numbers health={health} />}
      <p class="dim">Choose a child of the tree, or a request, to see more of it.</p>
    </section>
  )
}

function Numbers({ health }: { readonly health: HealthStatusReport }) {
  const { children, security, journal, zombies } = health
  const states = Object.entries(children).map(([state, count]) => `${count} ${state}`)
  return (
    <dl class="child-facts">
      <dt>Children</dt>
      <dd>{states.length === 0 ? 'none' : states.join(', ')}</dd>
      <Names title="Quarantined" names={security.quarantined} />
      <Names title="In a process" names={security.isolated} />
      <Names title="Reduced" names={security.reduced} />
      <dt>Audit journal</dt>
      <dd class={journal.stalled ? 'bad' : ''}>
        {journal.stalled ? '✕ stalled' : 'writes'}
        {journal.strict ? ', before anything is done' : ''}
      </dd>
      {zombies > 0 && (
        <>
          <dt>Zombies</dt>
          <dd class="bad">✕ {zombies} threads would not end</dd>
        </>
      )}
    </dl>
  )
}

function Names({ title, names }: { readonly title: string; readonly names: readonly string[] }) {
  if (names.length === 0) return null
  return (
    <>
      <dt>{title}</dt>
      <dd class="warn">{names.join(', ')}</dd>
    </>
  )
}

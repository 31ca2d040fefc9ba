import { clockText } from '../model/format.js'
import { denialsShownMax } from '../model/limits.js'
import type { Entry } from '../model/page-state.js'

/** What was refused to a child, and what would allow it: for one run, and from now on. */
export function Denials({ entries, child }: { readonly entries: readonly Entry[]; readonly child: string }) {
  const own = entries.flatMap((entry) =>
    entry.kind === 'denial' && entry.denial.child === child ? [entry.denial] : [],
  )
  return (
    <section aria-labelledby="denials-title">
      <h3 id="denials-title">What was denied</h3>
      {own.length === 0 && <p class="dim">Nothing that this page has seen.</p>}
      <ul class="plain denials">
        {own.slice(0, denialsShownMax).map((denial) => (
          <li key={denial.id}>
            <time dateTime={new Date(denial.time).toISOString()}>{clockText(denial.time)}</time>{' '}
            <code>
              {denial.kind}.{denial.action} {denial.resource}
            </code>
            {denial.count > 1 && ` ${denial.count} times`}
            <div>{denial.reason}</div>
            {[...(denial.allow === null ? [] : [denial.allow]), ...denial.always].map((line) => (
              <code class="hint" key={line}>
                {line}
              </code>
            ))}
            {denial.allow === null && denial.always.length === 0 && <div class="dim">Nothing would allow it.</div>}
          </li>
        ))}
      </ul>
      {own.length > denialsShownMax && <p class="dim">And {own.length - denialsShownMax} more before them.</p>}
    </section>
  )
}

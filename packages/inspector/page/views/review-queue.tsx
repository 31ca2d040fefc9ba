import type { ReviewSummary } from '@bulkhead/admin'
import { countText, durationText } from '../model/format.js'
import { useNow } from './clock.js'

type Props = {
  readonly reviews: readonly ReviewSummary[]
  readonly selected: string | undefined
  readonly onReview: (child: string) => void
}

/** The components that wait for somebody's decision. */
export function ReviewQueue({ reviews, selected, onReview }: Props) {
  const now = useNow()
  return (
    <section class="queue" aria-labelledby="queue-title">
      <h2 id="queue-title">Waiting for review</h2>
      {reviews.length === 0 && <p class="dim">Nobody.</p>}
      <ul class="plain">
        {reviews.map(({ child, trust, capabilities, risks, requestedAt, state }) => (
          <li key={child}>
            <button type="button" aria-pressed={child === selected} onClick={() => onReview(child)}>
              <strong>{child}</strong> asks for {countText(capabilities, 'capability', 'capabilities')}
              {risks > 0 && (
                <span class="raised">
                  {' '}
                  <span aria-hidden="true">▲</span> {countText(risks, 'risk')}
                </span>
              )}{' '}
              <span class="dim">
                {state} · trust {trust} · for {durationText(now - requestedAt)}
              </span>
            </button>
          </li>
        ))}
      </ul>
    </section>
  )
}

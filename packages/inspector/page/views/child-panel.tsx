import type { ChildStatus } from '@bulkhead/admin'
import type { ChildAnswer, OrderAnswer } from '../../src/api-types.js'
import { type Answer, childPath, type Server } from '../live/ask.js'
import { useAnswer } from '../live/use-answer.js'
import { bytesText, durationText } from '../model/format.js'
import { type ChildOrder, ordersFor, orderWords } from '../model/orders-for.js'
import type { PageState } from '../model/page-state.js'
import { childStanding } from '../model/standing.js'
import { Bar } from './bar.js'
import { Capabilities } from './capabilities.js'
import { useNow } from './clock.js'
import type { Question } from './confirm.js'
import { Denials } from './denials.js'
import { Mark } from './mark.js'
import { Plots } from './plots.js'
import { Trouble } from './trouble.js'

type Props = {
  readonly child: ChildStatus
  readonly state: PageState
  readonly server: Server
  readonly onQuestion: (question: Question) => void
  readonly onReview: (child: string) => void
}

/** One child: how it stands and why, what it may do, what was refused, what can be ordered of it. */
export function ChildPanel({ child, state, server, onQuestion, onReview }: Props) {
  const freshness = `${state.liveSince} ${child.state} ${child.incarnation} ${child.level} ${child.approval} ${policyNews(state)}`
  const answer = useAnswer<ChildAnswer>(server, childPath(child.child), freshness)
  // Members of a pool are approved together.
  const asker = child.memberOf ?? child.child
  const isAsking = state.reviews.some((review) => review.child === asker)
  return (
    <section class="panel" aria-labelledby="child-title">
      <h2 id="child-title">{child.child}</h2>
      <Facts child={child} />
      <div class="buttons">
        {ordersFor(child).map((order) => (
          <button type="button" key={order} onClick={() => onQuestion(orderQuestion(server, child.child, order))}>
            {capitalised(order)}
          </button>
        ))}
        {isAsking && (
          <button type="button" class="main" onClick={() => onReview(asker)}>
            Review its request
          </button>
        )}
      </div>
      <Plots samples={state.samples} child={child.child} />
      <Denials entries={state.entries} child={child.child} />
      {answer?.kind === 'ok' && <Capabilities effective={answer.value.effective} />}
      {answer !== undefined && answer.kind !== 'ok' && <Trouble trouble={answer} />}
    </section>
  )
}

/** What a child may do changes with events of these kinds, of whomever: roles and default policies bind several. */
function policyNews({ entries }: PageState): number {
  const news = entries.find((entry) => entry.kind === 'event' && /^(policy|approval)\./.test(entry.event.type))
  return news?.number ?? 0
}

function Facts({ child }: { readonly child: ChildStatus }) {
  const now = useNow()
  const { memory, mailbox, next } = child
  return (
    <dl class="child-facts">
      <dt>State</dt>
      <dd>
        <Mark {...childStanding(child)} /> <span class="dim">for {durationText(now - child.since)}</span>
      </dd>
      {child.why !== undefined && (
        <>
          <dt>Why</dt>
          <dd>{child.why}</dd>
        </>
      )}
      {next !== undefined && (
        <>
          <dt>Next</dt>
          <dd>
            {next.what}
            {next.at !== undefined && ` in ${durationText(next.at - now)}`}
          </dd>
        </>
      )}
      <dt>Level</dt>
      <dd>
        <span class={child.level === 'thread' ? '' : 'raised'}>{child.level}</span>{' '}
        <span class="dim">isolation score {child.score}; at 4 it climbs a rung</span>
      </dd>
      {memory !== undefined && (
        <>
          <dt>Memory</dt>
          <dd>
            <Bar value={memory.bytes} max={memory.maxBytes} /> {bytesText(memory.bytes)} of {bytesText(memory.maxBytes)}
          </dd>
        </>
      )}
      {mailbox !== undefined && (
        <>
          <dt>Mailbox</dt>
          <dd>
            <Bar value={mailbox.messages} max={mailbox.messagesMax} /> {mailbox.messages} of {mailbox.messagesMax}
            {mailbox.oldestMs !== undefined && `, the oldest ${durationText(mailbox.oldestMs)} old`}
          </dd>
        </>
      )}
      <dt>Restarts</dt>
      <dd>
        {child.restarts}; {child.restartsLeft} more would be forgiven now
      </dd>
      <dt>Component</dt>
      <dd>
        <code>{child.component}</code>{' '}
        <span class="dim">
          under {child.supervisor} · trust {child.trust} · approval {child.approval} · incarnation {child.incarnation}
        </span>
      </dd>
    </dl>
  )
}

function orderQuestion(server: Server, child: string, order: ChildOrder): Question {
  const isRelease = order === 'release'
  return {
    title: `${capitalised(order)} ${child}?`,
    words: orderWords[order],
    verb: capitalised(order),
    reason: isRelease ? 'required' : 'none',
    isGrave: order === 'stop' || isRelease,
    carryOut: async (reason) => {
      const path = childPath(child, `/${order}`)
      if (isRelease) return server.order(path, { reason })
      return unfulfilled(await server.order<OrderAnswer>(path, {}))
    },
  }
}

/** An order that was taken and came to nothing is told as such. */
function unfulfilled(answer: Answer<OrderAnswer>): Answer<OrderAnswer> {
  if (answer.kind !== 'ok') return answer
  const failed = answer.value.members.filter(({ outcome }) => ['failed', 'zombie', 'quarantined'].includes(outcome))
  if (failed.length === 0) return answer
  const message = failed.map(({ child, outcome, why }) => `${child}: ${outcome}${why === undefined ? '' : `, ${why}`}`)
  return { kind: 'refused', message: message.join('; ') }
}

function capitalised(word: string): string {
  return word.charAt(0).toUpperCase() + word.slice(1)
}

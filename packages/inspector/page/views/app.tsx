import { useEffect, useState } from 'preact/hooks'
import type { Server } from '../live/ask.js'
import type { Connection } from '../live/connection.js'
import { type Store, useStore } from '../live/store.js'
import { deniedByChild } from '../model/denied-by-child.js'
import type { PageState } from '../model/page-state.js'
import { statusStanding } from '../model/standing.js'
import { ChildPanel } from './child-panel.js'
import { Confirm, type Question } from './confirm.js'
import { Header } from './header.js'
import { Overview } from './overview.js'
import { ReviewPanel } from './review-panel.js'
import { ReviewQueue } from './review-queue.js'
import { Stream } from './stream.js'
import { Tree } from './tree.js'

type Shown = { readonly kind: 'child' | 'review'; readonly child: string }
type Props = { readonly store: Store; readonly server: Server; readonly connection: Connection }

export function App({ store, server, connection }: Props) {
  const state = useStore(store)
  const [shown, setShown] = useState<Shown>()
  const [question, setQuestion] = useState<Question>()
  const showChild = (child: string): void => setShown({ kind: 'child', child })
  const showReview = (child: string): void => setShown({ kind: 'review', child })
  const unlock = (): void => setQuestion(unlocking(server, connection))
  useTitle(state)
  const close = (): void => setQuestion(undefined)
  return (
    <>
      <Header state={state} onRetry={() => connection.retryNow()} onUnlock={unlock} />
      <main>
        <div class="side">
          <section aria-labelledby="tree-title">
            <h2 id="tree-title">Supervision tree</h2>
            {state.tree === undefined ? (
              <p class="dim">Nothing is known yet.</p>
            ) : (
              <Tree
                report={state.tree}
                denied={deniedByChild(state.entries)}
                selected={shown?.kind === 'child' ? shown.child : undefined}
                onSelect={showChild}
              />
            )}
          </section>
          <ReviewQueue
            reviews={state.reviews}
            selected={shown?.kind === 'review' ? shown.child : undefined}
            onReview={showReview}
          />
        </div>
        <Detail {...{ shown, state, server }} onQuestion={setQuestion} onReview={showReview} />
        <Stream entries={state.entries} come={state.entryNumber} onSelect={showChild} />
      </main>
      {question !== undefined && <Confirm question={question} keeper={server.keeper} onClose={close} />}
    </>
  )
}

/** So that a tab in the background tells how it stands. */
function useTitle({ health, connection }: PageState): void {
  const isOld = connection.kind === 'lost'
  const { sign, words } =
    isOld || health === undefined ? { sign: '✕', words: 'not connected' } : statusStanding(health.status)
  useEffect(() => {
    document.title = `${sign} ${words} · Bulkhead`
  }, [sign, words])
}

type DetailProps = {
  readonly shown: Shown | undefined
  readonly state: PageState
  readonly server: Server
  readonly onQuestion: (question: Question) => void
  readonly onReview: (child: string) => void
}

function Detail({ shown, state, server, onQuestion, onReview }: DetailProps) {
  if (shown === undefined) return <Overview health={state.health} />
  const review = state.reviews.find(({ child }) => child === shown.child)
  if (shown.kind === 'review' && review !== undefined)
    return (
      <ReviewPanel
        child={shown.child}
        freshness={`${review.fingerprint} ${state.liveSince}`}
        server={server}
        onQuestion={onQuestion}
      />
    )
  // What was decided is a child again: its panel shows what comes of it.
  const child = state.tree?.children.find((one) => one.child === shown.child || one.memberOf === shown.child)
  if (child === undefined) return <section class="panel empty">{shown.child} is not in the tree.</section>
  return <ChildPanel key={child.child} {...{ child, state, server, onQuestion, onReview }} />
}

/** Nothing but the token is asked for; the stream shows whether it is the right one. */
function unlocking(server: Server, connection: Connection): Question {
  return {
    title: 'The token, please',
    words: 'This server tells nothing to whom it does not know: it does not listen on loopback alone.',
    verb: 'Connect',
    reason: 'none',
    isGrave: false,
    carryOut: async () => {
      const answer = await server.question('api/tree')
      if (answer.kind === 'ok') connection.retryNow()
      return answer
    },
  }
}

import type { ChangesReport, RequestReport, ReviewReport } from '@bulkhead/admin'
import { useState } from 'preact/hooks'
import { reviewPath, type Server } from '../live/ask.js'
import { useAnswer } from '../live/use-answer.js'
import { patternCharactersMax } from '../model/limits.js'
import { narrowed } from '../model/narrowed.js'
import type { Question } from './confirm.js'
import { Trouble } from './trouble.js'

type Props = {
  readonly child: string
  /** Another one means that there may be another request. */
  readonly freshness: string
  readonly server: Server
  readonly onQuestion: (question: Question) => void
}

/** A request as a reviewer needs it, and the decision: about exactly what is shown. */
export function ReviewPanel({ child, freshness, server, onQuestion }: Props) {
  const answer = useAnswer<ReviewReport>(server, reviewPath(child), freshness)
  return (
    <section class="panel review" aria-labelledby="review-title">
      <h2 id="review-title">{child} asks to run</h2>
      {answer === undefined && <p class="dim">Asking.</p>}
      {answer?.kind === 'ok' && (
        <Review key={answer.value.request.fingerprint} review={answer.value} server={server} onQuestion={onQuestion} />
      )}
      {answer !== undefined && answer.kind !== 'ok' && <Trouble trouble={answer} />}
    </section>
  )
}

type ReviewProps = { readonly review: ReviewReport } & Pick<Props, 'server' | 'onQuestion'>

function Review({ review, server, onQuestion }: ReviewProps) {
  const { request, child } = review
  const [left, setLeft] = useState<readonly (string | undefined)[]>(request.asks.map(({ pattern }) => pattern))
  const narrow = narrowed(request.asks, left)
  const decide = (verdict: 'approve' | 'deny'): void => onQuestion(decision(server, review, verdict, narrow))
  return (
    <>
      <p>
        <code>{review.reference}</code> · trust {review.trust.level} ({review.trust.reason})
      </p>
      <Words request={request} />
      <h3>Risks</h3>
      {request.risks.length === 0 && <p>None that we know to name.</p>}
      <ul class="plain risks">
        {request.risks.map(({ flag, about, words }) => (
          <li key={`${flag} ${about}`}>
            <span class="raised">
              <span aria-hidden="true">▲</span> {flag}
            </span>{' '}
            {about}: {words}
          </li>
        ))}
      </ul>
      {request.changes !== undefined && <Changes changes={request.changes} />}
      <fieldset>
        <legend>What it asks for. Take a tick away, or write a narrower pattern, to leave it less.</legend>
        {request.asks.length === 0 && <p>No capability at all.</p>}
        {request.asks.map((ask, index) => (
          <Ask
            key={`${ask.kind} ${ask.actions.join()} ${ask.pattern}`}
            ask={ask}
            left={left[index]}
            onLeft={(pattern) => setLeft(left.with(index, pattern))}
          />
        ))}
      </fieldset>
      <Further title="Mounts" lines={request.mounts} />
      <Further title="Inherited variables" lines={request.inherited} />
      <Further title="Interfaces" lines={request.interfaces} />
      <div class="buttons">
        <button type="button" class="main" onClick={() => decide('approve')}>
          {narrow === undefined ? `Approve ${child}` : `Approve ${child} with less`}
        </button>
        <button type="button" class="grave" onClick={() => decide('deny')}>
          Deny {child}
        </button>
      </div>
      <History history={review.history} />
    </>
  )
}

function Words({ request }: { readonly request: RequestReport }) {
  const { componentId, version, description } = request
  return (
    <p class="said">
      It says of itself: <q>{componentId.componentSays}</q>
      {version !== undefined && (
        <>
          , version <q>{version.componentSays}</q>
        </>
      )}
      {description !== undefined && (
        <>
          , <q>{description.componentSays}</q>
        </>
      )}
    </p>
  )
}

type AskProps = {
  readonly ask: RequestReport['asks'][number]
  /** `undefined`: nothing of it. */
  readonly left: string | undefined
  readonly onLeft: (pattern: string | undefined) => void
}

function Ask({ ask, left, onLeft }: AskProps) {
  const name = `${ask.kind}.${ask.actions.join('/')}`
  return (
    <div class="ask">
      <label>
        <input
          type="checkbox"
          checked={left !== undefined}
          onChange={(event) => onLeft(event.currentTarget.checked ? ask.pattern : undefined)}
        />{' '}
        {ask.words} <span class="dim">{ask.optional ? 'optional' : 'required'}</span>
      </label>
      <label class="pattern">
        <code>{name}</code>
        <input
          class="monospace"
          value={left ?? ask.pattern}
          aria-label={`Pattern of ${name} ${ask.pattern}`}
          disabled={left === undefined}
          maxLength={patternCharactersMax}
          onInput={(event) => onLeft(event.currentTarget.value)}
        />
      </label>
      {ask.why.map(({ componentSays }) => (
        <p class="said" key={componentSays}>
          It says why: <q>{componentSays}</q>
        </p>
      ))}
    </div>
  )
}

function Changes({ changes }: { readonly changes: NonNullable<RequestReport['changes']> }) {
  const what = [...(changes.component ? ['its code'] : []), ...(changes.manifest ? ['its manifest'] : [])]
  return (
    <>
      <h3>Changed since it was approved last</h3>
      <p>{what.length === 0 ? 'Neither its code nor its manifest.' : `Changed: ${what.join(' and ')}.`}</p>
      <Difference title="Capabilities" {...changes.capabilities} />
      <Difference title="Mounts" {...changes.mounts} />
      <Difference title="Inherited variables" {...changes.inherited} />
      <Difference title="Interfaces" {...changes.interfaces} />
    </>
  )
}

function Difference({ title, added, removed, changed }: ChangesReport & { readonly title: string }) {
  const lines = [
    ...added.map((text) => ({ sign: '+', words: 'added', text })),
    ...removed.map((text) => ({ sign: '−', words: 'removed', text })),
    ...changed.map((text) => ({ sign: '~', words: 'changed', text })),
  ]
  if (lines.length === 0) return null
  return (
    <>
      <h4>{title}</h4>
      <ul class="plain difference">
        {lines.map(({ sign, words, text }) => (
          <li key={`${sign}${text}`} class={words}>
            <span aria-hidden="true">{sign}</span>
            <span class="unseen">{words}</span> <code>{text}</code>
          </li>
        ))}
      </ul>
    </>
  )
}

function Further({ title, lines }: { readonly title: string; readonly lines: readonly string[] }) {
  if (lines.length === 0) return null
  return (
    <>
      <h3>{title}</h3>
      <ul class="plain">
        {lines.map((line) => (
          <li key={line}>
            <code>{line}</code>
          </li>
        ))}
      </ul>
    </>
  )
}

function History({ history }: Pick<ReviewReport, 'history'>) {
  if (history.length === 0) return null
  return (
    <>
      <h3>Decided before</h3>
      <ul class="plain">
        {history.map(({ time, verdict, reviewer, reason, narrow }) => (
          <li key={time}>
            {new Date(time).toLocaleString()}: {verdict} by {reviewer}
            {reason !== undefined && reason !== '' && `: ${reason}`}
            {narrow !== undefined && ` (only ${narrow.join(', ')})`}
          </li>
        ))}
      </ul>
    </>
  )
}

function decision(
  server: Server,
  { child, request: { fingerprint } }: ReviewReport,
  verdict: 'approve' | 'deny',
  narrow: readonly string[] | undefined,
): Question {
  if (verdict === 'deny')
    return {
      title: `Deny ${child}?`,
      words: 'It stays refused until it is approved or changes.',
      verb: 'Deny',
      reason: 'required',
      isGrave: true,
      carryOut: (reason) => server.order(reviewPath(child, '/deny'), { fingerprint, reason }),
    }
  const left = narrow === undefined ? {} : { narrow }
  const given = (reason: string) => (reason === '' ? {} : { reason })
  return {
    title: `Approve ${child}?`,
    words:
      narrow === undefined
        ? 'It starts with all that it asks for, and keeps it until its code or its request changes.'
        : `It starts with ${narrow.length === 0 ? 'nothing' : narrow.join(', ')}, and keeps that until its code or its request changes.`,
    verb: 'Approve',
    reason: 'optional',
    isGrave: false,
    carryOut: (reason) => server.order(reviewPath(child, '/approve'), { fingerprint, ...left, ...given(reason) }),
  }
}

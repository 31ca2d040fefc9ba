import type { ChangesReport, ComponentWords, DecisionReport, ReviewReport } from '@bulkhead/admin'
import { printable } from '../printable.js'
import type { Paint } from '../sgr.js'
import { instantText, itsWords, uncut } from '../wording.js'

/**
 * What a reviewer reads before deciding: who it is, what it asks for in plain words with its own reasons beside, what is
 * risky, what changed since the last approval, and the commands that decide about exactly this.
 */
export function renderReview(review: ReviewReport, paint: Paint): readonly string[] {
  const { child, state, reviewer, trust, requestedAt, reference, request } = review
  const section = (title: string, lines: readonly string[]): readonly string[] =>
    lines.length === 0 ? [] : ['', paint('bold', title), ...lines]
  const looking = reviewer === undefined ? '' : `, ${printable(reviewer)} looks at it`
  const version = request.version === undefined ? '' : ` ${words(request.version)}`
  return [
    `${paint('bold', printable(child))}  ${state} since ${instantText(requestedAt)}${looking}`,
    `  component  ${printable(reference)}  ${request.componentDigest}`,
    `  manifest   ${request.manifestDigest ?? 'none: it declares nothing'}`,
    `  names      itself ${words(request.componentId)}${version}`,
    `  trust      ${trust.level}: ${printable(trust.reason)}`,
    ...(request.description === undefined ? [] : [`  ${paint('dim', itsWords(request.description.componentSays))}`]),
    ...section('asks to', renderAsks(review, paint)),
    ...section('mounts', indented(request.mounts)),
    ...section('variables of the host', indented(request.inherited)),
    ...section('interfaces of the host', indented(request.interfaces)),
    ...section(
      'look twice',
      request.risks.map(
        (risk) => `  ${paint('yellow', risk.flag)}  ${printable(risk.about)}: ${printable(risk.words)}`,
      ),
    ),
    ...section(...changesSection(review, paint)),
    ...section('decided before', review.history.map(decisionLine)),
    ...section('decide', decisionCommands(review)),
  ]
}

function renderAsks({ request }: ReviewReport, paint: Paint): readonly string[] {
  if (request.asks.length === 0) return ['  nothing']
  return request.asks.flatMap(({ words: meaning, optional, kind, actions, pattern, why }) => [
    `  ${printable(meaning)}${optional ? ' (optional: it also starts without)' : ''}`,
    `      ${paint('dim', `${kind}.${actions.join(',')} ${printable(pattern)}`)}`,
    ...why.map(({ componentSays }) => `      ${paint('dim', itsWords(componentSays))}`),
  ])
}

function changesSection({ request }: ReviewReport, paint: Paint): readonly [string, readonly string[]] {
  const { changes } = request
  if (changes === undefined) return ['changed since the last approval', []]
  const listed = (what: string, { added, removed, changed }: ChangesReport): readonly string[] => [
    ...added.map((text) => paint('green', `  + ${what} ${printable(text)}`)),
    ...removed.map((text) => paint('red', `  - ${what} ${printable(text)}`)),
    ...changed.map((text) => paint('yellow', `  ~ ${what} ${printable(text)}`)),
  ]
  return [
    'changed since the last approval',
    [
      ...(changes.component ? ['  the component has other bytes'] : []),
      ...(changes.manifest ? ['  the manifest has other bytes'] : []),
      ...listed('capability', changes.capabilities),
      ...listed('mount', changes.mounts),
      ...listed('variable', changes.inherited),
      ...listed('interface', changes.interfaces),
    ],
  ]
}

function decisionLine({ verdict, reviewer, time, reason, narrow }: DecisionReport): string {
  const why = reason === undefined || reason === '' ? '' : `: ${printable(reason)}`
  const less = narrow === undefined ? '' : `, narrowed to ${narrow.map((one) => printable(one)).join(' ')}`
  return `  ${instantText(time)}  ${verdict} by ${printable(reviewer)}${less}${why}`
}

/** With the fingerprint, so that what is approved is what was read. */
function decisionCommands({ child, request }: ReviewReport): readonly string[] {
  return [
    `  bulkhead approve ${child} --fingerprint ${request.fingerprint}`,
    `  bulkhead approve ${child} --fingerprint ${request.fingerprint} --narrow KIND.ACTION=PATTERN`,
    `  bulkhead deny ${child} --fingerprint ${request.fingerprint} --reason "…"`,
  ].map(uncut)
}

function indented(lines: readonly string[]): readonly string[] {
  return lines.map((line) => `  ${printable(line)}`)
}

function words({ componentSays }: ComponentWords): string {
  return `“${printable(componentSays)}”`
}

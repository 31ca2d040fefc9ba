import type { RecommendationReport, WrittenGrant } from '@bulkhead/admin'
import { printable } from '../printable.js'
import type { Paint } from '../sgr.js'
import { type Column, renderTable } from '../table.js'
import { capabilityText, counted, instantText, pathText } from '../wording.js'

const columns: readonly Column[] = [
  { title: 'capability', align: 'left' },
  { title: 'uses', align: 'right' },
  { title: 'names', align: 'right' },
  { title: 'confidence', align: 'right' },
  { title: 'reason', align: 'left' },
]

/** The recommendation for people: each line with its reason, what nobody used, what was denied, and from what it is drawn. */
export function renderRecommendation(report: RecommendationReport, paint: Paint, directory: string): readonly string[] {
  const section = (title: string, lines: readonly string[]): readonly string[] =>
    lines.length === 0 ? [] : ['', paint('bold', title), ...lines]
  return [
    `${paint('bold', printable(report.child))}  ${observedText(report)}`,
    ...section('recommended', renderLines(report, paint)),
    ...section(
      'granted and never used',
      report.unused.map((grant) => writtenLine(grant, directory)),
    ),
    ...section('denied', renderDenied(report, paint)),
    ...section(
      'know before you use it',
      report.notes.map((note) => `  ${printable(note)}`),
    ),
  ]
}

/** Only what would change. */
export function renderRecommendedDiff({ diff }: RecommendationReport, paint: Paint): readonly string[] {
  const { added, removed, kept } = diff
  return [
    ...removed.map((grant) => paint('red', `- ${capabilityText(grant)}`)),
    ...added.map((grant) => paint('green', `+ ${capabilityText(grant)}`)),
    `${counted(kept.length, 'rule')} kept`,
  ]
}

function observedText({ observed, probes, generalise }: RecommendationReport): string {
  const { records, accesses, from, to, leftOut, uncounted } = observed
  const span = from === undefined || to === undefined ? '' : ` from ${instantText(from)} to ${instantText(to)}`
  const others = leftOut.reduce((sum, one) => sum + one.records, 0)
  return [
    `${accesses === 1 ? '1 access' : `${accesses} accesses`} in ${counted(records, 'record')}${span}`,
    `generalised: ${generalise}`,
    ...(probes === 0 ? [] : [`${counted(probes, 'probe')} apart`]),
    ...(others === 0 ? [] : [`${counted(others, 'record')} of other bytes left out`]),
    ...(uncounted === 0 ? [] : [`${counted(uncounted, 'record')} beyond what is counted`]),
  ].join('; ')
}

function renderLines({ lines }: RecommendationReport, paint: Paint): readonly string[] {
  if (lines.length === 0) return ['  nothing: it used nothing that needs a grant']
  const rows = lines.map(({ grant, covers, resources, confidence, reason, widens }) => [
    capabilityText(grant),
    String(covers),
    String(resources),
    `${Math.round(confidence * 100)} %`,
    `${widens ? paint('yellow', 'allows more than now: ') : ''}${printable(reason)}`,
  ])
  const [head = '', ...body] = renderTable(columns, rows)
  return [paint('dim', `  ${head}`), ...body.map((line) => `  ${line}`)]
}

function writtenLine(grant: WrittenGrant, directory: string): string {
  const { document, line } = grant.origin
  return `  ${capabilityText(grant)}    ${pathText(document, directory)}${line === undefined ? '' : `:${line}`}`
}

function renderDenied({ denied }: RecommendationReport, paint: Paint): readonly string[] {
  return denied.flatMap(({ kind, action, layer, count, resources, examples, grantHelps, remedy }) => {
    const names = examples.map((name) => printable(name)).join(' ')
    const more = resources > examples.length ? ` and ${resources - examples.length} more` : ''
    const by = layer === undefined ? '' : ` by ${layer}`
    return [
      `  ${printable(`${kind}.${action}`)} ${names}${more}  ${count} times${by}`,
      `        ${paint('dim', grantHelps ? 'grant:   ' : 'note:    ')}${printable(remedy)}`,
    ]
  })
}

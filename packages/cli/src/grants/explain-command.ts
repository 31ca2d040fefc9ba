import type { ExplanationReport, StepReport } from '@bulkhead/admin'
import { answer } from '../answer.js'
import { atDesk, type Session } from '../desk/session.js'
import type { StateFlags } from '../desk/state-flags.js'
import { exitCodes } from '../exit-codes.js'
import { limitsText } from '../policy/render-effective.js'
import { printable } from '../printable.js'
import { isHopeless, renderRemedies } from '../render-remedy.js'
import type { Paint } from '../sgr.js'
import { renderTable } from '../table.js'
import { placeText } from '../wording.js'

/**
 * `bulkhead explain CHILD KIND.ACTION=RESOURCE`: would this be allowed, and why; what each layer says.
 *
 * @returns 0 when it would be allowed, 3 when not.
 */
export async function explainCommand(
  child: string,
  request: string,
  flags: StateFlags,
  session: Session,
): Promise<number> {
  const report = await atDesk(flags, session, (desk) => desk.request('explain', { child, request }))
  answer(session.terminal, flags, report, renderExplanation)
  return report.verdict === 'granted' ? exitCodes.done : exitCodes.refused
}

export function renderExplanation(report: ExplanationReport, paint: Paint, directory: string): readonly string[] {
  const { kind, action, resource, verdict, reason, limits } = report
  const hopeless = verdict === 'denied' && isHopeless(report) ? '; nothing allows this' : ''
  const shown = paint(verdict === 'granted' ? 'green' : 'red', verdict)
  return [
    `${shown}  ${printable(`${kind}.${action}`)} ${printable(resource)}    ${printable(reason)}${hopeless}${limitsText(limits)}`,
    ...renderRemedies(report, paint),
    '',
    ...renderSteps(report, paint, directory),
  ]
}

const answers: Readonly<Record<StepReport['answer'], string>> = {
  grants: 'grants',
  refuses: 'refuses',
  silent: 'says nothing of it',
  absent: 'there is none',
}

function renderSteps({ steps }: ExplanationReport, paint: Paint, directory: string): readonly string[] {
  const columns = ['layer', 'answer', 'rule', 'where'].map((title) => ({ title, align: 'left' }) as const)
  const rows = steps.map(({ layer, answer: given, rule }) => [
    layer,
    answers[given],
    rule === undefined ? '' : printable(rule.pattern),
    rule === undefined ? '' : placeText(rule.layer, rule.origin, directory),
  ])
  const [head = '', ...body] = renderTable(columns, rows)
  return [paint('bold', head), ...body]
}

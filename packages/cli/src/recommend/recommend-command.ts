import type { AdminCommands, InputOf, RecommendationReport } from '@bulkhead/admin'
import { BulkheadError, parseDuration } from '@bulkhead/vocabulary'
import { answer } from '../answer.js'
import { atDesk, type Session } from '../desk/session.js'
import type { StateFlags } from '../desk/state-flags.js'
import { exitCodes } from '../exit-codes.js'
import type { Paint } from '../sgr.js'
import { writeOutput } from '../write-output.js'
import { renderRecommendation, renderRecommendedDiff } from './render-recommendation.js'

export type RecommendFlags = StateFlags & {
  readonly generalise: NonNullable<InputOf<AdminCommands, 'recommend'>['generalise']>
  readonly since?: string
  readonly diff?: boolean
  readonly text?: boolean
  readonly output?: string
  readonly force?: boolean
}

/** `bulkhead recommend CHILD`: the least policy that covers what a child really did, with the reason for each line. */
export async function recommendCommand(
  child: string,
  flags: RecommendFlags,
  session: Session,
  now: number = Date.now(),
): Promise<number> {
  const { terminal } = session
  const since = flags.since === undefined ? {} : { since: instantOf(flags.since, now) }
  const input = { child, generalise: flags.generalise, ...since }
  const report = await atDesk(flags, session, (desk) => desk.request('recommend', input))
  if (flags.output !== undefined) await writeOutput(flags.output, report.text, flags, terminal)
  answer(terminal, flags, report, formOf(flags))
  return exitCodes.done
}

type Form = (report: RecommendationReport, paint: Paint, directory: string) => readonly string[]

function formOf({ text, diff, output }: RecommendFlags): Form {
  if (text === true) return (report) => [report.text.replace(/\n$/, '')]
  if (diff === true) return renderRecommendedDiff
  if (output === undefined) return renderRecommendation
  return (report, paint, directory) => [
    ...renderRecommendation(report, paint, directory),
    '',
    `${paint('green', 'wrote')}  ${output}`,
  ]
}

/** `7d` or `10m` ago, or an instant of ISO 8601; in milliseconds since 1970. */
function instantOf(text: string, now: number): number {
  const ago = parseDuration(text)
  const instant = ago === undefined ? Date.parse(text) : now - ago
  if (Number.isFinite(instant)) return Math.max(0, Math.floor(instant))
  throw new BulkheadError('usage', `--since \`${text}\` is not an instant`, {
    hint: 'a duration back from now (12h), or a date (2026-01-31T10:00:00Z)',
  })
}

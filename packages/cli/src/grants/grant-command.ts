import type { AdminCommands, OutputOf } from '@bulkhead/admin'
import { BulkheadError, parseDuration } from '@bulkhead/vocabulary'
import { answer } from '../answer.js'
import { authorOf } from '../desk/author.js'
import { atDesk, type Session } from '../desk/session.js'
import type { StateFlags } from '../desk/state-flags.js'
import { exitCodeOfBindings, renderBinding } from '../render-binding.js'
import type { Paint } from '../sgr.js'
import { uncut } from '../wording.js'

export type GrantFlags = StateFlags & { readonly expires?: string; readonly reason?: string }

type ChangedGrants = OutputOf<AdminCommands, 'grant'>

/** `bulkhead grant CHILD KIND.ACTION=PATTERN…`: grants beside the documents, for the component's present bytes. */
export async function grantCommand(
  child: string,
  capabilities: readonly string[],
  flags: GrantFlags,
  session: Session,
): Promise<number> {
  const expiresMs = flags.expires === undefined ? {} : { expiresMs: durationOf(flags.expires) }
  const input = { child, capabilities: [...capabilities], ...expiresMs, ...whoAndWhy(flags, session) }
  const changed = await atDesk(flags, session, (desk) => desk.request('grant', input))
  answer(session.terminal, flags, changed, (found, paint) => renderChanged('granted', found, paint))
  return exitCodeOfBindings([changed.bound])
}

/** `bulkhead revoke CHILD KIND.ACTION=PATTERN…`: takes away, also inside calls that have begun. */
export async function revokeCommand(
  child: string,
  capabilities: readonly string[],
  flags: GrantFlags,
  session: Session,
): Promise<number> {
  const input = { child, capabilities: [...capabilities], ...whoAndWhy(flags, session) }
  const changed = await atDesk(flags, session, (desk) => desk.request('revoke', input))
  answer(session.terminal, flags, changed, (found, paint) => renderChanged('revoked', found, paint))
  return exitCodeOfBindings([changed.bound])
}

export function renderChanged(
  verb: 'granted' | 'revoked',
  { changed, how, policyVersion, bound }: ChangedGrants,
  paint: Paint,
): readonly string[] {
  const painted = paint(verb === 'granted' ? 'green' : 'yellow', verb)
  return [
    ...changed.map(
      (capability, at) => `${painted}  ${uncut(capability)}  ${paint('dim', `(${uncut(how[at] ?? '')})`)}`,
    ),
    ...(policyVersion === undefined ? [] : [`policy version ${policyVersion}`]),
    renderBinding(bound, paint),
  ]
}

function whoAndWhy(flags: GrantFlags, { terminal }: Session): { readonly reason: string; readonly author: string } {
  return { reason: flags.reason ?? '', author: authorOf(terminal) }
}

function durationOf(text: string): number {
  const ms = parseDuration(text)
  if (ms !== undefined && ms > 0) return ms
  throw new BulkheadError('usage', `--expires \`${text}\` is not a duration`, {
    hint: 'a whole number and ms, s, m or h: 1h',
  })
}

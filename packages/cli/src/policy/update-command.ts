import { basename, resolve } from 'node:path'
import type { AdminCommands, InputOf, OutputOf } from '@bulkhead/admin'
import { formatOf, type PolicyFormat } from '@bulkhead/policy'
import { readPolicySignature } from '@bulkhead/trust'
import { BulkheadError } from '@bulkhead/vocabulary'
import { answer } from '../answer.js'
import { authorOf } from '../desk/author.js'
import { atDesk, type Session } from '../desk/session.js'
import type { StateFlags } from '../desk/state-flags.js'
import { readInput, textOf } from '../read-input.js'
import { exitCodeOfBindings, renderBinding } from '../render-binding.js'
import type { Paint } from '../sgr.js'
import type { Terminal } from '../terminal.js'
import { renderWarning } from './render-warning.js'
import { versionOf } from './version-number.js'

export type UpdateFlags = StateFlags & {
  readonly reason?: string
  readonly expected?: string
  readonly format?: PolicyFormat
}

type Document = Omit<InputOf<AdminCommands, 'policy.update'>, 'child'>
export type Updated = OutputOf<AdminCommands, 'policy.update'>

const componentKinds = ['actor', 'command', 'service', 'library'] as const

/** `bulkhead policy update CHILD FILE`: puts a document in force, with the signature beside it if there is one. */
export async function updateCommand(
  child: string,
  file: string,
  flags: UpdateFlags,
  session: Session,
): Promise<number> {
  const document = await documentFrom(file, flags, session.terminal)
  const updated = await atDesk(flags, session, (desk) => desk.request('policy.update', { child, ...document }))
  return report(updated, flags, session.terminal)
}

/** `bulkhead policy default KIND FILE`: the same for the children of a kind that have no policy of their own. */
export async function defaultCommand(
  kind: string,
  file: string,
  flags: UpdateFlags,
  session: Session,
): Promise<number> {
  const known = componentKinds.find((one) => one === kind)
  if (known === undefined) {
    throw new BulkheadError('usage', `\`${kind}\` is not a kind of component`, { hint: componentKinds.join(', ') })
  }
  const document = await documentFrom(file, flags, session.terminal)
  const updated = await atDesk(flags, session, (desk) => desk.request('policy.default', { kind: known, ...document }))
  return report(updated, flags, session.terminal)
}

/** `bulkhead policy rollback CHILD N`: puts an older version in force again, as a new one. */
export async function rollbackCommand(
  child: string,
  to: string,
  flags: UpdateFlags,
  session: Session,
): Promise<number> {
  const input = { child, to: versionOf(to), reason: flags.reason ?? '', author: authorOf(session.terminal) }
  const updated = await atDesk(flags, session, (desk) => desk.request('policy.rollback', input))
  return report(updated, flags, session.terminal)
}

async function documentFrom(file: string, flags: UpdateFlags, terminal: Terminal): Promise<Document> {
  const text = textOf(await readInput(file, terminal), file)
  const signature = readPolicySignature(resolve(terminal.directory, file))
  return {
    text,
    format: flags.format ?? formatOf(file),
    file: basename(file),
    reason: flags.reason ?? '',
    author: authorOf(terminal),
    ...(signature === undefined ? {} : { signature }),
    ...(flags.expected === undefined ? {} : { expected: flags.expected === '0' ? 0 : versionOf(flags.expected) }),
  }
}

function report(updated: Updated, flags: StateFlags, terminal: Terminal): number {
  answer(terminal, flags, updated, renderUpdated)
  return exitCodeOfBindings(updated.bound)
}

export function renderUpdated({ version, changed, warnings, bound }: Updated, paint: Paint): readonly string[] {
  return [
    ...warnings.flatMap((warning) => renderWarning(warning, paint)),
    changed ? `version ${version}` : `version ${version} has these very bytes already: nothing changed`,
    ...(changed ? bound.map((one) => renderBinding(one, paint)) : []),
  ]
}

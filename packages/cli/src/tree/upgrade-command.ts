import { resolve } from 'node:path'
import type { UpgradeAnswer } from '@bulkhead/admin'
import { formatDuration } from '@bulkhead/vocabulary'
import { answer } from '../answer.js'
import { authorOf } from '../desk/author.js'
import { atProcess } from '../desk/live.js'
import type { Session } from '../desk/session.js'
import type { StateFlags } from '../desk/state-flags.js'
import { exitCodes } from '../exit-codes.js'
import { printable } from '../printable.js'
import type { Paint } from '../sgr.js'
import { shortDigest, uncut } from '../wording.js'

export type UpgradeFlags = StateFlags & { readonly yes?: boolean; readonly manifest?: string; readonly reason?: string }

/**
 * `bulkhead upgrade CHILD FILE`: gives a child other bytes while the tree runs.
 *
 * @returns 3 when it asks for more than before and nobody has said yes
 */
export async function upgradeCommand(
  child: string,
  file: string,
  flags: UpgradeFlags,
  session: Session,
): Promise<number> {
  const { terminal } = session
  const input = {
    child,
    // The process stands somewhere else.
    file: file.startsWith('npm:') ? file : resolve(terminal.directory, file),
    ...(flags.manifest === undefined ? {} : { manifest: resolve(terminal.directory, flags.manifest) }),
    ...{ approve: flags.yes === true, author: authorOf(terminal), reason: flags.reason ?? '' },
  }
  const found = await atProcess(flags, session, (live) => live.request('upgrade', input))
  answer(terminal, flags, found, (upgraded, paint) => renderUpgrade(upgraded, { file, ...flags }, paint))
  return found.outcome === 'upgraded' ? exitCodes.done : exitCodes.refused
}

export function renderUpgrade(
  upgraded: UpgradeAnswer,
  { file, manifest }: { readonly file: string } & Pick<UpgradeFlags, 'manifest'>,
  paint: Paint,
): readonly string[] {
  const named = manifest === undefined ? '' : ` --manifest ${uncut(manifest)}`
  const { child, outcome, from, to, difference, probationMs } = upgraded
  const { added, removed, changed } = difference
  const lines = [
    ...added.map((text) => paint('green', `  + ${printable(text)}`)),
    ...removed.map((text) => paint('red', `  - ${printable(text)}`)),
    ...changed.map((text) => paint('yellow', `  ~ ${printable(text)}`)),
  ]
  const head = `${printable(child)}  ${bytesText(from)} → ${bytesText(to)}`
  const asks = lines.length === 0 ? ['  it asks for what it asked for before'] : lines
  if (outcome === 'approval-required') {
    return [
      head,
      ...asks,
      paint('yellow', 'it asks for more than was approved; nothing was changed'),
      `  bulkhead upgrade ${child} ${uncut(file)}${named} --yes`,
    ]
  }
  const back = `  a fault within ${formatDuration(probationMs)} takes it back by itself`
  return [
    `${paint('green', 'upgraded')}  ${head}`,
    ...asks,
    back,
    '  the tree file says what runs after the next start of the tree',
  ]
}

function bytesText({ digest, version }: UpgradeAnswer['from']): string {
  return version === undefined ? shortDigest(digest) : `${printable(version)} (${shortDigest(digest)})`
}

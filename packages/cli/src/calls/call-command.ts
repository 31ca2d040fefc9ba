import { BulkheadError, parseDuration } from '@bulkhead/vocabulary'
import { atProcess } from '../desk/live.js'
import type { Session } from '../desk/session.js'
import type { StateFlags } from '../desk/state-flags.js'
import { exitCodes } from '../exit-codes.js'
import { jsonText } from '../json-text.js'
import { printable } from '../printable.js'

export type CallFlags = StateFlags & { readonly deadline?: string }

/** `bulkhead call CHILD FUNCTION [ARGS]`: calls a function of a child, and prints what it returns as JSON. */
export async function callCommand(
  child: string,
  name: string,
  args: string[],
  flags: CallFlags,
  session: Session,
): Promise<number> {
  const { terminal } = session
  const deadline = flags.deadline === undefined ? {} : { deadlineMs: deadlineOf(flags.deadline) }
  const input = { child, function: name, args, ...deadline }
  const answer = await atProcess(flags, session, (live) => live.request('call', input))
  const result: unknown = JSON.parse(answer.result)
  const text =
    flags.json === true
      ? jsonText({ child, function: answer.function, result })
      : printable(answer.result, answer.result.length)
  terminal.stdout.write(`${text}\n`)
  return exitCodes.done
}

function deadlineOf(text: string): number {
  const ms = parseDuration(text)
  if (ms !== undefined && ms > 0) return ms
  throw new BulkheadError('usage', `--deadline \`${text}\` is no duration`, {
    hint: 'a whole number and ms, s or m: 5s',
  })
}

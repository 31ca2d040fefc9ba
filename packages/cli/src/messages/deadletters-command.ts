import {
  type AdminClient,
  type LetterReason,
  type LetterReport,
  type LetterSummary,
  type LiveCommands,
  lettersListedMax,
  type OutputOf,
} from '@bulkhead/admin'
import { BulkheadError } from '@bulkhead/vocabulary'
import { answer } from '../answer.js'
import { jsonBytes, shownBytes } from '../byte-text.js'
import { authorOf } from '../desk/author.js'
import { atProcess } from '../desk/live.js'
import type { Session } from '../desk/session.js'
import type { StateFlags } from '../desk/state-flags.js'
import { exitCodes } from '../exit-codes.js'
import { letterHeadCharactersMax } from '../limits.js'
import { printable } from '../printable.js'
import type { Paint } from '../sgr.js'
import { type Column, renderTable } from '../table.js'
import { counted, instantText } from '../wording.js'
import { bytesOfBody, printBody } from './body.js'

import { renderReplayed } from './render-replayed.js'
import { letterId, wholeNumber } from './whole-number.js'

export type DeadLetterFlags = StateFlags & {
  readonly child?: string
  readonly reason?: LetterReason
  readonly limit?: string
  readonly replay?: true | readonly string[]
  readonly discard?: true | readonly string[]
  readonly all?: boolean
}

type Live = Pick<AdminClient<LiveCommands>, 'request'>
type Listed = OutputOf<LiveCommands, 'messages.deadletters'>

/** `bulkhead deadletters [ID]`: what was accepted, or asked for, and yet not processed; `--replay` and `--discard` change it. */
export async function deadLettersCommand(
  id: string | undefined,
  flags: DeadLetterFlags,
  session: Session,
): Promise<number> {
  const { replay, discard, all } = flags
  if ([id, replay, discard].filter((one) => one !== undefined).length > 1) {
    throw new BulkheadError('usage', 'a letter is shown, sent again or discarded: one at a time', {
      hint: 'give an ID, --replay or --discard',
    })
  }
  const chosen = replay ?? discard
  if (chosen === undefined && all === true) {
    throw new BulkheadError('usage', '--all does not say what to do', { hint: '--replay --all, or --discard --all' })
  }
  const ids = chosen === undefined ? undefined : lettersOf(chosen, all === true)
  return atProcess(flags, session, async (live) => {
    if (ids !== undefined && replay !== undefined) return replayLetters(live, ids, flags, session)
    if (ids !== undefined) return discardLetters(live, ids, flags, session)
    return id === undefined ? listLetters(live, flags, session) : showLetter(live, letterId(id), flags, session)
  })
}

/** @throws {BulkheadError} `usage` unless exactly one of the two says which. */
function lettersOf(chosen: true | readonly string[], all: boolean): 'all' | number[] {
  const ids = chosen === true ? [] : chosen.map(letterId)
  if (all === ids.length > 0) {
    throw new BulkheadError('usage', all ? 'both IDs and --all are given' : 'no letter is named', {
      hint: 'IDs as `bulkhead deadletters` lists them, or --all',
    })
  }
  return all ? 'all' : ids
}

async function listLetters(live: Live, flags: DeadLetterFlags, { terminal }: Session): Promise<number> {
  const { child, reason, limit } = flags
  const found = await live.request('messages.deadletters', {
    ...(child === undefined ? {} : { child }),
    ...(reason === undefined ? {} : { reason }),
    ...(limit === undefined ? {} : { limit: limitOf(limit) }),
  })
  if (flags.json === true) {
    const letters = found.letters.map(({ head, ...letter }) => ({ ...letter, head: jsonBytes(bytesOfBody(head)) }))
    answer(terminal, flags, { ...found, letters }, () => [])
  } else answer(terminal, flags, found, renderLetters)
  return exitCodes.done
}

function limitOf(text: string): number {
  const hint = `a whole number from 1 to ${lettersListedMax}`
  return wholeNumber(text, { what: 'a number of dead letters', hint, max: lettersListedMax })
}

const columns: readonly Column[] = [
  { title: 'id', align: 'right' },
  { title: 'reason', align: 'left' },
  { title: 'topic', align: 'left' },
  { title: 'from', align: 'left' },
  { title: 'to', align: 'left' },
  { title: 'since', align: 'left' },
  { title: 'bytes', align: 'right' },
  { title: 'body', align: 'left' },
]

function renderLetters({ letters, total, dropped }: Listed, paint: Paint): readonly string[] {
  const gone = dropped === 0 ? [] : [`${counted(dropped, 'older one')} had to make place and ${isOrAre(dropped)} lost`]
  if (letters.length === 0) return ['there are no dead letters', ...gone]
  const [head = '', ...body] = renderTable(columns, letters.map(rowOf))
  const left = total - letters.length
  const more = left === 0 ? [] : [`${counted(left, 'older one')} ${isOrAre(left)} not shown: --limit`]
  return [paint('bold', head), ...body, ...more, ...gone]
}

function rowOf({ id, reason, topic, from, receiver, at, bytes, head }: LetterSummary): readonly string[] {
  const start = bytesOfBody(head)
  const shown = shownBytes(start, letterHeadCharactersMax)
  return [
    String(id),
    printable(reason),
    printable(topic),
    printable(from),
    printable(receiver ?? '-'),
    instantText(at),
    String(bytes),
    bytes > start.length && !shown.endsWith('…') ? `${shown}…` : shown,
  ]
}

function isOrAre(count: number): string {
  return count === 1 ? 'is' : 'are'
}

/** What is known of it goes where people look, its body where a program reads. */
async function showLetter(live: Live, id: number, flags: StateFlags, { terminal }: Session): Promise<number> {
  const letter = await live.request('messages.deadletter', { id })
  const bytes = bytesOfBody(letter.body)
  if (flags.json === true) {
    const { head: _head, body: _body, ...facts } = letter
    answer(terminal, flags, { ...facts, ...jsonBytes(bytes) }, () => [])
    return exitCodes.done
  }
  terminal.stderr.write(`${describe(letter).join('\n')}\n`)
  await printBody(bytes, terminal)
  return exitCodes.done
}

function describe(letter: LetterReport): readonly string[] {
  const { reason, topic, from, incarnation, receiver, at, bytes, replyTo, traceparent } = letter
  const facts: readonly (readonly [string, string | undefined])[] = [
    ['reason', reason],
    ['topic', topic],
    ['from', `${from} (incarnation ${incarnation})`],
    ['to', receiver ?? '- (nobody was there)'],
    ['since', instantText(at)],
    ['reply to', replyTo],
    ['trace', traceparent],
    ['body', counted(bytes, 'byte')],
  ]
  return facts.flatMap(([name, value]) => (value === undefined ? [] : [`${name.padEnd(9)} ${printable(value)}`]))
}

async function replayLetters(
  live: Live,
  ids: 'all' | number[],
  flags: StateFlags,
  { terminal }: Session,
): Promise<number> {
  const found = await live.request('messages.replay', { ids, author: authorOf(terminal) })
  answer(terminal, flags, found, renderReplayed)
  return found.letters.every(({ outcome }) => outcome === 'sent') ? exitCodes.done : exitCodes.failed
}

async function discardLetters(
  live: Live,
  ids: 'all' | number[],
  flags: StateFlags,
  { terminal }: Session,
): Promise<number> {
  const found = await live.request('messages.discard', { ids, author: authorOf(terminal) })
  answer(terminal, flags, found, ({ discarded }) => [`discarded ${counted(discarded, 'dead letter')}`])
  return ids === 'all' || found.discarded === ids.length ? exitCodes.done : exitCodes.failed
}

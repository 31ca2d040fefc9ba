import { requestTimeoutMsMax } from '@bulkhead/admin'
import { BulkheadError, formatDuration, parseDuration } from '@bulkhead/vocabulary'
import { jsonBytes } from '../byte-text.js'
import { atProcess } from '../desk/live.js'
import type { Session } from '../desk/session.js'
import { exitCodes } from '../exit-codes.js'
import { jsonText } from '../json-text.js'
import { bodyOf, bytesOfBody, printBody } from './body.js'
import type { PublishFlags } from './publish-command.js'

export type RequestFlags = PublishFlags & { readonly timeout?: string }

/** `bulkhead request TOPIC [BODY|-]`: sends a message, and prints the body of the first answer. */
export async function requestCommand(
  topic: string,
  body: string | undefined,
  flags: RequestFlags,
  session: Session,
): Promise<number> {
  const { terminal } = session
  const { traceparent, timeout } = flags
  const timeoutMs = timeout === undefined ? {} : { timeoutMs: timeoutOf(timeout) }
  const trace = traceparent === undefined ? {} : { traceparent }
  const input = { topic, body: await bodyOf(body, flags, terminal), ...timeoutMs, ...trace }
  const reply = await atProcess(flags, session, (live) => live.request('messages.request', input))
  const bytes = bytesOfBody(reply.body)
  if (flags.json === true) {
    terminal.stdout.write(`${jsonText({ topic: reply.topic, from: reply.from, ...jsonBytes(bytes) })}\n`)
  } else await printBody(bytes, terminal)
  return exitCodes.done
}

function timeoutOf(text: string): number {
  const ms = parseDuration(text)
  if (ms !== undefined && ms > 0 && ms <= requestTimeoutMsMax) return ms
  throw new BulkheadError(
    'usage',
    `--timeout \`${text}\` is not a duration up to ${formatDuration(requestTimeoutMsMax)}`,
    {
      hint: 'a whole number and ms, s or m: 5s',
    },
  )
}

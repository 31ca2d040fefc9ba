import { answer } from '../answer.js'
import { atProcess } from '../desk/live.js'
import type { Session } from '../desk/session.js'
import type { StateFlags } from '../desk/state-flags.js'
import { exitCodes } from '../exit-codes.js'
import { printable } from '../printable.js'
import type { Paint } from '../sgr.js'
import { counted } from '../wording.js'
import { type BodyFlags, bodyOf } from './body.js'

export type PublishFlags = StateFlags & BodyFlags & { readonly traceparent?: string }

type Published = { readonly topic: string; readonly receivers: number; readonly overloaded: number }

/**
 * `bulkhead publish TOPIC [BODY|-]`: sends a message to whoever is subscribed.
 *
 * @returns 1 when a receiver had no room for it; that nobody is subscribed is no failure
 */
export async function publishCommand(
  topic: string,
  body: string | undefined,
  flags: PublishFlags,
  session: Session,
): Promise<number> {
  const { traceparent } = flags
  const input = {
    topic,
    body: await bodyOf(body, flags, session.terminal),
    ...(traceparent === undefined ? {} : { traceparent }),
  }
  const sent = await atProcess(flags, session, (live) => live.request('messages.publish', input))
  answer(session.terminal, flags, { topic, ...sent }, renderPublished)
  return sent.overloaded === 0 ? exitCodes.done : exitCodes.failed
}

function renderPublished({ topic, receivers, overloaded }: Published, paint: Paint): readonly string[] {
  if (receivers + overloaded === 0) return [`nobody is subscribed to \`${printable(topic)}\``]
  const taken = `${printable(topic)}: ${counted(receivers, 'receiver')}`
  return [overloaded === 0 ? taken : `${taken}, ${paint('red', `${overloaded} had no room`)}`]
}

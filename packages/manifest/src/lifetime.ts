import { type Field, reject, text } from '@bulkhead/document'
import { parseDuration } from '@bulkhead/vocabulary'
import { idleMsMax, nameCharactersMax } from './limits.js'
import type { Lifetime } from './tree.js'

const written = text({ what: 'a lifetime', charactersMax: nameCharactersMax })

/** `"forever"`, `"call"`, or `"idle 60s"` (SPEC 8). */
export const lifetime: Field<Lifetime> = (entry) => {
  const word = written(entry)
  if (word === undefined) return undefined
  if (word === 'forever' || word === 'call') return { kind: word }
  const afterMs = word.startsWith('idle ') ? idleMs(word.slice('idle '.length)) : undefined
  if (afterMs !== undefined) return { kind: 'idle', afterMs }
  return reject(entry, 'this is no lifetime', 'write "forever", "call", or "idle 60s" (1ms to 24d)')
}

function idleMs(duration: string): number | undefined {
  const ms = parseDuration(duration)
  return ms !== undefined && ms >= 1 && ms <= idleMsMax ? ms : undefined
}

import { type LogLevel, logContextUnitsMax, logMessageUnitsMax } from '@bulkhead/vocabulary'
import type { Waiter } from '../io/waiter.js'
import type { InterfaceImplementation } from '../link.js'
import type { HostPowers } from '../powers.js'

type LoggingPowers = Pick<HostPowers, 'logs'> & { readonly waiter: Waiter }

/**
 * `wasi:logging/logging`. Nothing is lost: a message waits for room, as what is written to `stdout` does, and a long one
 * becomes several records. It names nothing, so that nothing is decided.
 */
export function loggingInterface({ logs, waiter }: LoggingPowers): InterfaceImplementation {
  return {
    name: 'wasi:logging/logging',
    functions: {
      log: (level: LogLevel, context: string, message: string) => {
        if (logs === undefined) return
        for (const piece of pieces(message)) {
          const line = { level, context: cut(context, logContextUnitsMax), message: piece }
          waiter.wait(() => logs.take(line))
        }
      },
    },
  }
}

function* pieces(message: string): Generator<string> {
  let at = 0
  do {
    const piece = cut(message.slice(at), logMessageUnitsMax)
    yield piece
    at += piece.length
  } while (at < message.length)
}

/** At most `max` units, and no half of a character. */
function cut(text: string, max: number): string {
  if (text.length <= max) return text
  const last = text.charCodeAt(max - 1)
  return text.slice(0, last >= 0xd800 && last <= 0xdbff ? max - 1 : max)
}

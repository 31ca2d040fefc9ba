import type { LogLine } from '@bulkhead/vocabulary'
import { loggedCharactersMax } from './limits.js'
import { printable } from './printable.js'
import type { Paint, Style } from './sgr.js'

const styles: Readonly<Partial<Record<LogLine['level'], Style>>> = {
  trace: 'dim',
  debug: 'dim',
  warn: 'yellow',
  error: 'red',
  critical: 'red',
}

/** `warn db: slow`: a message as a guest has logged it, its words escaped. */
export function renderLogged(
  { level, context = '', message }: Omit<LogLine, 'context'> & { context?: string },
  paint: Paint,
): string {
  const style = styles[level]
  const word = style === undefined ? level : paint(style, level)
  const where = context === '' ? '' : ` ${printable(context)}:`
  return `${word}${where} ${printable(message, loggedCharactersMax)}`
}

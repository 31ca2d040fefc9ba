import { jsonText } from './json-text.js'
import type { Paint } from './sgr.js'
import type { Terminal } from './terminal.js'

/** Prints what a command found out: one JSON document, or lines for people. */
export function answer<Found>(
  terminal: Terminal,
  flags: { readonly json?: boolean },
  found: Found,
  render: (found: Found, paint: Paint, directory: string) => readonly string[],
): void {
  const lines = flags.json === true ? [jsonText(found)] : render(found, terminal.stdout.paint, terminal.directory)
  if (lines.length > 0) terminal.stdout.write(`${lines.join('\n')}\n`)
}

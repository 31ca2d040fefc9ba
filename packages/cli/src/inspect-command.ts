import { basename } from 'node:path'
import { inspect, resolveComponent } from '@bulkhead/component'
import { exitCodes } from './exit-codes.js'
import { draftFor, renderInspection } from './inspection-report.js'
import { jsonText } from './json-text.js'
import type { Terminal } from './terminal.js'

/** `bulkhead inspect FILE`: what can be said of a component without running anything of it. */
export async function inspectCommand(
  reference: string,
  flags: { readonly json?: boolean },
  terminal: Terminal,
): Promise<number> {
  const file = resolveComponent(reference, { from: terminal.directory })
  const inspection = await inspect(file)
  const draft = draftFor(basename(file), inspection)
  const lines =
    flags.json === true
      ? [jsonText({ file, ...inspection, draft })]
      : [...renderInspection(basename(file), inspection, terminal.stdout.paint), '', draft.trimEnd()]
  terminal.stdout.write(`${lines.join('\n')}\n`)
  return exitCodes.done
}

import { BulkheadError } from '@bulkhead/vocabulary'

// The transpiler pastes the import and export names of core modules into JavaScript string literals as they are. A name
// with a quote in it becomes code that runs in the host. These characters cannot end or bend a literal of any kind.
const HARMLESS = /^[A-Za-z0-9\-_.:@/[\]#$ ()=><*+!?,%&|~;{}^]*$/

/** @throws {BulkheadError} `component-rejected-name` for the first name with a character outside the harmless set. */
export function checkNames(names: Iterable<string>): void {
  for (const name of names) {
    if (HARMLESS.test(name)) continue
    throw new BulkheadError('component-rejected-name', `the component holds the name \`${printable(name)}\``, {
      details: { name: printable(name) },
      hint: 'names in core modules may hold letters, digits and plain punctuation; a quote or backslash there is an attack on the transpiler',
    })
  }
}

function printable(name: string): string {
  return JSON.stringify(name.slice(0, 100)).slice(1, -1).replaceAll('`', '\\u0060')
}

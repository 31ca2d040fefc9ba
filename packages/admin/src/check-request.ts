import { nearestName, quote } from '@bulkhead/document'
import { BulkheadError } from '@bulkhead/vocabulary'
import type { CommandTable } from './command-table.js'
import { commandNameCharactersMax } from './limits.js'

/** @throws {BulkheadError} `usage`, with the nearest name, when the table has no such command. */
export function commandNamed(commands: CommandTable, name: string): CommandTable[string] {
  const spec = Object.hasOwn(commands, name) ? commands[name] : undefined
  if (spec !== undefined) return spec
  const near = nearestName(name.slice(0, commandNameCharactersMax), Object.keys(commands))
  throw new BulkheadError('usage', `there is no command ${quote(name)}`, {
    hint: near === undefined ? Object.keys(commands).join(', ') : `did you mean \`${near}\`?`,
  })
}

/**
 * The input of a command with its defaults filled in. Whoever carries commands out without a socket between asks this, so
 * that both ways take the same.
 *
 * @throws {BulkheadError} `usage` with every issue.
 */
export function checkInput(spec: CommandTable[string], input: unknown, command: string): unknown {
  const result = spec.input.safeParse(input)
  if (result.success) return result.data
  const issues = result.error.issues.map(({ path, message }) => `${path.map(String).join('.') || 'input'}: ${message}`)
  throw new BulkheadError('usage', `the input of \`${command}\` is not right: ${issues.join('; ')}`, {
    details: { issues },
  })
}

import { convertPolicy, type PolicyFormat, parsePolicy } from '@bulkhead/policy'
import { answer } from '../answer.js'
import { exitCodes } from '../exit-codes.js'
import { readInput } from '../read-input.js'
import type { Terminal } from '../terminal.js'
import { uncut } from '../wording.js'
import { writeOutput } from '../write-output.js'

export type ConvertFlags = {
  readonly to?: PolicyFormat
  readonly format?: PolicyFormat
  readonly output?: string
  readonly force?: boolean
  readonly json?: boolean
}

/** `bulkhead policy convert FILE`: the policy in the other format, on stdout or in a file. */
export async function convertCommand(file: string, flags: ConvertFlags, terminal: Terminal): Promise<number> {
  const { format, output } = flags
  const policy = parsePolicy(await readInput(file, terminal), { file, ...(format === undefined ? {} : { format }) })
  const to = flags.to ?? (policy.format === 'native' ? 'wassette' : 'native')
  const text = convertPolicy(policy, to)
  if (output !== undefined) await writeOutput(output, text, flags, terminal)
  const found = { file, from: policy.format, to, text, ...(output === undefined ? {} : { output }) }
  answer(terminal, flags, found, (_found, paint) =>
    output === undefined ? [text.replace(/\n$/, '')] : [`${paint('green', 'wrote')}  ${uncut(output)}`],
  )
  return exitCodes.done
}

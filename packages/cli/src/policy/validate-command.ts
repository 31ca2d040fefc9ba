import { DocumentError, type Finding, renderFinding } from '@bulkhead/document'
import { findConflicts, type Policy, type PolicyFormat, parsePolicy } from '@bulkhead/policy'
import { answer } from '../answer.js'
import { exitCodes } from '../exit-codes.js'
import { printable } from '../printable.js'
import { readInput } from '../read-input.js'
import type { Paint } from '../sgr.js'
import type { Terminal } from '../terminal.js'
import { counted, uncut } from '../wording.js'
import { renderWarning } from './render-warning.js'

export type ValidateFlags = { readonly format?: PolicyFormat; readonly component?: string; readonly json?: boolean }

/** What was found in one document. */
type Checked = {
  readonly file: string
  readonly valid: boolean
  readonly findings: readonly Finding[]
  readonly warnings: readonly Finding[]
  readonly allow: number
  readonly deny: number
}

/**
 * `bulkhead policy validate FILE…`: every error and every warning of the documents, each with its place.
 *
 * @returns 0 when all of them are right, 2 when one is not.
 */
export async function validateCommand(
  files: readonly string[],
  flags: ValidateFlags,
  terminal: Terminal,
): Promise<number> {
  const checked: Checked[] = []
  for (const file of files) checked.push(check(file, await readInput(file, terminal), flags))
  const valid = checked.every((one) => one.valid)
  answer(terminal, flags, { valid, files: checked }, (found, paint) =>
    found.files.flatMap((one) => renderChecked(one, paint)),
  )
  return valid ? exitCodes.done : exitCodes.usage
}

function check(file: string, bytes: Uint8Array, { format, component }: ValidateFlags): Checked {
  const named = component === undefined ? {} : { componentId: component }
  try {
    const policy = parsePolicy(bytes, { file, ...named, ...(format === undefined ? {} : { format }) })
    const warnings = [...policy.warnings, ...findConflicts(policy, named)]
    return { file, valid: true, findings: [], warnings, ...rulesOf(policy) }
  } catch (thrown) {
    if (!(thrown instanceof DocumentError)) throw thrown
    return { file, valid: false, findings: thrown.findings, warnings: [], allow: 0, deny: 0 }
  }
}

function rulesOf({ allow, deny, shared }: Policy): { readonly allow: number; readonly deny: number } {
  return {
    allow: allow.length + (shared?.allow.length ?? 0),
    deny: deny.length + (shared?.deny.length ?? 0),
  }
}

function renderChecked({ file, valid, findings, warnings, allow, deny }: Checked, paint: Paint): readonly string[] {
  const problems = findings.flatMap((finding) => renderFinding(finding).split('\n').map(uncut))
  const rules = `${counted(allow, 'allow rule')}, ${counted(deny, 'deny rule')}`
  const noted = warnings.length === 0 ? '' : `, ${counted(warnings.length, 'warning')}`
  return [
    ...problems,
    ...warnings.flatMap((warning) => renderWarning(warning, paint)),
    valid
      ? `${paint('green', 'valid')}    ${printable(file)}: ${rules}${noted}`
      : `${paint('red', 'invalid')}  ${printable(file)}: ${counted(findings.length, 'error')}`,
  ]
}

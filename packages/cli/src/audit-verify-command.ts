import { join, relative } from 'node:path'
import { type LogProblem, type Verification, verifyLog } from '@bulkhead/audit'
import { auditDirectoryOf } from './audit-directory.js'
import { exitCodes } from './exit-codes.js'
import { jsonText } from './json-text.js'
import { printable } from './printable.js'
import type { Paint } from './sgr.js'
import type { Terminal } from './terminal.js'

/**
 * `bulkhead audit verify [DIR]`: walks the hash chain and the seals.
 *
 * @returns 0 for `intact` and `unsealed-tail`, 1 for `tampered`.
 */
export async function auditVerifyCommand(
  given: string | undefined,
  flags: { readonly json?: boolean },
  terminal: Terminal,
): Promise<number> {
  const directory = await auditDirectoryOf(given, terminal.directory)
  const verification = await verifyLog(directory)
  const { paint } = terminal.stdout
  const shownDirectory = relative(terminal.directory, directory) || '.'
  const lines =
    flags.json === true
      ? [jsonText({ directory, ...verification })]
      : renderVerification(verification, shownDirectory, paint)
  terminal.stdout.write(`${lines.join('\n')}\n`)
  return verification.status === 'tampered' ? exitCodes.failed : exitCodes.done
}

/** The answer of `audit verify` for people: the status first, then what is wrong, record by record. */
export function renderVerification(verification: Verification, directory: string, paint: Paint): readonly string[] {
  const { status, records, files } = verification
  const size = `${counted(records, 'record')} in ${counted(files, 'file')}`
  switch (status) {
    case 'intact':
      return [`${paint('green', 'intact')}  ${size}; every record is chained and sealed`]
    case 'unsealed-tail':
      return [
        `${paint('yellow', 'unsealed-tail')}  ${size}; sealed through record ${verification.sealedThrough}`,
        'note: the chain holds; the process ended without a last seal, as after a crash or a kill',
      ]
    case 'tampered':
      return [
        `${paint('red', 'tampered')}  ${size}; sealed through record ${verification.sealedThrough}`,
        ...verification.problems.map((problem) => `  ${renderProblem(problem, directory)}`),
        ...(verification.problemsBeyond === 0 ? [] : [`  and ${counted(verification.problemsBeyond, 'more problem')}`]),
      ]
  }
}

function renderProblem(problem: LogProblem, directory: string): string {
  const file = printable(join(directory, problem.file))
  const place = problem.line === undefined ? file : `${file}:${problem.line}`
  const record = problem.seq === undefined ? '' : `record ${problem.seq}: `
  return `${place}: ${record}${printable(problem.message)}`
}

function counted(count: number, noun: string): string {
  return count === 1 ? `1 ${noun}` : `${count} ${noun}s`
}

import { resolve } from 'node:path'
import { parsePolicy } from '@bulkhead/policy'
import { readPolicySignature, signPolicy, verifyPolicySignature } from '@bulkhead/trust'
import { BulkheadError, parseDuration } from '@bulkhead/vocabulary'
import { answer } from '../answer.js'
import { exitCodes } from '../exit-codes.js'
import { dayMs, signatureDaysDefault } from '../limits.js'
import { readInput } from '../read-input.js'
import { type SignerFlags, signerOf } from '../signing/sign-command.js'
import { trustDocument } from '../signing/trust-document.js'
import type { Terminal } from '../terminal.js'
import { instantText, pathText, uncut } from '../wording.js'
import { writeOutput } from '../write-output.js'

export type SignPolicyFlags = SignerFlags & {
  readonly component: string
  readonly sequence: string
  readonly notBefore?: string
  readonly notAfter?: string
}

/** `bulkhead policy sign FILE`: signs the exact bytes of a policy for one child, with a sequence and a time. */
export async function signPolicyCommand(
  file: string,
  flags: SignPolicyFlags,
  terminal: Terminal,
  now: number = Date.now(),
): Promise<number> {
  const bytes = await readInput(file, terminal)
  parsePolicy(bytes, { file })
  const { privateKey, chain } = signerOf(flags, terminal.directory)
  const notBefore = flags.notBefore === undefined ? now : instantOf('--not-before', flags.notBefore, now)
  const lasting = notBefore + signatureDaysDefault * dayMs
  const notAfter = flags.notAfter === undefined ? lasting : instantOf('--not-after', flags.notAfter, now)
  const sequence = sequenceOf(flags.sequence)
  const token = await signPolicy(bytes, {
    component: flags.component,
    sequence,
    notBefore,
    notAfter,
    privateKey,
    ...chain,
  })
  const output = flags.output ?? `${file}.sig`
  await writeOutput(output, `${token}\n`, flags, terminal)
  const found = {
    signature: resolve(terminal.directory, output),
    key: privateKey.publicKey.text,
    child: flags.component,
    sequence,
    notBefore,
    notAfter,
  }
  answer(terminal, flags, found, ({ signature, key }, paint) => [
    `${paint('green', 'wrote')}  ${pathText(signature, terminal.directory)}`,
    `for ${uncut(flags.component)}, sequence ${sequence}, from ${instantText(notBefore)} to ${instantText(notAfter)}`,
    `by ${key}`,
  ])
  return exitCodes.done
}

export type VerifyPolicyFlags = { readonly component: string; readonly trust?: string; readonly json?: boolean }

/**
 * `bulkhead policy verify FILE --component CHILD`: whether the signature beside a policy is by a key that `trust.toml` trusts,
 * for this child, and in its time.
 *
 * @throws {BulkheadError} `signature-invalid`, exit 3, when there is none or it does not prove that.
 */
export async function verifyPolicyCommand(
  file: string,
  flags: VerifyPolicyFlags,
  terminal: Terminal,
  now: number = Date.now(),
): Promise<number> {
  const trust = await trustDocument(flags, terminal)
  const bytes = await readInput(file, terminal)
  const token = readPolicySignature(resolve(terminal.directory, file))
  if (token === undefined) {
    throw new BulkheadError('signature-invalid', `there is no signature \`${file}.sig\``, {
      hint: `bulkhead policy sign ${file} --key FILE --component ${flags.component} --sequence N`,
    })
  }
  const { key, sequence } = await verifyPolicySignature(token, bytes, { component: flags.component, trust, now })
  answer(terminal, flags, { file, child: flags.component, key, sequence }, (_found, paint) => [
    `${paint('green', 'valid')}  for ${uncut(flags.component)}, sequence ${sequence}`,
    `by ${uncut(key)}`,
  ])
  return exitCodes.done
}

function sequenceOf(text: string): number {
  if (/^(0|[1-9][0-9]{0,14})$/.test(text)) return Number(text)
  throw new BulkheadError('usage', `--sequence \`${text}\` is not a whole number`, {
    hint: 'one more than the last policy that was signed for this child; `date +%s` counts up by itself',
  })
}

/** `90d`, an hour count such as `12h`, from now; or a date in ISO 8601. In milliseconds since 1970. */
function instantOf(flag: string, text: string, now: number): number {
  const days = /^([1-9][0-9]{0,4})d$/.exec(text)?.[1]
  const ahead = days === undefined ? parseDuration(text) : Number(days) * dayMs
  const instant = ahead === undefined ? Date.parse(text) : now + ahead
  if (Number.isFinite(instant)) return instant
  throw new BulkheadError('usage', `${flag} \`${text}\` is not an instant`, {
    hint: 'from now on (90d, 12h), or a date (2026-12-31)',
  })
}

import { resolve } from 'node:path'
import { generateKeyPair, type KeyKind, parsePublicKey, readPrivateKey, writeKeyFiles } from '@bulkhead/trust'
import { answer } from '../answer.js'
import { exitCodes } from '../exit-codes.js'
import { readInput, textOf } from '../read-input.js'
import type { Paint } from '../sgr.js'
import type { Terminal } from '../terminal.js'
import { pathText, uncut } from '../wording.js'

type JsonFlag = { readonly json?: boolean }

/** `bulkhead keys new NAME`: writes NAME, the private key, for its owner alone, and NAME.pub. */
export async function newKeyCommand(
  name: string,
  flags: JsonFlag & { readonly type: KeyKind },
  terminal: Terminal,
): Promise<number> {
  const pair = generateKeyPair(flags.type)
  const files = writeKeyFiles(resolve(terminal.directory, name), pair)
  answer(terminal, flags, { ...files, key: pair.publicKey }, ({ privateKey, publicKey, key }, paint) => [
    `${paint('green', 'wrote')}  ${pathText(privateKey, terminal.directory)}      the private key: keep it to yourself`,
    `${paint('green', 'wrote')}  ${pathText(publicKey, terminal.directory)}  the public key:`,
    '',
    ...trustLines(key, paint),
  ])
  return exitCodes.done
}

/** `bulkhead keys show FILE`: the public key of a private or public key file. */
export async function showKeyCommand(file: string, flags: JsonFlag, terminal: Terminal): Promise<number> {
  const key = await publicKeyIn(file, terminal)
  answer(terminal, flags, { file, key }, () => [key])
  return exitCodes.done
}

/** What makes a key count, ready to be pasted. */
function trustLines(key: string, paint: Paint): readonly string[] {
  return [paint('dim', '# in trust.toml'), '[[sources]]', 'type = "signing-key"', `public_key = "${uncut(key)}"`]
}

async function publicKeyIn(file: string, terminal: Terminal): Promise<string> {
  const text = textOf(await readInput(file, terminal), file)
  if (text.includes('-----BEGIN')) return readPrivateKey(resolve(terminal.directory, file)).publicKey.text
  return parsePublicKey(text.trim()).text
}

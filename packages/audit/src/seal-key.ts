// Perimeter: keeps the key on the disk.
import { createPrivateKey, createPublicKey, generateKeyPairSync, type KeyObject } from 'node:crypto'
import { closeSync, fsyncSync, linkSync, openSync, readFileSync, rmSync, statSync, writeSync } from 'node:fs'
import { join } from 'node:path'
import { BulkheadError } from '@bulkhead/vocabulary'
import { explainRefusal } from './disk-refusal.js'

/** The name of the private key in the state directory. */
export const sealKeyFile = 'audit.key'

/**
 * The Ed25519 key that signs a log's seals: `audit.key` in the state directory, made with mode 0600 when it is not there.
 * Whoever can read it can re-sign a changed log: keep the newest seal elsewhere where that matters.
 *
 * @throws {BulkheadError} `store-corrupt` when the file is not such a key or others may read it; `state-unwritable` when the
 *   disk refuses a new one.
 * @example
 * ```ts
 * const sealKey = loadOrCreateSealKey(stateDirectory)
 * const journal = await Journal.open({ directory: join(stateDirectory, 'audit'), sealKey })
 * ```
 */
export function loadOrCreateSealKey(stateDirectory: string): KeyObject {
  const file = join(stateDirectory, sealKeyFile)
  const found = loadSealKey(file)
  if (found !== undefined) return found
  try {
    return createSealKey(file)
  } catch (error) {
    throw explainRefusal(error, file)
  }
}

/** The public half of a seal key. */
export function publicHalf(privateKey: KeyObject): KeyObject {
  return createPublicKey(privateKey)
}

function loadSealKey(file: string): KeyObject | undefined {
  const mode = statSync(file, { throwIfNoEntry: false })?.mode
  if (mode === undefined) return undefined
  if ((mode & 0o077) !== 0) {
    throw new BulkheadError('store-corrupt', `others may use \`${file}\``, { hint: `chmod 600 ${file}` })
  }
  const key = parsePrivateKey(readFileSync(file))
  if (key?.asymmetricKeyType !== 'ed25519') {
    throw new BulkheadError('store-corrupt', `\`${file}\` is not an Ed25519 private key`, {
      hint: 'restore it; a log sealed with another key cannot be continued',
    })
  }
  return key
}

function parsePrivateKey(pem: Buffer): KeyObject | undefined {
  try {
    return createPrivateKey(pem)
  } catch {
    return undefined
  }
}

/** Written beside, synced, then linked: there is never half a key under the name, and of two makers one wins. */
function createSealKey(file: string): KeyObject {
  const { privateKey } = generateKeyPairSync('ed25519')
  const draft = `${file}.${process.pid}.new`
  rmSync(draft, { force: true })
  const descriptor = openSync(draft, 'wx', 0o600)
  try {
    writeSync(descriptor, privateKey.export({ type: 'pkcs8', format: 'pem' }).toString())
    fsyncSync(descriptor)
    linkSync(draft, file)
    return privateKey
  } catch (error) {
    const made = error instanceof Error && 'code' in error && error.code === 'EEXIST' ? loadSealKey(file) : undefined
    if (made === undefined) throw error
    return made
  } finally {
    closeSync(descriptor)
    rmSync(draft, { force: true })
  }
}

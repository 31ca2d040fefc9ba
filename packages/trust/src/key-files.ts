// Perimeter: private keys and certificates on the disk.
import { X509Certificate } from 'node:crypto'
import {
  closeSync,
  constants,
  fchmodSync,
  fstatSync,
  fsyncSync,
  openSync,
  readFileSync,
  rmSync,
  type Stats,
  writeSync,
} from 'node:fs'
import { quote } from '@bulkhead/document'
import { BulkheadError } from '@bulkhead/vocabulary'
import { type KeyPairText, type PrivateKey, parsePrivateKey } from './key-pair.js'
import { keyFileBytesMax } from './limits.js'

const reachableByOthers = 0o077

/**
 * Writes `<path>` (the private key, mode 0600) and `<path>.pub` (the public key, one line). Nothing is overwritten: an old
 * key is what verifies old signatures.
 *
 * @throws {BulkheadError} `key-invalid` when one of the files is there already, or cannot be written.
 */
export function writeKeyFiles(
  path: string,
  pair: KeyPairText,
): { readonly privateKey: string; readonly publicKey: string } {
  const publicPath = `${path}.pub`
  writeNewFile(path, pair.privateKeyPem, 0o600)
  try {
    writeNewFile(publicPath, `${pair.publicKey}\n`, 0o644)
  } catch (error) {
    rmSync(path)
    throw error
  }
  return { privateKey: path, publicKey: publicPath }
}

/**
 * Reads a private key that only its owner can reach. The checks are made on the open file, not on its name.
 *
 * @throws {BulkheadError} `key-invalid` when there is none, when others may read or write it, or when it is no such key.
 */
export function readPrivateKey(path: string): PrivateKey {
  return parsePrivateKey(readWhole(path, 'private key', checkIsOurs))
}

/**
 * Reads a chain of certificates in PEM form, leaf first, as signatures carry it: each one's DER in base64.
 *
 * @throws {BulkheadError} `key-invalid` when the file holds no certificate, or one that cannot be read.
 */
export function readCertificates(path: string): readonly string[] {
  const blocks = readWhole(path, 'chain of certificates').match(
    /-----BEGIN CERTIFICATE-----[^-]+-----END CERTIFICATE-----/g,
  )
  if (blocks === null) throw invalid(`${quote(path)} holds no certificate in PEM form`, 'leaf first, then its issuers')
  return blocks.map((pem) => certificate(path, pem).raw.toString('base64'))
}

function certificate(path: string, pem: string): X509Certificate {
  try {
    return new X509Certificate(pem)
  } catch (cause) {
    throw new BulkheadError('key-invalid', `a certificate in ${quote(path)} cannot be read`, { cause })
  }
}

function readWhole(path: string, what: string, check?: (path: string, stats: Stats) => void): string {
  const descriptor = openForReading(path, what)
  try {
    const stats = fstatSync(descriptor)
    if (!stats.isFile()) throw invalid(`${quote(path)} is not a regular file`, `name a file with a ${what}`)
    if (stats.size > keyFileBytesMax) {
      throw invalid(`${quote(path)} is larger than a ${what}`, `at most ${keyFileBytesMax} bytes`)
    }
    check?.(path, stats)
    return readFileSync(descriptor, 'utf8')
  } finally {
    closeSync(descriptor)
  }
}

function openForReading(path: string, what: string): number {
  try {
    return openSync(path, constants.O_RDONLY | constants.O_NONBLOCK)
  } catch (cause) {
    throw new BulkheadError('key-invalid', `the ${what} ${quote(path)} cannot be read: ${(cause as Error).message}`, {
      details: { path },
      hint: 'make keys with `bulkhead keys new`',
      cause,
    })
  }
}

function checkIsOurs(path: string, stats: Stats): void {
  const own = process.getuid?.()
  if (own !== undefined && stats.uid !== own) {
    throw invalid(`${quote(path)} belongs to user ${stats.uid}, not to user ${own}`, 'sign with a key of your own')
  }
  if ((stats.mode & reachableByOthers) === 0) return
  const mode = (stats.mode & 0o7777).toString(8).padStart(4, '0')
  const hint = `chmod 600 ${path}; whoever could read it may have: consider a new key`
  throw invalid(`others may reach the private key ${quote(path)} (mode ${mode})`, hint)
}

function writeNewFile(path: string, text: string, mode: number): void {
  let descriptor: number
  try {
    descriptor = openSync(path, 'wx', mode)
  } catch (cause) {
    const isThere = (cause as NodeJS.ErrnoException).code === 'EEXIST'
    const what = isThere ? 'is there already' : `cannot be written: ${(cause as Error).message}`
    throw new BulkheadError('key-invalid', `${quote(path)} ${what}`, {
      details: { path },
      hint: 'choose another name: a key is never overwritten',
      cause,
    })
  }
  try {
    fchmodSync(descriptor, mode)
    writeSync(descriptor, text)
    fsyncSync(descriptor)
  } finally {
    closeSync(descriptor)
  }
}

function invalid(message: string, hint: string): BulkheadError {
  return new BulkheadError('key-invalid', message, { hint })
}

// A seal vouches, by signature, for everything in the log up to a record. Seals form a chain of their own.
import { type KeyObject, sign, verify } from 'node:crypto'
import { sha256 } from './chain.js'
import { logFileNumber } from './log-files.js'

/** What a seal says: `file` up to `length` bytes, and all files before it, end in record `seq` with hash `hash`. */
export type Seal = {
  readonly v: 1
  /** The last record that it covers; 0 when there is none. */
  readonly seq: number
  readonly file: string
  readonly length: number
  readonly hash: string
  readonly time: string
  /** Whether the journal ended in order with it. */
  readonly closing: boolean
  /** The SHA-256 of the seal's line before; 64 zeros for the first. */
  readonly prev: string
}

// Signed beside the text, so that a signature over something else of ours never passes for a seal.
const DOMAIN = 'bulkhead audit seal v1\n'
const OPENING = ',"signature":"'
const CLOSING = '"}'
const signatureChars = 88
const memberBytes = OPENING.length + signatureChars + CLOSING.length

/** The seal as a signed line, with its newline, and the hash by which the next one names it. */
export function signSeal(seal: Seal, privateKey: KeyObject): { readonly line: Buffer; readonly hash: string } {
  const body = JSON.stringify(seal)
  const signature = sign(null, Buffer.from(DOMAIN + body), privateKey).toString('base64')
  const line = `${body.slice(0, -1)}${OPENING}${signature}${CLOSING}`
  return { line: Buffer.from(`${line}\n`), hash: sha256(line) }
}

export type CheckedSeal = Seal & {
  readonly fileNumber: number
  /** The hash of its line. */
  readonly lineHash: string
}

/** The seal on a line (without newline), its signature checked, or what is wrong with it. */
export function checkSeal(line: Buffer, publicKey: KeyObject): CheckedSeal | string {
  if (line.length <= memberBytes) return 'this is not a seal'
  const member = line.toString('latin1', line.length - memberBytes)
  if (!member.startsWith(OPENING) || !member.endsWith(CLOSING)) return 'this seal has no signature'
  const encoded = member.slice(OPENING.length, -CLOSING.length)
  const signature = Buffer.from(encoded, 'base64')
  // Base64 has several spellings of the same bytes: only ours counts, else a byte of the line could change unseen.
  if (signature.toString('base64') !== encoded) return 'the signature of this seal is not valid'
  const body = `${line.toString('utf8', 0, line.length - memberBytes)}}`
  if (!verify(null, Buffer.from(DOMAIN + body), publicKey, signature)) return 'the signature of this seal is not valid'
  const seal = JSON.parse(body) as Seal
  const fileNumber = logFileNumber(seal.file)
  if (seal.v !== 1 || fileNumber === undefined) return 'this seal is of an unknown format'
  return { ...seal, fileNumber, lineHash: sha256(line) }
}

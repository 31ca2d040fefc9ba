// The chain: each record's line ends in the SHA-256 of its own bytes before that member, and holds its predecessor's.
// The hash is over the line as written, not over a parsed and reprinted one, so that no byte of it can change unseen.
import { createHash } from 'node:crypto'
import { type AuditLogRecord, auditEvents } from './log-record.js'

const OPENING = ',"hash":"'
const CLOSING = '"}'
const memberBytes = OPENING.length + 64 + CLOSING.length

/** Adds the hash to a JSON object's text (without newline). */
export function withHash(body: string): { readonly line: Buffer; readonly hash: string } {
  const hash = sha256(body)
  return { line: Buffer.from(`${body.slice(0, -1)}${OPENING}${hash}${CLOSING}\n`), hash }
}

/** Takes a line apart (without newline). `undefined` when it does not end in the hash of the rest. */
export function withoutHash(line: Buffer): { readonly body: Buffer; readonly hash: string } | undefined {
  if (line.length <= memberBytes) return undefined
  const member = line.toString('latin1', line.length - memberBytes)
  const body = Buffer.concat([line.subarray(0, line.length - memberBytes), Buffer.from('}')])
  const hash = sha256(body)
  return member === `${OPENING}${hash}${CLOSING}` ? { body, hash } : undefined
}

/** The SHA-256 in hexadecimal. */
export function sha256(bytes: string | Buffer): string {
  return createHash('sha256').update(bytes).digest('hex')
}

const events: ReadonlySet<unknown> = new Set(auditEvents)

/** The record on a line, or what is wrong with the line. The place in the chain is for the caller to check. */
export function parseRecordLine(line: Buffer): AuditLogRecord | string {
  if (withoutHash(line) === undefined) return 'the bytes of this record do not have the hash that it ends in'
  return parseUnchecked(line)
}

/** The same without looking at the hash: for reading a log, not for trusting it. */
export function parseUnchecked(line: Buffer): AuditLogRecord | string {
  const value = parseJson(line)
  if (typeof value !== 'object' || value === null) return 'this line is not a JSON object'
  const record = value as Readonly<Record<string, unknown>>
  if (record['v'] !== 1) return 'this record is of an unknown format'
  const formed =
    Number.isSafeInteger(record['seq']) &&
    typeof record['time'] === 'string' &&
    typeof record['prev'] === 'string' &&
    typeof record['hash'] === 'string' &&
    events.has(record['event'])
  return formed ? (value as AuditLogRecord) : 'this record lacks what every record has'
}

function parseJson(line: Buffer): unknown {
  try {
    return JSON.parse(line.toString('utf8'))
  } catch {
    return undefined
  }
}

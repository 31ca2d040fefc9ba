// Perimeter: the log on the disk. pino prints each record; what it prints is chained, written and sealed here.
//
// ORDER (seal last): records are written, then synced, then the seal that covers them is written and synced. A seal
// therefore never covers what the disk does not have. Every write names its position, so that trying again after the
// disk refused writes the same bytes to the same place.
import { createPrivateKey, createPublicKey, type KeyObject } from 'node:crypto'
import {
  closeSync,
  existsSync,
  fdatasyncSync,
  fsyncSync,
  ftruncateSync,
  mkdirSync,
  openSync,
  readFileSync,
  renameSync,
  writeFileSync,
  writeSync,
} from 'node:fs'
import { join } from 'node:path'
import type { Clock } from '@bulkhead/vocabulary'
import pino from 'pino'
import { withHash } from './chain.js'
import type { JournalLog } from './journal-log.js'
import type { LogOptions } from './journal-protocol.js'
import { sealIntervalMs, unsealedRecordsMax } from './limits.js'
import { logFileName, publicKeyFile, sealsFile } from './log-files.js'
import type { LogFields } from './log-record.js'
import { type LogEnd, recoverLog } from './log-recovery.js'
import { signSeal } from './seal.js'

type ChainedLine = { readonly line: Buffer; readonly seq: number; readonly hash: string }

/** A directory of chained, sealed JSON lines, written by one journal at a time. */
export class ChainedLog implements JournalLog {
  readonly #directory: string
  readonly #key: KeyObject
  readonly #fileBytesMax: number
  readonly #clock: Pick<Clock, 'monotonicNs' | 'wallMs'>
  readonly #print: (fields: object) => void
  /** Records that are in memory only, in order. */
  #lines: ChainedLine[] = []
  /** The last record that was given a place. */
  #seq: number
  #hash: string
  /** The last record that was written. */
  #written: { readonly seq: number; readonly hash: string }
  #file: number
  #fileNumber: number
  #fileLength: number
  #unsynced = false
  readonly #seals: number
  #sealsLength: number
  #sealHash: string
  #unsealed: number
  #unsealedSinceNs: bigint
  #closed: boolean

  /**
   * Opens a log, or begins one, and mends what an unclean stop left.
   *
   * @returns the log, and what was mended, for its first record.
   * @throws {BulkheadError} `store-corrupt` when what its seals cover is not there.
   */
  static async open(
    options: LogOptions,
    clock: Pick<Clock, 'monotonicNs' | 'wallMs'>,
  ): Promise<{ readonly log: ChainedLog; readonly recovered: string | undefined }> {
    mkdirSync(options.directory, { recursive: true, mode: 0o700 })
    const key = createPrivateKey({ key: Buffer.from(options.sealKey), format: 'der', type: 'pkcs8' })
    const publicKey = createPublicKey(key)
    const end = await recoverLog(options.directory, publicKey)
    keepPublicKey(join(options.directory, publicKeyFile), publicKey.export({ type: 'spki', format: 'pem' }).toString())
    return { log: new ChainedLog(options, key, end, clock), recovered: end.recovered }
  }

  private constructor(options: LogOptions, key: KeyObject, end: LogEnd, clock: Pick<Clock, 'monotonicNs' | 'wallMs'>) {
    this.#directory = options.directory
    this.#fileBytesMax = options.fileBytesMax
    this.#key = key
    this.#clock = clock
    this.#seq = end.seq
    this.#hash = end.hash
    this.#written = { seq: end.seq, hash: end.hash }
    this.#fileNumber = Math.max(1, end.fileNumber)
    this.#fileLength = end.fileLength
    this.#sealsLength = end.sealsLength
    this.#sealHash = end.sealHash
    this.#unsealed = end.unsealed
    this.#unsealedSinceNs = clock.monotonicNs()
    this.#closed = end.closed && end.sealsLength > 0
    // The file of seals comes first: a log without one was tampered with.
    this.#seals = openSync(join(this.#directory, sealsFile), openToWrite, 0o600)
    syncDirectory(this.#directory)
    this.#file = this.#openFile(this.#fileNumber)
    const logger = pino(
      { base: null, timestamp: false, formatters: { level: () => ({ v: 1 }) } },
      { write: (line: string) => this.#chain(line) },
    )
    this.#print = (fields) => logger.info(fields)
  }

  append(fields: LogFields): number {
    this.#print({ seq: this.#seq + 1, ...fields, prev: this.#hash })
    return this.#seq
  }

  unwritten(): number {
    return this.#lines.length
  }

  write(): void {
    while (this.#lines.length > 0) {
      const room = unsealedRecordsMax - this.#unsealed
      if (room <= 0) this.#seal(false)
      else this.#writeLines(room)
      if (this.#fileLength >= this.#fileBytesMax) this.#rotate()
    }
    if (this.sealDueMs() === 0) this.#seal(false)
  }

  sync(): void {
    if (!this.#unsynced) return
    fdatasyncSync(this.#file)
    this.#unsynced = false
  }

  sealDueMs(): number | undefined {
    if (this.#unsealed === 0) return undefined
    if (this.#unsealed >= unsealedRecordsMax) return 0
    const ageMs = Number((this.#clock.monotonicNs() - this.#unsealedSinceNs) / 1_000_000n)
    return Math.max(0, sealIntervalMs - ageMs)
  }

  close(): void {
    this.write()
    if (!this.#closed) this.#seal(true)
    closeSync(this.#file)
    closeSync(this.#seals)
  }

  /** Covers everything that was written. */
  seal(): void {
    this.write()
    if (this.#unsealed > 0) this.#seal(false)
  }

  /** Receives what pino printed: a JSON object and a newline. */
  #chain(printed: string): void {
    const { line, hash } = withHash(printed.slice(0, -1))
    this.#seq++
    this.#hash = hash
    this.#lines.push({ line, seq: this.#seq, hash })
  }

  #writeLines(linesMax: number): void {
    const lines = this.#lines.slice(0, linesMax)
    const last = lines.at(-1)
    if (last === undefined) return
    this.#unsynced = true
    const bytes = Buffer.concat(lines.map(({ line }) => line))
    writeAt(this.#file, bytes, this.#fileLength)
    if (this.#unsealed === 0) this.#unsealedSinceNs = this.#clock.monotonicNs()
    this.#fileLength += bytes.length
    this.#unsealed += lines.length
    this.#written = last
    this.#closed = false
    this.#lines = this.#lines.slice(lines.length)
  }

  #seal(closing: boolean): void {
    this.sync()
    const { line, hash } = signSeal(
      {
        v: 1,
        seq: this.#written.seq,
        file: logFileName(this.#fileNumber),
        length: this.#fileLength,
        hash: this.#written.hash,
        time: new Date(this.#clock.wallMs()).toISOString(),
        closing,
        prev: this.#sealHash,
      },
      this.#key,
    )
    // A try before this one may have left more bytes than this line has.
    ftruncateSync(this.#seals, this.#sealsLength)
    writeAt(this.#seals, line, this.#sealsLength)
    fsyncSync(this.#seals)
    this.#sealsLength += line.length
    this.#sealHash = hash
    this.#unsealed = 0
    this.#closed = closing
  }

  #rotate(): void {
    if (this.#unsealed > 0) this.#seal(false)
    const next = this.#openFile(this.#fileNumber + 1)
    closeSync(this.#file)
    this.#file = next
    this.#fileNumber++
    this.#fileLength = 0
  }

  #openFile(number: number): number {
    const descriptor = openSync(join(this.#directory, logFileName(number)), openToWrite, 0o600)
    syncDirectory(this.#directory)
    return descriptor
  }
}

/** Made when it is not there, kept when it is; not `a`, which would ignore the position that a write names. */
const openToWrite = 0o102 // O_RDWR | O_CREAT

function writeAt(descriptor: number, bytes: Buffer, position: number): void {
  for (let done = 0; done < bytes.length; ) {
    done += writeSync(descriptor, bytes, done, bytes.length - done, position + done)
  }
}

/** Replaced whole, and only where it is another: a full disk must not leave half of what a log is verified with. */
function keepPublicKey(file: string, pem: string): void {
  if (existsSync(file) && readFileSync(file, 'utf8') === pem) return
  const draft = `${file}.new`
  writeFileSync(draft, pem, { mode: 0o600 })
  renameSync(draft, file)
}

/** A new name is on the disk only when its directory is. */
function syncDirectory(directory: string): void {
  const descriptor = openSync(directory, 'r')
  try {
    fsyncSync(descriptor)
  } finally {
    closeSync(descriptor)
  }
}

// Perimeter: reads the disk. The auditor: reads a log as it lies on the disk, trusting nothing in it but the public key. One pass over the files
// beside one pass over the seals, in bounded memory.
import { createPublicKey, type KeyObject } from 'node:crypto'
import { existsSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import { BulkheadError } from '@bulkhead/vocabulary'
import { parseRecordLine } from './chain.js'
import { problemsMax, unsealedRecordsMax } from './limits.js'
import { logFileName, logFileNumbers, publicKeyFile, sealsFile } from './log-files.js'
import { type LogLine, readLines } from './log-lines.js'
import { genesisHash } from './log-record.js'
import { type CheckedSeal, checkSeal } from './seal.js'

/** One thing that is wrong with a log, and where. */
export type LogProblem = {
  readonly file: string
  /** 1-based; absent when it is the whole file. */
  readonly line?: number
  /** The record that should stand, or stands, there. */
  readonly seq?: number
  readonly message: string
}

export type Verification = {
  /**
   * `intact`: closed in order, every record is in the chain and covered by a seal. `unsealed-tail`: the chain holds, but
   * the log was not closed (it is being written, or its process was killed); what follows the last seal is vouched for by
   * nothing but the chain, and a half-written last line counts for nothing. `tampered`: see `problems`.
   */
  readonly status: 'intact' | 'unsealed-tail' | 'tampered'
  readonly records: number
  readonly files: number
  /** The last record that a valid seal covers; 0 when none is. */
  readonly sealedThrough: number
  /** At most 100; `problemsBeyond` counts the rest. */
  readonly problems: readonly LogProblem[]
  readonly problemsBeyond: number
}

/**
 * Verifies an audit log: the chain of records over all files, the chain of seals, each signature, and that nothing is
 * missing, shorter than a seal covers, or unsealed beyond what a killed journal can leave.
 *
 * What it cannot see: the removal of the newest seals with all that they cover, and what the holder of the private key
 * signed anew. Against both, keep the newest line of `seals.jsonl` elsewhere.
 *
 * @param directory the log's directory.
 * @param options.publicKey the key to trust; else `seals.pub` in the directory, which is as good as the directory is.
 * @throws {BulkheadError} `usage` when the directory holds no log.
 * @example
 * ```ts
 * const { status, problems } = await verifyLog('.bulkhead/audit')
 * for (const { file, line, seq, message } of problems) console.log(`${file}:${line}: record ${seq}: ${message}`)
 * ```
 */
export async function verifyLog(
  directory: string,
  options: { readonly publicKey?: KeyObject } = {},
): Promise<Verification> {
  if (!existsSync(directory) || (!existsSync(join(directory, sealsFile)) && logFileNumbers(directory).length === 0)) {
    throw new BulkheadError('usage', `there is no audit log in \`${directory}\``)
  }
  return new Audit(directory).run(options.publicKey)
}

type Place = { readonly file: string; readonly line?: number; readonly seq?: number }

class Audit {
  readonly #directory: string
  readonly #problems: LogProblem[] = []
  #problemsBeyond = 0
  #records = 0
  #seq = 0
  /** Of the record before; undefined after one that is broken. */
  #hash: string | undefined = genesisHash
  #sealedThrough = 0
  #unsealed = 0
  #torn = false
  #closing = false
  #seals: AsyncIterator<CheckedSeal> | undefined
  #nextSeal: CheckedSeal | undefined

  constructor(directory: string) {
    this.#directory = directory
  }

  async run(trusted: KeyObject | undefined): Promise<Verification> {
    const publicKey = trusted ?? this.#ownKey()
    if (publicKey !== undefined) this.#seals = this.#readSeals(publicKey)
    await this.#turnSeal()
    const numbers = logFileNumbers(this.#directory)
    let expected = 1
    for (const number of numbers) {
      for (; expected < number; expected++) this.#problem({ file: logFileName(expected) }, 'this file is missing')
      expected = number + 1
      await this.#readFile(number, number === numbers.at(-1))
    }
    await this.#reportUnmatchedSeals()
    if (this.#unsealed > unsealedRecordsMax) {
      const what = `${this.#unsealed} records follow the last seal; a killed journal leaves at most ${unsealedRecordsMax}`
      this.#problem({ file: sealsFile }, what)
    }
    return {
      status: this.#status(),
      records: this.#records,
      files: numbers.length,
      sealedThrough: this.#sealedThrough,
      problems: this.#problems,
      problemsBeyond: this.#problemsBeyond,
    }
  }

  #status(): Verification['status'] {
    if (this.#problems.length > 0) return 'tampered'
    return this.#closing && this.#unsealed === 0 && !this.#torn ? 'intact' : 'unsealed-tail'
  }

  async #readFile(number: number, isLast: boolean): Promise<void> {
    const file = logFileName(number)
    let length = 0
    let lines = 0
    while (this.#nextSeal !== undefined && this.#nextSeal.fileNumber < number) await this.#turnSeal()
    // A file that was just begun is sealed at length 0, with the last record of the file before.
    await this.#matchSeals(number, 0, { file, seq: this.#seq })
    for await (const line of readLines(join(this.#directory, file))) {
      lines = line.number
      const place = { file, line: line.number, seq: this.#seq + 1 }
      if (line.whole) {
        this.#link(place, line)
        await this.#skipSealsWithin(number, line)
        length = line.end
        await this.#matchSeals(number, length, place)
      } else if (!isLast || this.#covers(number, line)) {
        this.#problem(place, 'this record is cut off')
      } else {
        this.#torn = true
      }
    }
    if (this.#nextSeal?.fileNumber === number) {
      const what = `the file's records end after ${length} bytes, but a seal covers ${this.#nextSeal.length}`
      this.#problem({ file, line: lines + 1, seq: this.#seq + 1 }, what)
    }
  }

  /** Checks one record against its predecessor; after one that is broken, goes on without asking for its hash. */
  #link(place: Place, line: LogLine): void {
    this.#records++
    this.#unsealed++
    const record = parseRecordLine(line.bytes)
    if (typeof record === 'string') {
      this.#problem(place, record)
      this.#seq++
      this.#hash = undefined
      return
    }
    if (record.seq !== this.#seq + 1) {
      this.#problem(
        { ...place, seq: record.seq },
        `record ${this.#seq + 1} should stand here, not record ${record.seq}`,
      )
    } else if (this.#hash !== undefined && record.prev !== this.#hash) {
      this.#problem(place, 'this record does not follow the one before it: its `prev` is another hash')
    }
    this.#seq = record.seq
    this.#hash = record.hash
  }

  /** Whether the seal that comes next covers a byte of this line. */
  #covers(number: number, line: LogLine): boolean {
    const seal = this.#nextSeal
    return seal !== undefined && (seal.fileNumber > number || (seal.fileNumber === number && seal.length > line.start))
  }

  /** Seals that end exactly after the line that was just read must name its record. */
  async #matchSeals(number: number, end: number, place: Place): Promise<void> {
    while (this.#nextSeal?.fileNumber === number && this.#nextSeal.length === end) {
      await this.#matchSeal(this.#nextSeal, place)
    }
  }

  async #matchSeal(seal: CheckedSeal, place: Place): Promise<void> {
    if (this.#hash !== undefined && (seal.seq !== this.#seq || seal.hash !== this.#hash)) {
      this.#problem(place, `a seal says that record ${seal.seq} with another hash ends here`)
    }
    this.#sealedThrough = seal.seq
    this.#unsealed = 0
    this.#closing = seal.closing
    await this.#turnSeal()
  }

  /** A seal whose end lies inside this line was not met: no record ends where it says. */
  async #skipSealsWithin(number: number, line: LogLine): Promise<void> {
    for (let seal = this.#nextSeal; seal?.fileNumber === number && seal.length < line.end; seal = this.#nextSeal) {
      const place = { file: seal.file, line: line.number, seq: seal.seq }
      this.#problem(place, `no record ends at byte ${seal.length}, where a seal says that one does`)
      await this.#turnSeal()
    }
  }

  async #reportUnmatchedSeals(): Promise<void> {
    for (let seal = this.#nextSeal; seal !== undefined; seal = this.#nextSeal) {
      this.#problem({ file: seal.file, seq: seal.seq }, 'a seal covers this file, which is missing')
      await this.#turnSeal()
    }
  }

  async #turnSeal(): Promise<void> {
    const next = await this.#seals?.next()
    this.#nextSeal = next?.done === false ? next.value : undefined
  }

  async *#readSeals(publicKey: KeyObject): AsyncGenerator<CheckedSeal> {
    const file = join(this.#directory, sealsFile)
    if (!existsSync(file)) {
      this.#problem({ file: sealsFile }, 'this file is missing')
      return
    }
    let before = { hash: genesisHash, seq: 0, fileNumber: 0, length: 0 }
    for await (const line of readLines(file)) {
      const place = { file: sealsFile, line: line.number }
      if (!line.whole) {
        this.#torn = true
        return
      }
      const seal = checkSeal(line.bytes, publicKey)
      if (typeof seal === 'string') {
        this.#problem(place, seal)
        return
      }
      const follows =
        seal.prev === before.hash &&
        seal.seq >= before.seq &&
        (seal.fileNumber > before.fileNumber || (seal.fileNumber === before.fileNumber && seal.length >= before.length))
      if (!follows) {
        this.#problem(place, 'this seal does not follow the one before it')
        return
      }
      before = { hash: seal.lineHash, seq: seal.seq, fileNumber: seal.fileNumber, length: seal.length }
      yield seal
    }
  }

  #ownKey(): KeyObject | undefined {
    const file = join(this.#directory, publicKeyFile)
    try {
      const key = createPublicKey(readFileSync(file))
      if (key.asymmetricKeyType === 'ed25519') return key
    } catch {
      // Falls through to the problem: missing or not a key is the same to a reader of the log.
    }
    this.#problem({ file: publicKeyFile }, 'the public key of the seals is missing or is not an Ed25519 key')
    return undefined
  }

  #problem(place: Place, message: string): void {
    if (this.#problems.length >= problemsMax) this.#problemsBeyond++
    else this.#problems.push({ ...place, message })
  }
}

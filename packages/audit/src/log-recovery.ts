// Perimeter: reads and mends the disk. Where a log ends, and what an unclean stop left behind it. What a seal covers was on the disk before the seal was, so
// it must be there; what follows the last seal was never promised, so as much of it is kept as still is a chain.
import type { KeyObject } from 'node:crypto'
import {
  closeSync,
  existsSync,
  fstatSync,
  fsyncSync,
  ftruncateSync,
  openSync,
  readSync,
  rmSync,
  statSync,
  writeSync,
} from 'node:fs'
import { join } from 'node:path'
import { BulkheadError } from '@bulkhead/vocabulary'
import { parseRecordLine } from './chain.js'
import { lineBytesMax } from './limits.js'
import { logFileName, logFileNumbers, sealsFile } from './log-files.js'
import { readLines } from './log-lines.js'
import { genesisHash } from './log-record.js'
import { type CheckedSeal, checkSeal } from './seal.js'

/** The place after the last record that is kept, and the last seal. */
export type LogEnd = {
  /** The file that is written on; 0 when there is none yet. */
  readonly fileNumber: number
  readonly fileLength: number
  readonly seq: number
  readonly hash: string
  readonly sealsLength: number
  readonly sealHash: string
  /** Records after the last seal. */
  readonly unsealed: number
  readonly closed: boolean
  /** What an operator should know when the log was not closed in order. */
  readonly recovered: string | undefined
}

/**
 * Finds the end of a log and mends what an unclean stop left: what is not part of the chain is moved to a side file
 * `torn-…` and cut off.
 *
 * @throws {BulkheadError} `store-corrupt` when what a seal covers is not there: such a log is evidence, not to be
 * written on.
 */
export async function recoverLog(directory: string, publicKey: KeyObject): Promise<LogEnd> {
  const numbers = logFileNumbers(directory)
  const seals = join(directory, sealsFile)
  if (!existsSync(seals)) {
    if (numbers.length > 0) throw damaged(directory, `\`${sealsFile}\` is missing`)
    return fresh
  }
  const last = lastSeal(directory, publicKey)
  checkFiles(directory, numbers, last.seal)
  const end = await walkUnsealed(directory, numbers, last.seal)
  const cuts = [...last.cuts, ...end.cuts]
  const closed = last.seal === undefined ? end.unsealed === 0 && cuts.length === 0 : last.seal.closing
  const orderly = closed && end.unsealed === 0 && cuts.length === 0
  // The seals to come will cover these records too, so it is said here, for good, that nothing vouched for them.
  const unvouched = end.unsealed === 0 ? [] : [`records ${end.seq - end.unsealed + 1} to ${end.seq} were under no seal`]
  return {
    ...end,
    sealsLength: last.length,
    sealHash: last.seal?.lineHash ?? genesisHash,
    closed,
    recovered: orderly ? undefined : ['the journal was not closed', ...unvouched, ...cuts].join('; '),
  }
}

const fresh: LogEnd = {
  fileNumber: 0,
  fileLength: 0,
  seq: 0,
  hash: genesisHash,
  sealsLength: 0,
  sealHash: genesisHash,
  unsealed: 0,
  closed: true,
  recovered: undefined,
}

type LastSeal = {
  readonly seal: CheckedSeal | undefined
  readonly length: number
  readonly cuts: readonly string[]
}

function lastSeal(directory: string, publicKey: KeyObject): LastSeal {
  const file = join(directory, sealsFile)
  const size = statSync(file).size
  const tail = readTail(file, size)
  const end = tail.lastIndexOf(0x0a) + 1
  const length = size - (tail.length - end)
  const cuts = length < size ? [cutOff(directory, sealsFile, length)] : []
  if (length === 0) return { seal: undefined, length, cuts }
  const start = tail.lastIndexOf(0x0a, end - 2) + 1
  const seal = checkSeal(tail.subarray(start, end - 1), publicKey)
  if (typeof seal === 'string') throw damaged(directory, `the last seal: ${seal}`)
  return { seal, length, cuts }
}

/** Every file from the first to the last is there, and the sealed one is as long, and ends, as its seal says. */
function checkFiles(directory: string, numbers: readonly number[], seal: CheckedSeal | undefined): void {
  for (const [index, number] of numbers.entries()) {
    if (number !== index + 1) throw damaged(directory, `\`${logFileName(index + 1)}\` is missing`)
  }
  if (seal === undefined) return
  const file = join(directory, seal.file)
  const size = statSync(file, { throwIfNoEntry: false })?.size
  if (size === undefined || size < seal.length)
    throw damaged(directory, `\`${seal.file}\` is shorter than its seal says`)
  const ending = readTail(file, seal.length).toString('latin1')
  if (seal.length > 0 && !ending.endsWith(`"hash":"${seal.hash}"}\n`)) {
    throw damaged(directory, `\`${seal.file}\` does not hold what its seal says`)
  }
}

type UnsealedEnd = Pick<LogEnd, 'fileNumber' | 'fileLength' | 'seq' | 'hash' | 'unsealed'> & {
  readonly cuts: readonly string[]
}

async function walkUnsealed(
  directory: string,
  numbers: readonly number[],
  seal: CheckedSeal | undefined,
): Promise<UnsealedEnd> {
  let seq = seal?.seq ?? 0
  let hash = seal?.hash ?? genesisHash
  let fileNumber = seal?.fileNumber ?? Math.min(1, numbers.length)
  let fileLength = seal?.length ?? 0
  const cuts: string[] = []
  for (const number of numbers.filter((each) => each >= fileNumber)) {
    const file = join(directory, logFileName(number))
    const from = number === seal?.fileNumber ? seal.length : 0
    if (cuts.length > 0) {
      cuts.push(cutOff(directory, logFileName(number), from))
      rmSync(file) // Empty now. The log goes on in the file before, which must stay the last.
      continue
    }
    fileNumber = number
    fileLength = from
    for await (const line of readLines(file, from)) {
      const record = line.whole ? parseRecordLine(line.bytes) : 'half-written'
      if (typeof record === 'string' || record.seq !== seq + 1 || record.prev !== hash) {
        cuts.push(cutOff(directory, logFileName(number), line.start))
        break
      }
      seq = record.seq
      hash = record.hash
      fileLength = line.end
    }
  }
  return { fileNumber, fileLength, seq, hash, unsealed: seq - (seal?.seq ?? 0), cuts }
}

/** Moves what a file holds from `length` on to a side file, then cuts it off. Says so in one sentence. */
function cutOff(directory: string, name: string, length: number): string {
  const descriptor = openSync(join(directory, name), 'r+')
  try {
    const bytes = fstatSync(descriptor).size - length
    const side = freeSideName(directory, name, length)
    const copy = openSync(join(directory, side), 'wx', 0o600)
    try {
      const chunk = Buffer.alloc(64 * 1024)
      for (let at = length; ; ) {
        const read = readSync(descriptor, chunk, 0, chunk.length, at)
        if (read === 0) break
        at += writeSync(copy, chunk, 0, read)
      }
      fsyncSync(copy)
    } finally {
      closeSync(copy)
    }
    ftruncateSync(descriptor, length)
    fsyncSync(descriptor)
    return `${bytes} bytes at the end of \`${name}\` were no whole record and are now in \`${side}\``
  } finally {
    closeSync(descriptor)
  }
}

function freeSideName(directory: string, name: string, length: number): string {
  for (let attempt = 0; ; attempt++) {
    const side = `torn-${name.replace('.jsonl', '')}-${length}${attempt === 0 ? '' : `-${attempt}`}`
    if (!existsSync(join(directory, side))) return side
  }
}

/** The last bytes of a file's first `length`: at least one whole line of any legal length. */
function readTail(file: string, length: number): Buffer {
  const descriptor = openSync(file, 'r')
  try {
    const from = Math.max(0, length - lineBytesMax)
    const tail = Buffer.alloc(length - from)
    let read = 0
    while (read < tail.length) {
      const got = readSync(descriptor, tail, read, tail.length - read, from + read)
      if (got === 0) break
      read += got
    }
    return tail.subarray(0, read)
  } finally {
    closeSync(descriptor)
  }
}

function damaged(directory: string, what: string): BulkheadError {
  return new BulkheadError('store-corrupt', `the audit log in \`${directory}\` cannot be continued: ${what}`, {
    details: { directory },
    hint: 'look at it with `bulkhead audit verify`, then move the directory away; a new log begins by itself',
  })
}

// Bodies on their way between the command line and the admin socket, where they are base64.

import { bodyBytesMax } from '@bulkhead/admin'
import { BulkheadError } from '@bulkhead/vocabulary'
import { shownLines } from '../byte-text.js'
import { readInput } from '../read-input.js'
import type { Terminal } from '../terminal.js'

export type BodyFlags = { readonly file?: string }

/**
 * The body that the user means: an argument, `-` for all of stdin, or `--file`; else it is empty.
 *
 * @returns base64
 * @throws {BulkheadError} `usage` when there are two, or it is too large.
 */
export async function bodyOf(given: string | undefined, { file }: BodyFlags, terminal: Terminal): Promise<string> {
  if (given !== undefined && file !== undefined) {
    throw new BulkheadError('usage', 'there are two bodies: an argument and --file', { hint: 'give one of them' })
  }
  const bytes = await bytesOf(given, file, terminal)
  if (bytes.length <= bodyBytesMax) return Buffer.from(bytes).toString('base64')
  throw new BulkheadError('usage', `the body has more than ${bodyBytesMax} bytes`, {
    hint: 'a message has at most 256 KiB: put what is larger where its receiver can read it, and send the name',
  })
}

export function bytesOfBody(body: string): Uint8Array {
  return Buffer.from(body, 'base64')
}

/** Prints a body: byte for byte where a program reads it; on a terminal escaped, and with a line end. */
export async function printBody(bytes: Uint8Array, { stdout }: Terminal): Promise<void> {
  if (stdout.isTerminal) stdout.write(`${shownLines(bytes)}\n`)
  else await stdout.pipe(bytes)
}

async function bytesOf(given: string | undefined, file: string | undefined, terminal: Terminal): Promise<Uint8Array> {
  if (file !== undefined) return readInput(file, terminal, bodyBytesMax)
  if (given === '-') return readStdin(terminal)
  return Buffer.from(given ?? '')
}

/** Reads no further than it takes to know that there is too much. */
async function readStdin(terminal: Terminal): Promise<Uint8Array> {
  const chunks: Uint8Array[] = []
  let length = 0
  for await (const chunk of terminal.stdin()) {
    chunks.push(chunk)
    length += chunk.length
    if (length > bodyBytesMax) break
  }
  return Buffer.concat(chunks)
}

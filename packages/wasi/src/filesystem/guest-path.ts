import { guestPathBytesMax } from '../limits.js'
import { fail } from '../wasi-failure.js'

/** A path argument, taken apart: only names and `..`, in order. */
export type RelativePath = {
  readonly segments: readonly string[]
  /** Ends in `/`, `.` or `..`: only a directory can be meant. */
  readonly directoryOnly: boolean
  /** Ends in `.`: no entry can be made, moved or removed under that name. */
  readonly endsInDot: boolean
}

const loneSurrogate = /\p{Surrogate}/u
const encoder = new TextEncoder()

/**
 * Takes a guest's path argument apart. Nothing is normalised but what has no meaning (`.` and doubled slashes): `..` stays,
 * because behind a symbolic link it is not lexical.
 *
 * @throws `no-entry` when empty, `not-permitted` when absolute, `name-too-long`, `invalid` for NUL, `illegal-byte-sequence`
 *   for a lone surrogate (the file system would see another name than the one that was decided).
 */
export function parseRelativePath(path: string): RelativePath {
  checkText(path)
  if (path.charCodeAt(0) === 0x2f) fail('not-permitted')
  return split(path)
}

/** The target of a symbolic link, which may be absolute: then it is meant from the guest's root. */
export function parseLinkTarget(target: string): RelativePath & { readonly absolute: boolean } {
  checkText(target)
  return { ...split(target), absolute: target.charCodeAt(0) === 0x2f }
}

/** Checks a text that becomes a file's name or a link's target. */
export function checkText(path: string): void {
  if (path.length === 0) fail('no-entry')
  if (path.length > guestPathBytesMax) fail('name-too-long')
  if (path.length * 3 > guestPathBytesMax && encoder.encode(path).byteLength > guestPathBytesMax) fail('name-too-long')
  if (path.includes('\0')) fail('invalid')
  if (loneSurrogate.test(path)) fail('illegal-byte-sequence')
}

function split(path: string): RelativePath {
  const segments: string[] = []
  let last = ''
  for (const segment of path.split('/')) {
    last = segment
    if (segment !== '' && segment !== '.') segments.push(segment)
  }
  return { segments, directoryOnly: last === '' || last === '.' || last === '..', endsInDot: last === '.' }
}

/** `/`, `data` → `/data`. */
export function joinPath(directory: string, name: string): string {
  return directory === '/' ? `/${name}` : `${directory}/${name}`
}

/** Where the names would lead if no link were among them: for saying what was meant, never for opening it. */
export function lexicalPath(directory: string, segments: readonly string[]): string {
  const stack = directory === '/' ? [] : directory.slice(1).split('/')
  for (const segment of segments) {
    if (segment === '..') stack.pop()
    else stack.push(segment)
  }
  return `/${stack.join('/')}`
}

// Perimeter: remembers beside the log how far a transport has taken it.
import { readFileSync, renameSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'

/** What a transport has taken: everything up to `seq`, which stands in file number `file`. */
export type Bookmark = { readonly target: string; readonly file: number; readonly seq: number }

const name = 'transport.json'

/** The bookmark of this target; `undefined` where there is none, or none that can be read. */
export function readBookmark(directory: string, target: string): Bookmark | undefined {
  try {
    const { target: of, file, seq } = JSON.parse(readFileSync(join(directory, name), 'utf8')) as Partial<Bookmark>
    if (of !== target || !Number.isSafeInteger(file) || !Number.isSafeInteger(seq)) return undefined
    return { target, file: Number(file), seq: Number(seq) }
  } catch {
    return undefined
  }
}

/** Replaced whole. It is no evidence and not synced: what is lost with it is handed over twice. */
export function writeBookmark(directory: string, bookmark: Bookmark): void {
  const next = join(directory, `${name}.next`)
  writeFileSync(next, `${JSON.stringify(bookmark)}\n`, { mode: 0o600 })
  renameSync(next, join(directory, name))
}

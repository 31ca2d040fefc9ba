// Perimeter: who may change a file, by the file's own permissions and those of every directory above it.
import { realpathSync, statSync } from 'node:fs'
import { dirname } from 'node:path'

/** A file and everything above it, symbolic links resolved. */
export type FileSurvey = {
  /** Real absolute path. */
  readonly path: string
  /** The file first, then its parents up to `/`. */
  readonly chain: readonly { readonly path: string; readonly uid: number; readonly mode: number }[]
  /** The user that this process runs as. */
  readonly ownUid: number
}

const writableByOthers = 0o022

/**
 * Gathers what `determineTrust` needs to know of a local file.
 *
 * @throws the error of the file system when the file is not there.
 */
export function surveyFile(path: string): FileSurvey {
  const real = realpathSync(path)
  return { path: real, chain: withParents(real).map(describe), ownUid: process.getuid?.() ?? 0 }
}

/** Why others may change a file, in words, or `undefined` when only its owner and root may. */
export function changeableBy({ chain, ownUid }: FileSurvey): string | undefined {
  for (const { path, uid, mode } of chain) {
    if (uid !== 0 && uid !== ownUid) return `\`${path}\` belongs to user ${uid}`
    if ((mode & writableByOthers) !== 0) return `others may write \`${path}\` (mode ${(mode & 0o7777).toString(8)})`
  }
  return undefined
}

function withParents(path: string): readonly string[] {
  const parent = dirname(path)
  return parent === path ? [path] : [path, ...withParents(parent)]
}

function describe(path: string): FileSurvey['chain'][number] {
  const { uid, mode } = statSync(path)
  return { path, uid, mode }
}

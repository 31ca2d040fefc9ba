// Perimeter: who may change a file, by the file's own permissions and those of every directory above it.
import { createHash } from 'node:crypto'
import { closeSync, constants, fstatSync, openSync, readSync, realpathSync, statSync } from 'node:fs'
import { dirname } from 'node:path'
import { readPieceBytes } from './limits.js'

/** A file and everything above it, symbolic links resolved. */
export type FileSurvey = {
  /** Real absolute path. */
  readonly path: string
  /** The file first, then its parents up to `/`. */
  readonly chain: readonly { readonly path: string; readonly uid: number; readonly mode: number }[]
  /** The user that this process runs as. */
  readonly ownUid: number
  /**
   * The digest of what lies at `path`. Where nobody else may change it, these are the bytes that the survey is about; what
   * was read before may have lain elsewhere, behind a link that has been moved since.
   *
   * @throws the error of the file system when the file is gone, or a plain `Error` when it is no regular file.
   */
  readonly digest: () => string
}

const writableByOthers = 0o022

/**
 * Gathers what `determineTrust` needs to know of a local file.
 *
 * @throws the error of the file system when the file is not there.
 */
export function surveyFile(path: string): FileSurvey {
  const real = realpathSync(path)
  const chain = withParents(real).map(describe)
  return { path: real, chain, ownUid: process.getuid?.() ?? 0, digest: () => digestOf(real) }
}

/**
 * Surveys the file of a component and, where its manifest lies in a file of its own, that one.
 *
 * @throws the error of the file system when one of them is not there.
 */
export function surveyComponent(
  file: string,
  manifest: string | undefined,
): { readonly file: FileSurvey; readonly manifestFile?: FileSurvey } {
  return { file: surveyFile(file), ...(manifest === undefined ? {} : { manifestFile: surveyFile(manifest) }) }
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

function digestOf(path: string): string {
  const descriptor = openSync(path, constants.O_RDONLY | constants.O_NONBLOCK | constants.O_NOFOLLOW)
  try {
    if (!fstatSync(descriptor).isFile()) throw new Error(`\`${path}\` is no regular file`)
    const hash = createHash('sha256')
    const piece = Buffer.alloc(readPieceBytes)
    for (let length = -1; length !== 0; ) {
      length = readSync(descriptor, piece)
      hash.update(piece.subarray(0, length))
    }
    return `sha256:${hash.digest('hex')}`
  } finally {
    closeSync(descriptor)
  }
}

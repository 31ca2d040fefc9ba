// Perimeter: reads the trust document again when it changed, and the signatures beside components.
import { statSync } from 'node:fs'
import { noTrust, parseTrust, surveyFile, type Trust } from '@bulkhead/trust'
import { readDocument } from '../read-document.js'

/**
 * The trust document of a tree as it is now. A document that became unreadable or wrong while the runtime runs trusts
 * nobody and wants every component signed: trust may go down by itself, never up.
 */
export class TrustWatch {
  readonly #file: string | undefined
  #trust: Trust
  #mark: string

  /** @throws {DocumentError} with every finding: a runtime does not start with a trust document that it cannot read. */
  constructor(file: string | undefined) {
    this.#file = file
    this.#mark = markOf(file)
    this.#trust = file === undefined ? noTrust : parseTrust(readDocument(file), { file })
  }

  /** The document's words now. */
  get current(): Trust {
    const mark = markOf(this.#file)
    if (mark === this.#mark || this.#file === undefined) return this.#trust
    this.#mark = mark
    try {
      this.#trust = parseTrust(readDocument(this.#file), { file: this.#file })
    } catch {
      this.#trust = { ...noTrust, file: this.#file, requireSignatures: true }
    }
    return this.#trust
  }

  /** Changes whenever the document may have changed. */
  get mark(): string {
    return markOf(this.#file)
  }
}

/** What a file looks like from outside; `absent` where there is none. */
export function markOf(file: string | undefined): string {
  if (file === undefined) return 'none'
  try {
    // The time of the content can be set back by whoever writes it; that of the change cannot.
    const { ino, size, mtimeNs, ctimeNs } = statSync(file, { bigint: true })
    return `${ino} ${size} ${mtimeNs} ${ctimeNs}`
  } catch {
    return 'absent'
  }
}

/** Who may change a file, by itself or by a directory above it; `absent` where there is none. */
export function ownersOf(file: string): string {
  try {
    const { path, chain } = surveyFile(file)
    return [path, ...chain.map(({ uid, mode }) => `${uid}:${mode}`)].join(' ')
  } catch {
    return 'absent'
  }
}

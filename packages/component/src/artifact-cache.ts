// Perimeter: artifacts on disk.
import { createHash, createHmac, randomBytes, timingSafeEqual } from 'node:crypto'
import { constants } from 'node:fs'
import { mkdir, open, rename, rm, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { cachedDataVersionTag } from 'node:v8'
import type { InterfaceContract } from '@bulkhead/contracts'
import type { Digest } from '@bulkhead/vocabulary'
import { adapterDigests } from './adapters.js'
import { artifactBytesMax } from './limits.js'
import { toolchainVersions } from './toolchain-versions.js'

// An artifact is code that runs with the host's authority until it has instantiated its guest. A file on disk is
// therefore believed only with its authentication code: the whole file is read once, verified in memory, and everything
// is compiled from that same buffer. The code covers the name under which an artifact is kept, so that one component's
// artifact cannot be put in another's place.
//
// Several processes may share the directory: files appear whole, by rename, and are never changed.

const FORMAT = 'bulkhead-artifact-1'
const MAC_BYTES = 32

export type CacheLookUp =
  | { readonly kind: 'found'; readonly artifact: Uint8Array }
  | { readonly kind: 'absent' }
  /** A file is there and is not one that this key authenticated. */
  | { readonly kind: 'rejected' }

export class ArtifactCache {
  readonly #directory: string
  readonly #key: Uint8Array
  readonly #offered: readonly string[]

  /** @param interfaces what a component's imports are compared with beside the bundled contracts. */
  constructor(directory: string, key: Uint8Array, interfaces: readonly InterfaceContract[] = []) {
    this.#directory = directory
    this.#key = key
    this.#offered = interfaces.length === 0 ? [] : [JSON.stringify(interfaces)]
  }

  /** The name of an artifact: everything that its content depends on. */
  nameOf(digest: Digest, memoryBytesMax: number): string {
    const parts = [
      FORMAT,
      digest,
      toolchainVersions,
      adapterDigests.command,
      adapterDigests.reactor,
      memoryBytesMax,
      process.versions.v8,
      cachedDataVersionTag(),
      ...this.#offered,
    ]
    return createHash('sha256').update(JSON.stringify(parts)).digest('hex')
  }

  async lookUp(name: string): Promise<CacheLookUp> {
    const bytes = await this.#read(name)
    if (bytes === undefined) return { kind: 'absent' }
    const artifact = bytes.subarray(MAC_BYTES)
    const found = bytes.subarray(0, MAC_BYTES)
    if (found.length !== MAC_BYTES || !timingSafeEqual(found, this.#mac(name, artifact))) return { kind: 'rejected' }
    return { kind: 'found', artifact }
  }

  async store(name: string, artifact: Uint8Array): Promise<void> {
    await mkdir(this.#directory, { recursive: true, mode: 0o700 })
    const draft = `${this.#file(name)}.${process.pid}.${randomBytes(6).toString('hex')}`
    try {
      await writeFile(draft, [this.#mac(name, artifact), artifact], { mode: 0o600, flag: 'wx' })
      await rename(draft, this.#file(name))
    } catch (thrown) {
      await rm(draft, { force: true })
      throw thrown
    }
  }

  #mac(name: string, artifact: Uint8Array): Buffer {
    return createHmac('sha256', this.#key).update(`${FORMAT}\0${name}\0`).update(artifact).digest()
  }

  #file(name: string): string {
    return join(this.#directory, `${name}.artifact`)
  }

  async #read(name: string): Promise<Uint8Array | undefined> {
    try {
      // Without waiting: where others could write in the directory, a pipe under this name would hold a thread for ever.
      const handle = await open(this.#file(name), constants.O_RDONLY | constants.O_NONBLOCK)
      try {
        const stat = await handle.stat()
        // What is no artifact is answered by an empty buffer, whose code cannot be right.
        return stat.isFile() && stat.size <= artifactBytesMax ? await handle.readFile() : new Uint8Array(0)
      } finally {
        await handle.close()
      }
    } catch (thrown) {
      if ((thrown as NodeJS.ErrnoException).code === 'ENOENT') return undefined
      return new Uint8Array(0)
    }
  }
}

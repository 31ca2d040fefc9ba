import { createHash } from 'node:crypto'
import { basename } from 'node:path'
import { performance } from 'node:perf_hooks'
import type { ExportedFunction, InterfaceContract } from '@bulkhead/contracts'
import { type Digest, Fault, parseDigest } from '@bulkhead/vocabulary'
import { type Artifact, type ComponentKind, decodeArtifact } from './artifact.js'
import { ArtifactCache } from './artifact-cache.js'
import { BuildChild } from './build-child.js'
import { checkNames } from './check-names.js'
import type { Executable, PortableExecutable } from './executable.js'
import { buildMemoryBytesMax, compiledArtifactsMax, componentBytesMax, transpileMsMax } from './limits.js'
import { readComponentFile } from './read-component-file.js'
import { RecentlyUsed } from './recently-used.js'
import { tooLarge } from './recognise.js'
import { SharedWork } from './shared-work.js'
import { toolError } from './tool-errors.js'

export type BuildPhase = 'hash' | 'cache' | 'adapt' | 'verify' | 'transpile' | 'compile' | 'ready'

/** Where a preparation is. `adapt` to `compile` happen only when the cache has nothing. */
export type BuildProgress = {
  readonly phase: BuildPhase
  readonly file: string
  /** Since the call of `prepare`. */
  readonly elapsedMs: number
  /** Something that an operator should know and that does not stop the preparation. */
  readonly warning?: string
}

export type ComponentBuilderOptions = {
  readonly cacheDirectory: string
  /** 32 bytes that only this user has: `loadOrCreateCacheKey`. */
  readonly cacheKey: Uint8Array
  /** Interfaces that the host application offers beside the bundled ones (SPEC 17). */
  readonly interfaces?: readonly InterfaceContract[]
  readonly transpileMsMax?: number
  readonly buildMemoryBytesMax?: number
  readonly onProgress?: (progress: BuildProgress) => void
}

export type ComponentSource = { readonly file: string } | { readonly bytes: Uint8Array; readonly name: string }
export type PrepareOptions = { readonly memoryBytesMax: number; readonly signal?: AbortSignal }

/** A verified component, ready to be sent to an actor's worker. */
export type PreparedComponent = {
  /** Of the bytes as they were read. */
  readonly digest: Digest
  /** Of everything but the custom sections, wherever they stand: what a child's past is kept under. */
  readonly codeDigest: Digest
  readonly file: string
  /** The file's name, for people. */
  readonly name: string
  readonly kind: ComponentKind
  readonly imports: readonly string[]
  readonly exports: readonly string[]
  /** What can be called by name, with complete types. */
  readonly functions: readonly ExportedFunction[]
  readonly embeddedManifest?: string
  readonly executable: Executable
  readonly warnings: readonly string[]
}

/** A verified component, ready to be sent to another process. */
export type PortableComponent = { readonly component: PreparedComponent; readonly portable: PortableExecutable }

/**
 * Makes runnable, verified artifacts of components and preview1 modules that nobody trusts, in a child process, and
 * keeps them in a cache that is authenticated with `cacheKey`.
 *
 * @example
 * ```ts
 * const builder = new ComponentBuilder({ cacheDirectory, cacheKey: loadOrCreateCacheKey(cacheDirectory) })
 * const prepared = await builder.prepare({ file: 'app.wasm' }, { memoryBytesMax: 64 * 1024 * 1024 })
 * await builder.close()
 * ```
 */
export class ComponentBuilder {
  readonly #cache: ArtifactCache
  readonly #interfaces: readonly InterfaceContract[]
  readonly #child: BuildChild
  readonly #transpileMsMax: number
  readonly #onProgress: (progress: BuildProgress) => void
  readonly #shared = new SharedWork<Compiled>()
  /** By artifact name, which holds the digest of the bytes: what is kept here was authenticated when it was compiled. */
  readonly #compiled = new RecentlyUsed<Compiled>(compiledArtifactsMax)
  #lastBuild: Promise<unknown> = Promise.resolve()
  #closed = false

  constructor(options: ComponentBuilderOptions) {
    this.#interfaces = options.interfaces ?? []
    this.#cache = new ArtifactCache(options.cacheDirectory, options.cacheKey, this.#interfaces)
    this.#child = new BuildChild({ memoryBytesMax: options.buildMemoryBytesMax ?? buildMemoryBytesMax })
    this.#transpileMsMax = options.transpileMsMax ?? transpileMsMax
    this.#onProgress = options.onProgress ?? (() => {})
  }

  /**
   * Reads a component once, and returns its artifact from the cache or builds it. Calls for the same bytes and cap that
   * overlap share one build; it is given up only when every caller aborted.
   *
   * @param options.memoryBytesMax written into the modules: all linear memories together never grow past it.
   * @throws {BulkheadError} `component-not-found`, `component-too-large`, `component-invalid`,
   *   `component-proposal-unsupported`, `component-import-unknown`, `component-import-type-mismatch`,
   *   `component-rejected-name`, `component-rejected-glue`, `component-transpile-failed`, `resource-limit-exceeded`. An
   *   aborted call throws the signal's reason.
   */
  async prepare(source: ComponentSource, options: PrepareOptions): Promise<PreparedComponent> {
    options.signal?.throwIfAborted()
    if (this.#closed) throw new Fault('internal', 'the builder is closed')
    const file = 'file' in source ? source.file : source.name
    const report = this.#reporter(file)
    report('hash')
    const bytes = 'file' in source ? await readComponentFile(source.file) : boundedBytes(source.bytes)
    const digest = parseDigest(`sha256:${createHash('sha256').update(bytes).digest('hex')}`)
    const name = this.#cache.nameOf(digest, options.memoryBytesMax)
    report('cache')
    const compiled =
      this.#compiled.get(name) ??
      (await this.#shared.join(name, options.signal, async (signal) => {
        const artifact = await this.#artifact(bytes, name, options.memoryBytesMax, report, signal)
        return { facts: artifact.facts, executable: await compile(artifact) }
      }))
    this.#compiled.set(name, compiled)
    report('ready')
    return { digest, file, name: basename(file), ...compiled.facts, executable: compiled.executable }
  }

  /**
   * The same for an actor in a process of its own: what `prepare` would give and has checked, with the core modules as
   * bytes. It reads the file again, so that what runs there is what `digest` says.
   *
   * @throws {BulkheadError} as `prepare`.
   */
  async portable(source: ComponentSource, options: PrepareOptions): Promise<PortableComponent> {
    const bytes = 'file' in source ? await readComponentFile(source.file) : boundedBytes(source.bytes)
    const name = 'file' in source ? source.file : source.name
    const component = await this.prepare({ bytes, name }, options)
    const artifact = await this.#artifact(
      bytes,
      this.#cache.nameOf(component.digest, options.memoryBytesMax),
      options.memoryBytesMax,
      this.#reporter(name),
      options.signal ?? new AbortController().signal,
    )
    const { glue, cachedData, modules } = artifact
    return { component, portable: cachedData === undefined ? { glue, modules } : { glue, cachedData, modules } }
  }

  /** Ends the build process; builds that are under way fail. */
  async close(): Promise<void> {
    this.#closed = true
    this.#compiled.clear()
    this.#child.close()
    await this.#lastBuild
  }

  async #artifact(
    bytes: Uint8Array,
    name: string,
    memoryBytesMax: number,
    report: Reporter,
    signal: AbortSignal,
  ): Promise<Artifact> {
    const found = await this.#cache.lookUp(name)
    if (found.kind === 'found') return decodeArtifact(found.artifact)
    if (found.kind === 'rejected') report('cache', 'a cached artifact was damaged or forged; it is built again')
    const encoded = await this.#inTurn(() => this.#build(bytes, memoryBytesMax, report, signal))
    const artifact = decodeArtifact(encoded)
    report('compile')
    await this.#store(name, encoded, report)
    return artifact
  }

  /** A cache that cannot be written costs the next start time, and nothing else. */
  async #store(name: string, encoded: Uint8Array, report: Reporter): Promise<void> {
    try {
      await this.#cache.store(name, encoded)
    } catch (thrown) {
      report(
        'compile',
        `the artifact could not be cached: ${thrown instanceof Error ? thrown.message : String(thrown)}`,
      )
    }
  }

  async #build(bytes: Uint8Array, memoryBytesMax: number, report: Reporter, signal: AbortSignal): Promise<Uint8Array> {
    if (this.#closed) throw new Fault('internal', 'the builder is closed')
    const interfaces = this.#interfaces
    const task = { kind: 'build', bytes, memoryBytesMax, interfaces, deadlineMs: this.#transpileMsMax } as const
    const outcome = await this.#child.run(task, (step) => report(step), signal)
    if (outcome.kind !== 'built') throw new Fault('internal', 'the build process answered another question')
    return outcome.artifact
  }

  /** Builds wait for each other here, so that a deadline begins when its build does. */
  #inTurn<T>(work: () => Promise<T>): Promise<T> {
    const turn = this.#lastBuild.then(work)
    this.#lastBuild = turn.catch(() => {})
    return turn
  }

  #reporter(file: string): Reporter {
    const begin = performance.now()
    return (phase, warning) => {
      const elapsedMs = performance.now() - begin
      this.#onProgress({ phase, file, elapsedMs, ...(warning === undefined ? {} : { warning }) })
    }
  }
}

type Compiled = { readonly facts: Artifact['facts']; readonly executable: Executable }
type Reporter = (phase: BuildPhase, warning?: string) => void

function boundedBytes(bytes: Uint8Array): Uint8Array {
  const copy = Uint8Array.from(bytes)
  if (copy.length > componentBytesMax) throw tooLarge(copy.length)
  return copy
}

/** Compiles the core modules off the main thread, and has V8 itself say which names they hold. */
async function compile(artifact: Artifact): Promise<Executable> {
  const modules: Record<string, WebAssembly.Module> = Object.create(null) as Record<string, WebAssembly.Module>
  for (const { name, bytes } of artifact.modules) {
    try {
      modules[name] = await WebAssembly.compile(bytes)
    } catch (thrown) {
      throw toolError('compiled', thrown)
    }
    const module = modules[name]
    checkNames(WebAssembly.Module.imports(module).flatMap((each) => [each.module, each.name]))
    checkNames(WebAssembly.Module.exports(module).map((each) => each.name))
  }
  const { glue, cachedData } = artifact
  return cachedData === undefined ? { glue, modules } : { glue, cachedData, modules }
}

// A guest as the glue would drive it, over real files in a temporary directory. Test support only; never shipped.
import fs from 'node:fs'
import os from 'node:os'
import path from 'node:path'
import { type CapabilityTable, compileTable, type ForbiddenRule, type Grant } from '@bulkhead/capability'
import type { ContextLimits, ContextMount, Neighbour } from '@bulkhead/security-context'
import type { AccessRecord, Hostility } from '@bulkhead/vocabulary'
import { Poisoned } from './endings.js'
import { createHost } from './host.js'
import type { ByteSink, ByteSource, ContextUpdate, GuestHost, HostPowers } from './powers.js'

export type Payload = string | { readonly tag: string; readonly val?: unknown }

/** A `descriptor` as the glue calls it. */
export type Fd = {
  openAt: (pathFlags: object, path: string, open: object, flags: object) => Fd
  read: (length: bigint, offset: bigint) => [Uint8Array, boolean]
  write: (bytes: Uint8Array, offset: bigint) => bigint
  stat: () => Stat
  statAt: (pathFlags: object, path: string) => Stat
  setSize: (size: bigint) => void
  setTimes: (accessed: Payload, modified: Payload) => void
  setTimesAt: (pathFlags: object, path: string, accessed: Payload, modified: Payload) => void
  getType: () => string
  getFlags: () => Record<string, boolean>
  advise: (offset: bigint, length: bigint, advice: string) => void
  sync: () => void
  syncData: () => void
  readDirectory: () => Listing
  createDirectoryAt: (path: string) => void
  removeDirectoryAt: (path: string) => void
  unlinkFileAt: (path: string) => void
  renameAt: (path: string, to: Fd, toPath: string) => void
  linkAt: (pathFlags: object, path: string, to: Fd, toPath: string) => void
  symlinkAt: (target: string, path: string) => void
  readlinkAt: (path: string) => string
  isSameObject: (other: Fd) => boolean
  metadataHash: () => { lower: bigint; upper: bigint }
  metadataHashAt: (pathFlags: object, path: string) => { lower: bigint; upper: bigint }
  readViaStream: (offset: bigint) => Input
  writeViaStream: (offset: bigint) => Output
  appendViaStream: () => Output
  [Symbol.dispose]: () => void
}
export type Stat = { type: string; size: bigint; linkCount: bigint; dataModificationTimestamp?: { seconds: bigint } }
export type Listing = {
  readDirectoryEntry: () => { name: string; type: string } | undefined
  [Symbol.dispose]: () => void
}
export type Pollable = { ready: () => boolean; block: () => void; [Symbol.dispose]: () => void }
export type Input = {
  read: (length: bigint) => Uint8Array
  blockingRead: (length: bigint) => Uint8Array
  skip: (length: bigint) => bigint
  subscribe: () => Pollable
  [Symbol.dispose]: () => void
}
export type Output = {
  checkWrite: () => bigint
  write: (bytes: Uint8Array) => void
  blockingWriteAndFlush: (bytes: Uint8Array) => void
  flush: () => void
  blockingFlush: () => void
  writeZeroes: (length: bigint) => void
  blockingWriteZeroesAndFlush: (length: bigint) => void
  splice: (source: Input, length: bigint) => bigint
  blockingSplice: (source: Input, length: bigint) => bigint
  subscribe: () => Pollable
  [Symbol.dispose]: () => void
}

export type Mount = {
  readonly host: string
  readonly mode?: 'read' | 'write'
  readonly hardlinks?: boolean
  readonly scratchBytes?: number
}
export type Setup = {
  /** `read /data/**`, one rule each; `write /data/** 10` with the largest size in bytes. */
  readonly allow?: readonly string[]
  readonly deny?: readonly string[]
  readonly forbidden?: readonly string[]
  readonly mounts?: Readonly<Record<string, Mount>>
  /** Other children, by their rules and mounts. */
  readonly neighbours?: readonly Pick<Setup, 'allow' | 'mounts'>[]
  readonly own?: readonly string[]
  readonly args?: readonly string[]
  readonly environment?: readonly (readonly [string, string])[]
  readonly configuration?: readonly (readonly [string, string])[]
  readonly limits?: Partial<ContextLimits>
  readonly powers?: Partial<HostPowers>
}

const origin = { document: 'test.toml', line: 1 }

function rules(texts: readonly string[] = []): Grant[] {
  return texts.map((text) => {
    const [action, pattern = '', size] = text.split(' ')
    const limits = size === undefined ? {} : { limits: { maxFileSizeBytes: Number(size) } }
    const [kind = '', one] = (action ?? '').split('.')
    // `storage.read self:*`: any kind, spelled out.
    if (one !== undefined) return { kind, action: one, pattern, origin } as Grant
    if (action === 'env') return { kind: 'environment', action: 'read', pattern, origin }
    if (action === 'publish' || action === 'request') return { kind: 'messaging', action, pattern, origin }
    if (action === 'connect' || action === 'bind') return { kind: 'network', action, pattern, origin }
    return { kind: 'filesystem', action: action as 'read', pattern, origin, ...limits }
  })
}

export function tableOf(setup: Setup, version = 1): CapabilityTable {
  return compileTable({
    version,
    componentId: 'guest',
    forbidden: rules(setup.forbidden) as ForbiddenRule[],
    deny: rules(setup.deny),
    layers: [{ layer: 'manifest', grants: rules(setup.allow) }],
    operator: [],
  })
}

export function mountOf(guestPath: string, mount: Mount): ContextMount {
  const hostPath = fs.realpathSync(mount.host)
  const stat = fs.statSync(hostPath, { bigint: true })
  const kind = stat.isDirectory() ? 'directory' : 'file'
  const { mode = 'write', hardlinks = false, scratchBytes } = mount
  const scratch = scratchBytes === undefined ? {} : { scratchBytes }
  return { guestPath, hostPath, mode, kind, device: stat.dev, inode: stat.ino, hardlinks, ...scratch }
}

function neighboursOf(setup: Setup): Neighbour[] {
  return (setup.neighbours ?? []).map((other) => ({
    table: tableOf(other),
    mounts: Object.entries(other.mounts ?? {}).map(([guestPath, mount]) => mountOf(guestPath, mount)),
  }))
}

const temporary: string[] = []

/** A directory that `cleanUp` removes. */
export function temporaryDirectory(): string {
  const made = fs.realpathSync(fs.mkdtempSync(path.join(os.tmpdir(), 'bulkhead-wasi-')))
  temporary.push(made)
  return made
}

const guests: TestGuest[] = []

/** Closes every guest and removes every directory of the test; for `afterEach`. */
export function cleanUp(): void {
  for (const guest of guests.splice(0)) guest.host.close()
  for (const directory of temporary.splice(0)) fs.rmSync(directory, { recursive: true, force: true })
}

/** What a sink got, as text. */
export class TestSink implements ByteSink {
  #text = ''
  room = 1 << 20
  readonly capacity = (): number => this.room
  readonly flushed = (): boolean => true
  readonly write = (bytes: Uint8Array): void => {
    if (bytes.byteLength > this.room) throw new RangeError('written beyond the capacity')
    this.#text += Buffer.from(bytes).toString('latin1')
    this.room -= bytes.byteLength
  }
  get text(): string {
    return this.#text
  }
}

/** Gives what was put in, then `'empty'` until it is ended. */
export class TestSource implements ByteSource {
  readonly #parts: Uint8Array[] = []
  #ended = false
  put(text: string): void {
    this.#parts.push(Buffer.from(text))
  }
  end(): void {
    this.#ended = true
  }
  readonly read = (max: number): Uint8Array | 'empty' | 'closed' => {
    const part = this.#parts.shift()
    if (part === undefined) return this.#ended ? 'closed' : 'empty'
    if (part.byteLength > max) this.#parts.unshift(part.subarray(max))
    return part.subarray(0, max)
  }
}

export class TestGuest {
  readonly host: GuestHost
  readonly records: AccessRecord[] = []
  readonly entered: number[] = []
  readonly hostilities: { kind: Hostility; detail: string }[] = []
  readonly stdin = new TestSource()
  readonly stdout = new TestSink()
  readonly stderr = new TestSink()
  nowNs = 1_000n
  /** Called instead of sleeping; without it a wait that would never end fails the test. */
  onPark: (untilNs: bigint | undefined) => void = (untilNs) => {
    if (untilNs === undefined) throw new TypeError('a wait without end')
    this.nowNs = untilNs
  }
  readonly #posted: ContextUpdate[] = []
  #observed = 1

  constructor(setup: Setup) {
    const limits: ContextLimits = {
      memoryBytesMax: 1 << 26,
      cpuPercent: 100,
      handlesMax: 64,
      pollablesMax: 32,
      randomBytesPerCallMax: 65_536,
      readBytesPerCallMax: 1 << 20,
      ...setup.limits,
    }
    this.host = createHost({
      context: {
        policyVersion: 1,
        table: tableOf(setup),
        mounts: Object.entries(setup.mounts ?? {}).map(([guestPath, mount]) => mountOf(guestPath, mount)),
        neighbours: neighboursOf(setup),
        ownDirectories: (setup.own ?? []).map((one) => {
          const { dev, ino } = fs.statSync(one, { bigint: true })
          return { device: dev, inode: ino }
        }),
        args: setup.args ?? [],
        environment: setup.environment ?? [],
        configuration: setup.configuration ?? [],
        limits,
      },
      appendAudit: (record) => this.records.push(record) > 0,
      observedVersion: () => this.#observed,
      takeNewestContext: () => this.#posted.splice(0).at(-1),
      publishEntered: (version) => void this.entered.push(version),
      stdin: this.stdin,
      stdout: this.stdout,
      stderr: this.stderr,
      monotonicNs: () => this.nowNs,
      wallMs: () => 1_700_000_000_123,
      fillRandom: (bytes) => void crypto.getRandomValues(bytes),
      wakeCount: () => 0,
      park: (_seen, untilNs) => this.onPark(untilNs),
      hostile: (kind, detail) => {
        this.hostilities.push({ kind, detail })
        throw new Poisoned(`${kind}: ${detail}`)
      },
      fs,
      ...setup.powers,
    })
    guests.push(this)
  }

  /** Publishes a policy as the host does: first the table, then its version. */
  publish(setup: Setup, version: number): void {
    this.#posted.push({
      policyVersion: version,
      table: tableOf(setup, version),
      neighbours: neighboursOf(setup),
      ...(setup.limits === undefined ? {} : { limits: setup.limits }),
    })
    this.#observed = version
  }

  /** Publishes a version whose table never comes. */
  announce(version: number): void {
    this.#observed = version
  }

  call<T>(interfaceName: string, name: string, ...args: unknown[]): T {
    const found = this.host.imports[interfaceName]?.[name]
    if (typeof found !== 'function') throw new TypeError(`no ${interfaceName}#${name}`)
    return Reflect.apply(found, undefined, args) as T
  }

  glueClass(interfaceName: string, name: string): { prototype: object; new (...args: unknown[]): object } {
    return this.host.imports[interfaceName]?.[name] as { prototype: object; new (...args: unknown[]): object }
  }

  root(): Fd {
    const [first] = this.call<[Fd, string][]>('wasi:filesystem/preopens', 'getDirectories')
    if (first === undefined) throw new TypeError('no root')
    return first[0]
  }

  denials(): string[] {
    return this.records.filter((one) => one.verdict === 'denied').map((one) => `${one.action} ${one.resource}`)
  }

  grants(): string[] {
    return this.records.filter((one) => one.verdict === 'granted').map((one) => `${one.action} ${one.resource}`)
  }
}

export const follow = { symlinkFollow: true }
export const noFollow = { symlinkFollow: false }

export type How = {
  readonly read?: boolean
  readonly write?: boolean
  readonly create?: boolean
  readonly exclusive?: boolean
  readonly truncate?: boolean
  readonly directory?: boolean
  readonly follow?: boolean
}

/** `open-at` with full flag objects, as the glue makes them; opens for reading and follows links unless told otherwise. */
export function open(base: Fd, name: string, how: How = {}): Fd {
  const { read = how.write !== true, write = false } = how
  const { create = false, exclusive = false, truncate = false, directory = false } = how
  return base.openAt(
    { symlinkFollow: how.follow !== false },
    name,
    { create, directory, exclusive, truncate },
    {
      read,
      write,
      fileIntegritySync: false,
      dataIntegritySync: false,
      requestedWriteSync: false,
      mutateDirectory: false,
    },
  )
}

/** Exactly a `Uint8Array`, as the glue lifts a `list<u8>`. */
export function bytesOf(text: string): Uint8Array {
  return new TextEncoder().encode(text)
}

export function readText(base: Fd, name: string, how: How = {}): string {
  const fd = open(base, name, how)
  const text = Buffer.from(fd.read(1_000_000n, 0n)[0]).toString()
  fd[Symbol.dispose]()
  return text
}

export function writeText(base: Fd, name: string, text: string, how: How = {}): void {
  const fd = open(base, name, { write: true, create: true, truncate: true, ...how })
  fd.write(bytesOf(text), 0n)
  fd[Symbol.dispose]()
}

export function namesIn(fd: Fd): string[] {
  const listing = fd.readDirectory()
  const names: string[] = []
  for (let entry = listing.readDirectoryEntry(); entry !== undefined; entry = listing.readDirectoryEntry()) {
    names.push(entry.name)
  }
  listing[Symbol.dispose]()
  return names.sort()
}

/** The payload that was thrown, or `'ok'`. An `Error` is a surprise and fails the test. */
export function outcome(act: () => unknown): unknown {
  try {
    act()
  } catch (thrown) {
    if (thrown instanceof Error) throw thrown
    return thrown
  }
  return 'ok'
}

// Perimeter: starts the process of one actor, with exactly the descriptors that it is to have.
import { type ChildProcess, spawn } from 'node:child_process'
import { closeSync, openSync } from 'node:fs'
import type { Socket } from 'node:net'
import { BulkheadError } from '@bulkhead/vocabulary'
import type { Bind } from './bind-plan.js'
import { bwrapArguments, type HiddenPath } from './bwrap-arguments.js'
import { bridgeFile, descriptorOf, firstFreeDescriptor } from './child-layout.js'
import { inheritableDescriptors } from './host-descriptors.js'
import { processNice, stackBytesMax } from './limits.js'
import { limitUpTo } from './proc-facts.js'
import { findProgram, runtimeFiles } from './runtime-files.js'
import { sandboxModules } from './sandbox-paths.js'
import { syscallFilter } from './syscall-filter.js'

export type LaunchSpec = {
  /** The walls around it; none for `weak`. */
  readonly sandbox: { readonly binds: readonly Bind[]; readonly hidden: readonly HiddenPath[] } | 'weak'
  /** What Node is told to run, after its own flags. */
  readonly command: readonly string[]
  /** `RLIMIT_DATA` of the process. */
  readonly dataBytesMax: number
  /** `RLIMIT_NOFILE` of the process. */
  readonly openFilesMax: number
  /** Whether it is held back, once its walls stand, until `release` is called. */
  readonly held: boolean
}

export type Launched = {
  /** bubblewrap, or in a weak rung the process itself. */
  readonly outer: ChildProcess
  readonly control: Socket
  readonly audit: Socket
  readonly stdin: Socket
  readonly stdout: Socket
  readonly stderr: Socket
  /** Bodies of HTTP requests and responses, in frames. */
  readonly http: Socket
  /** What Node and bubblewrap say when something is wrong with them. */
  readonly diagnostics: Socket
  /** bubblewrap's own words; none in a weak rung. */
  readonly status: Socket | undefined
  readonly release: () => void
}

/** Flags of V8 that a component may need, as the host itself was started with; everything else is left behind. */
const inheritedFlag = /^--(no-)?experimental-wasm/

const statusFd = firstFreeDescriptor
const optionsFd = firstFreeDescriptor + 1
const filterFd = firstFreeDescriptor + 2
const blockFd = firstFreeDescriptor + 3

/**
 * @throws {BulkheadError} `walls-missing` when bubblewrap is not there; `internal` when nothing could be started at all.
 */
export function launch(spec: LaunchSpec): Launched {
  const { sandbox } = spec
  const filter = sandbox === 'weak' ? undefined : syscallFilter()
  const held = spec.held && sandbox !== 'weak'
  const [program, ...rest] = commandLine(spec)
  const nothing = openSync('/dev/null', 'r+')
  try {
    const outer = spawn(program, rest, { env: {}, cwd: '/', stdio: descriptors(sandbox !== 'weak', nothing) })
    // A process that could not be started says so by this event alone, and then by the end of its channels.
    outer.on('error', () => {})
    const at = (descriptor: number): Socket => socketOf(outer, descriptor)
    if (sandbox !== 'weak') {
      const fds = { statusFd, filterFd: filter && filterFd, blockFd: held ? blockFd : undefined }
      const options = bwrapArguments({ ...sandbox, ...fds, runtime: runtimeFiles().binds })
      send(at(optionsFd), Buffer.from(options.map((option) => `${option}\0`).join('')))
      send(at(filterFd), filter ?? new Uint8Array(0))
      at(blockFd).on('error', () => {})
      if (!held) at(blockFd).end()
    }
    return {
      outer,
      control: at(descriptorOf.control),
      audit: at(descriptorOf.audit),
      stdin: at(descriptorOf.stdin),
      stdout: at(descriptorOf.stdout),
      stderr: at(descriptorOf.stderr),
      http: at(descriptorOf.http),
      diagnostics: at(descriptorOf.diagnostics),
      status: sandbox === 'weak' ? undefined : at(statusFd),
      release: () => void (held && at(blockFd).end('.')),
    }
  } finally {
    closeSync(nothing)
  }
}

/** The command of the bridge, as it is found inside. */
export function bridgeCommand(sandbox: LaunchSpec['sandbox'], workerEntry: string): string[] {
  const file = sandbox === 'weak' ? bridgeFile() : `${sandboxModules}/@bulkhead/actor/dist/process/bridge.bundled.js`
  return [file, workerEntry]
}

function commandLine({ sandbox, command, dataBytesMax, openFilesMax }: LaunchSpec): [string, ...string[]] {
  const { node } = runtimeFiles()
  const nice = findProgram('nice')
  const prlimit = findProgram('prlimit')
  const line = [
    ...(nice === undefined ? [] : [nice, '-n', String(processNice)]),
    ...(prlimit === undefined ? [] : [prlimit, ...limits(dataBytesMax, openFilesMax), '--']),
    ...(sandbox === 'weak' ? [] : [bubblewrap(), '--args', String(optionsFd), '--']),
    ...[node, '--no-addons', ...process.execArgv.filter((flag) => inheritedFlag.test(flag)), ...command],
  ]
  return line as [string, ...string[]]
}

/** A full pipe is memory that no limit of data counts, so are the pages of a stack: there are not many of either. */
function limits(dataBytesMax: number, openFilesMax: number): string[] {
  const files = limitUpTo(openFilesMax, 'open files')
  const stack = limitUpTo(stackBytesMax, 'stack size')
  return [`--data=${dataBytesMax}`, '--core=0', `--nofile=${files}`, `--stack=${stack}`]
}

function bubblewrap(): string {
  const found = findProgram('bwrap')
  if (found !== undefined) return found
  throw new BulkheadError('walls-missing', 'there is no program `bwrap` on the search path', {
    details: { wall: 'bubblewrap' },
    hint: 'install bubblewrap (`apt-get install bubblewrap`)',
  })
}

/** Ours get pipes; whatever else the child would inherit becomes nothing. */
function descriptors(sandboxed: boolean, nothing: number): ('pipe' | 'ignore' | number)[] {
  const last = sandboxed ? blockFd : firstFreeDescriptor - 1
  const stdio: ('pipe' | 'ignore' | number)[] = ['ignore', 'ignore']
  for (let descriptor = stdio.length; descriptor <= last; descriptor++) stdio.push('pipe')
  for (const descriptor of inheritableDescriptors()) {
    if (descriptor <= last) continue
    while (stdio.length < descriptor) stdio.push('ignore')
    stdio[descriptor] = nothing
  }
  return stdio
}

function socketOf(outer: ChildProcess, descriptor: number): Socket {
  // It has none at all where too many files are open, whatever its type says.
  const socket = (outer.stdio as ChildProcess['stdio'] | undefined)?.[descriptor]
  if (socket === null || socket === undefined) {
    throw new BulkheadError('internal', 'no process could be started: perhaps too many files are open')
  }
  return socket as Socket
}

function send(socket: Socket, bytes: Uint8Array): void {
  // Nobody reads it when the program before could not be started.
  socket.on('error', () => {})
  socket.end(bytes)
}

// Perimeter: starts programs of the host for components.
import { type ChildProcess, spawn } from 'node:child_process'
import { closeSync, constants, fstatSync, openSync, readlinkSync, realpathSync } from 'node:fs'
import { inheritableDescriptors } from '@bulkhead/actor'
import { BulkheadError } from '@bulkhead/vocabulary'
import type { HostCallContext } from './host-call-context.js'
import {
  spawnArgumentBytesMax,
  spawnArgumentsMax,
  spawnInputBytesMax,
  spawnMsDefault,
  spawnMsMax,
  spawnOutputBytesMax,
} from './limits.js'

export type SpawnOptions = {
  /** Absolute path. Links are followed, and the file that they lead to is what has to be granted. */
  readonly executable: string
  /** Handed over as they are: no shell reads them. */
  readonly args?: readonly string[]
  readonly stdin?: Uint8Array
  /** The directory in which it runs; `/` unless said. */
  readonly directory?: string
  /** How long it may run, in milliseconds; 10 s unless said, and never longer than the guest may wait. */
  readonly deadlineMs?: number
  /** Bytes of each output; 1 MiB unless said. */
  readonly outputBytesMax?: number
}

export type SpawnResult = {
  /** `undefined` for one that a signal ended. */
  readonly exitCode?: number
  readonly signal?: string
  readonly stdout: Uint8Array
  readonly stderr: Uint8Array
}

/**
 * Runs a program of the host for a component whose call this is, when `process.spawn` of its path is granted to the component:
 * without a shell, with an empty environment, none of this process's descriptors, a deadline and bounds on what it reads and
 * writes. It is killed, with all that it has started in its process group, when nobody waits for it any more.
 *
 * The file is opened once: what is decided is the path that it has then, and what runs is the file that was opened, whatever is
 * put into its place meanwhile. The program itself has the rights of this process: grant none that does what its arguments
 * say (an interpreter, `env`, `find`).
 *
 * @throws {Denial} when it is not granted. Let through, the guest gets its function's error for a denial.
 * @throws {BulkheadError} `usage` for options that cannot be; `interface-failed` for a program that cannot be started;
 *   `call-timeout`, `resource-limit-exceeded`; `platform-unsupported` where there is no `/proc`.
 * @example
 * ```ts
 * run: async (text, context) => {
 *   const { stdout } = await spawnAllowed(context, { executable: '/usr/bin/sort', stdin: encode(text) })
 *   return decode(stdout)
 * }
 * ```
 */
export async function spawnAllowed(context: HostCallContext, options: SpawnOptions): Promise<SpawnResult> {
  const { args, stdin, outputBytesMax, deadlineMs } = checked(options, context)
  const opened = openExecutable(options.executable)
  try {
    await context.authorize({ kind: 'process', action: 'spawn', resource: opened.path })
    return await runProgram(
      opened,
      { args, stdin, outputBytesMax, deadlineMs, directory: options.directory ?? '/' },
      context,
    )
  } finally {
    closeSync(opened.descriptor)
  }
}

type Program = {
  readonly args: readonly string[]
  readonly stdin: Uint8Array
  readonly outputBytesMax: number
  readonly deadlineMs: number
  readonly directory: string
}

function checked(options: SpawnOptions, { deadlineMs: leftMs }: HostCallContext): Omit<Program, 'directory'> {
  const { args = [], stdin = new Uint8Array(0), outputBytesMax = spawnOutputBytesMax } = options
  const { deadlineMs: wantedMs = spawnMsDefault } = options
  const argumentBytes = args.reduce((sum, one) => sum + Buffer.byteLength(one) + 1, 0)
  if (args.length > spawnArgumentsMax || argumentBytes > spawnArgumentBytesMax) {
    throw new BulkheadError('usage', `${args.length} arguments of ${argumentBytes} bytes are too many`, {
      hint: `at most ${spawnArgumentsMax}, and ${spawnArgumentBytesMax} bytes`,
    })
  }
  if (args.some((one) => one.includes('\0'))) throw new BulkheadError('usage', 'an argument holds a NUL')
  checkBytes('input', stdin.length, spawnInputBytesMax)
  checkBytes('output', outputBytesMax, spawnOutputBytesMax)
  if (!(wantedMs > 0 && wantedMs <= spawnMsMax)) {
    throw new BulkheadError('usage', `a program cannot run for ${wantedMs} ms`, { hint: `at most ${spawnMsMax}` })
  }
  return { args, stdin, outputBytesMax, deadlineMs: Math.min(wantedMs, leftMs ?? wantedMs) }
}

function checkBytes(what: string, bytes: number, max: number): void {
  if (Number.isInteger(bytes) && bytes >= 0 && bytes <= max) return
  throw new BulkheadError('usage', `${bytes} bytes of ${what} are too many`, { hint: `at most ${max}` })
}

type OpenedExecutable = { readonly descriptor: number; readonly path: string }

/** Not held open by the flags of `O_PATH` alone: a script's interpreter reads the file through the descriptor. */
function openExecutable(executable: string): OpenedExecutable {
  if (process.platform !== 'linux') {
    throw new BulkheadError('platform-unsupported', 'programs are started through `/proc`, which only Linux has')
  }
  if (!executable.startsWith('/')) {
    throw new BulkheadError('usage', `\`${executable}\` is not an absolute path`, {
      hint: 'no search path is looked through',
    })
  }
  let descriptor: number
  try {
    descriptor = openSync(realpathSync(executable), constants.O_RDONLY | constants.O_NOFOLLOW | constants.O_NONBLOCK)
  } catch (cause) {
    throw new BulkheadError('interface-failed', `the program \`${executable}\` cannot be opened`, { cause })
  }
  if (!fstatSync(descriptor).isFile()) {
    closeSync(descriptor)
    throw new BulkheadError('interface-failed', `\`${executable}\` is not a file`)
  }
  return { descriptor, path: readlinkSync(`/proc/self/fd/${descriptor}`) }
}

async function runProgram(
  opened: OpenedExecutable,
  program: Program,
  { signal }: HostCallContext,
): Promise<SpawnResult> {
  // Every descriptor that the program would inherit is overwritten: `'ignore'` alone leaves them open from 3 on.
  const extra = Math.max(2, ...inheritableDescriptors()) - 2
  const child = spawn(`/proc/${process.pid}/fd/${opened.descriptor}`, program.args, {
    argv0: opened.path,
    cwd: program.directory,
    env: {},
    shell: false,
    detached: true,
    stdio: ['pipe', 'pipe', 'pipe', ...Array.from({ length: extra }, () => 'ignore' as const)],
  })
  let fault: BulkheadError | undefined
  const give = (error: BulkheadError): void => {
    fault ??= error
    stop(child)
  }
  const abort = (): void => stop(child)
  const timer = setTimeout(() => {
    give(new BulkheadError('call-timeout', `\`${opened.path}\` ran longer than ${program.deadlineMs} ms`))
  }, program.deadlineMs)
  signal.addEventListener('abort', abort)
  const outputs = ['stdout', 'stderr'] as const
  const [stdout, stderr] = outputs.map((name) =>
    collected(child[name], program.outputBytesMax, () =>
      give(
        new BulkheadError(
          'resource-limit-exceeded',
          `\`${opened.path}\` wrote more than ${program.outputBytesMax} bytes`,
          {
            details: { resource: name, limit: program.outputBytesMax },
          },
        ),
      ),
    ),
  )
  // Whoever does not read what it is given has it lost.
  child.stdin?.on('error', () => {})
  child.stdin?.end(program.stdin)
  try {
    const [exitCode, endSignal] = await ended(child, opened.path)
    if (fault !== undefined) throw fault
    signal.throwIfAborted()
    return {
      ...(exitCode === null ? {} : { exitCode }),
      ...(endSignal === null ? {} : { signal: endSignal }),
      stdout: stdout?.() ?? new Uint8Array(0),
      stderr: stderr?.() ?? new Uint8Array(0),
    }
  } finally {
    clearTimeout(timer)
    signal.removeEventListener('abort', abort)
  }
}

/** Resolves when it has ended and its outputs are read to their end. */
function ended(child: ChildProcess, path: string): Promise<readonly [number | null, NodeJS.Signals | null]> {
  return new Promise((resolve, reject) => {
    child.once('error', (cause) => {
      reject(new BulkheadError('interface-failed', `the program \`${path}\` cannot be started`, { cause }))
    })
    // ORDER: at once, while nothing else can have its number: what it has left running goes with it.
    child.once('exit', () => killGroup(child))
    child.once('close', (exitCode, signal) => resolve([exitCode, signal]))
  })
}

function collected(stream: NodeJS.ReadableStream | null, bytesMax: number, tooMuch: () => void): () => Uint8Array {
  const chunks: Buffer[] = []
  let bytes = 0
  stream?.on('data', (chunk: Buffer) => {
    bytes += chunk.length
    if (bytes <= bytesMax) chunks.push(chunk)
    else tooMuch()
  })
  return () => Uint8Array.from(Buffer.concat(chunks))
}

/** Ends it, and waits for nobody who has its outputs open still: what it started may have made a group of its own. */
function stop(child: ChildProcess): void {
  if (child.exitCode === null && child.signalCode === null) killGroup(child)
  child.stdout?.destroy()
  child.stderr?.destroy()
}

/** The process and all that it has started in its group. */
function killGroup({ pid }: ChildProcess): void {
  if (pid === undefined) return
  try {
    process.kill(-pid, 'SIGKILL')
  } catch {
    // It has ended already, and everybody with it.
  }
}

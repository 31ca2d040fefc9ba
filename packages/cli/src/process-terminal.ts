// The perimeter of the command: the only file that touches `process`.
import { spawn } from 'node:child_process'
import { userInfo } from 'node:os'
import type { WriteStream } from 'node:tty'
import { openFullScreen } from './full-screen.js'
import { exitGraceMs } from './limits.js'
import { paintFor } from './sgr.js'
import type { Screen, StopSignal, Terminal } from './terminal.js'

/** The terminal of this process. Call it once: it listens for errors of the output streams. */
export function processTerminal(): Terminal {
  return {
    stdin: () => process.stdin,
    stdout: screenOf(process.stdout),
    stderr: screenOf(process.stderr),
    fullScreen: () => {
      const { stdin, stdout } = process
      const isAble = stdin.isTTY && stdout.isTTY && process.env['TERM'] !== 'dumb'
      return isAble ? openFullScreen({ stdin, stdout, onExit }) : undefined
    },
    environment: process.env,
    directory: process.cwd(),
    user: userName(),
    onSignal,
    onReload,
    pid: process.pid,
    exitNow: (code) => process.exit(code),
    exitWhateverHangs,
  }
}

/**
 * A thread that is stuck in the kernel holds `process.exit` for ever: it waits for the thread's end. Another process ends
 * this one then, from outside; its exit code is lost, but an outer supervisor sees an end and starts again.
 */
function exitWhateverHangs(code: number): never {
  // HAZARD: the number of an ended process may be somebody else's. Who is still its child knows that it has not ended.
  const kill = `setTimeout(() => process.ppid === ${process.pid} && process.kill(process.ppid, 'SIGKILL'), ${exitGraceMs})`
  spawn(process.execPath, ['-e', kill], { detached: true, stdio: 'ignore', env: {} }).unref()
  return process.exit(code)
}

/** A user without an entry in the system's list, as in a container, has only a number. */
function userName(): string {
  try {
    return userInfo().username
  } catch {
    return `uid ${process.getuid?.() ?? 'unknown'}`
  }
}

function onExit(listener: () => void): () => void {
  process.on('exit', listener)
  return () => process.off('exit', listener)
}

function onReload(listener: () => void): () => void {
  process.on('SIGHUP', listener)
  return () => process.off('SIGHUP', listener)
}

function onSignal(listener: (signal: StopSignal) => void): () => void {
  const interrupt = (): void => listener('SIGINT')
  const terminate = (): void => listener('SIGTERM')
  process.on('SIGINT', interrupt)
  process.on('SIGTERM', terminate)
  return () => {
    process.off('SIGINT', interrupt)
    process.off('SIGTERM', terminate)
  }
}

function screenOf(stream: WriteStream): Screen {
  let broken = false
  const listeners: (() => void)[] = []
  // Without a listener, a reader that went away (`| head`) would end the process with a stack trace.
  stream.on('error', () => {
    if (broken) return
    broken = true
    for (const listener of listeners) listener()
  })
  const written = (chunk: Uint8Array | string): Promise<void> =>
    new Promise((resolve) => {
      if (broken) resolve()
      else stream.write(chunk, () => resolve())
    })
  return {
    write: (text) => {
      if (!broken) stream.write(text)
    },
    pipe: written,
    flush: () => written(''),
    onBroken: (listener) => {
      if (broken) listener()
      else listeners.push(listener)
    },
    isTerminal: stream.isTTY === true,
    paint: paintFor(stream.isTTY === true, process.env),
  }
}

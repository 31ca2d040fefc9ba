// When a process counts as ended (DESIGN D9): what was started has exited, every channel to it has come to its end, and the
// kernel has no such process any more. bubblewrap's own exit says little: it may be gone while its child still writes.
import type { ChildProcess } from 'node:child_process'
import type { Socket } from 'node:net'
import { goneLookMs } from './limits.js'
import { childrenOf, hasRunnableThread, isGone, type ProcessIdentity, processFacts } from './proc-facts.js'

export class ProcessEnd {
  /** Resolves when the end was seen. */
  readonly seen: Promise<void>
  readonly #outer: ChildProcess
  #identity: ProcessIdentity | undefined
  #wanted = false
  #cpuMs = 0

  /** @param channels every socket whose other end the process has. */
  constructor(outer: ChildProcess, channels: readonly Socket[]) {
    this.#outer = outer
    this.seen = this.#see(outer, channels)
  }

  /** The process inside, once it is known: it can be looked at and killed from now on. */
  identify(pid: number): void {
    const facts = processFacts(pid)
    if (facts === undefined) return
    this.#identity ??= { pid, startTicks: facts.startTicks }
    if (this.#wanted) this.kill()
  }

  get pid(): number | undefined {
    return this.#identity?.pid
  }

  /** Sends SIGKILL to the process inside. Before its number is known, to what it dies with. */
  kill(): void {
    this.#wanted = true
    const identity = this.#identity
    if (identity !== undefined) {
      this.cpuMs()
      if (!isGone(identity)) killNow(identity.pid)
      return
    }
    const { pid, exitCode, signalCode } = this.#outer
    // HAZARD: once it has ended, its number may be somebody else's, whose children are none of ours.
    if (pid === undefined || exitCode !== null || signalCode !== null) return
    // A child that bubblewrap has just made does not die with it yet, and would wait for it for ever.
    for (const child of childrenOf(pid)) killNow(child)
    this.#outer.kill('SIGKILL')
  }

  /** Processor time of all its threads so far; of an ended process what was last read. */
  cpuMs(): number {
    const identity = this.#identity
    const facts = identity === undefined ? undefined : processFacts(identity.pid)
    if (facts !== undefined && facts.startTicks === identity?.startTicks)
      this.#cpuMs = Math.max(this.#cpuMs, facts.cpuMs)
    return this.#cpuMs
  }

  /** Whether one of its threads has or waits for a processor. */
  wantsCpu(): boolean {
    const identity = this.#identity
    return identity !== undefined && !isGone(identity) && hasRunnableThread(identity.pid)
  }

  async #see(outer: ChildProcess, channels: readonly Socket[]): Promise<void> {
    await Promise.all([ended(outer), ...channels.map(closed)])
    while (this.#identity !== undefined && !isGone(this.#identity)) {
      await new Promise((resolve) => setTimeout(resolve, goneLookMs))
    }
  }
}

function killNow(pid: number): void {
  try {
    process.kill(pid, 'SIGKILL')
  } catch {
    // It ended between the look and the kill.
  }
}

function ended(outer: ChildProcess): Promise<void> {
  return new Promise((resolve) => {
    outer.once('exit', () => resolve())
    // It was never there.
    outer.once('error', () => outer.pid === undefined && resolve())
  })
}

function closed(socket: Socket): Promise<void> {
  return new Promise((resolve) => void socket.once('close', () => resolve()))
}

import { type GuestExports, loadExecutable } from '@bulkhead/component/load'
import type { ExportedFunction } from '@bulkhead/contracts'
import { BulkheadError } from '@bulkhead/vocabulary'
import { GuestExit, type GuestHost } from '@bulkhead/wasi'
import { initialise } from './lifecycle/guest-lifecycle.js'
import { type GuestHandlers, handlersOf } from './messages/guest-handlers.js'
import type { Begin, GuestOutcome } from './protocol.js'

export type EntryPowers = {
  readonly host: GuestHost
  /** Called before the first instruction of the guest. */
  readonly yieldToHost: () => void
  /** Called with each of its memories, as soon as it is there. */
  readonly onMemory: (memory: WebAssembly.Memory) => void
  /** Called when everything is linked, right before the guest's own code is entered by its entry point. */
  readonly ready: () => void
  /** What it exports that its host calls by name. */
  readonly functions: readonly ExportedFunction[]
  /** Serves what lies in the mailbox until a stop, or all that it is to serve; absent for a guest that has none. */
  readonly serve: ((handlers: GuestHandlers) => 'stopped' | 'done') | undefined
}

/** Instantiates the guest and runs it: a program by its `run`, an actor message by message. What ends it early is thrown. */
export function enterGuest(executable: Begin['executable'], powers: EntryPowers): GuestOutcome {
  const instantiate = loadExecutable(executable)
  powers.yieldToHost()
  const exports = instantiate(powers.host.imports, {
    onExit: (code) => {
      throw new GuestExit(code)
    },
    onMemory: powers.onMemory,
    onForgedHandle: (handle) =>
      powers.host.forgedHandle(`a part of the component used the handle ${handle}, which it was not given`),
  })
  if (powers.serve === undefined) return runProgram(exports, powers.ready)
  const handlers = handlersOf(exports, powers.functions)
  initialise(handlers.lifecycle, powers.host)
  powers.ready()
  return powers.serve(handlers) === 'stopped' ? { kind: 'stopped' } : { kind: 'returned', ok: true }
}

function runProgram(exports: GuestExports, ready: () => void): GuestOutcome {
  const entry = exports['run'] as { run?: () => unknown } | undefined
  if (typeof entry?.run !== 'function') {
    throw new BulkheadError('component-invalid', 'this component has no `wasi:cli/run` to start', {
      hint: 'only programs are run by themselves: make it a child of a tree, where it is sent messages or called by name',
    })
  }
  ready()
  const result = entry.run() as { tag?: string } | undefined
  return { kind: 'returned', ok: result?.tag !== 'err' }
}

// The composition root: the one place where the workspaces meet and powers are handed out.

import { mkdirSync } from 'node:fs'
import { availableParallelism } from 'node:os'
import { resolve } from 'node:path'
import { openSharedChannel, WarmSpares } from '@bulkhead/actor'
import { Journal, loadOrCreateSealKey } from '@bulkhead/audit'
import { ComponentBuilder, loadOrCreateCacheKey } from '@bulkhead/component'
import { surveyOwnDirectories } from '@bulkhead/security-context'
import { StateDirectory } from '@bulkhead/state'
import { BulkheadError, type HealthEventDraft, systemClock } from '@bulkhead/vocabulary'
import { Emitter } from './emitter.js'
import { exec } from './exec.js'
import { warmSparesMax } from './limits.js'
import { defaultCacheDirectory, ownCodeDirectories } from './own-code.js'
import { readTree } from './plan-tree.js'
import type { Engine } from './run-actor.js'
import { RunningTree } from './running-tree.js'
import type { Runtime, RuntimeEvents, RuntimeOptions } from './types.js'

/**
 * Starts a runtime: with a tree, its children are started before the promise resolves.
 *
 * @throws {DocumentError} with every finding of the tree file and the manifests; nothing was started then.
 * @throws {BulkheadError} `state-locked` when another process uses the state directory; `component-…` when a component
 *   is refused.
 * @example
 * ```ts
 * const runtime = await createRuntime({ tree: 'bulkhead.toml' })
 * runtime.on('health', (event) => console.log(event.type, event.child))
 * await runtime.settled
 * await runtime.stop()
 * ```
 */
export async function createRuntime(options: RuntimeOptions = {}): Promise<Runtime> {
  const closers: (() => Promise<unknown> | unknown)[] = []
  const closeAll = async (): Promise<void> => {
    for (const close of closers.splice(0).reverse()) await close()
  }
  try {
    return await compose(options, closers, closeAll)
  } catch (thrown) {
    await closeAll()
    throw thrown
  }
}

async function compose(
  options: RuntimeOptions,
  closers: (() => Promise<unknown> | unknown)[],
  closeAll: () => Promise<void>,
): Promise<Runtime> {
  const emitter = new Emitter<RuntimeEvents>()
  if (options.onHealth !== undefined) emitter.on('health', options.onHealth)
  if (options.onOutput !== undefined) emitter.on('output', options.onOutput)
  if (options.onDenied !== undefined) emitter.on('denied', options.onDenied)
  const raise = healthEvents(emitter)

  const tree = options.tree === undefined ? undefined : readTree(options.tree)
  const stateDirectory = options.state === undefined ? tree?.stateDirectory : resolve(options.state)
  const state = stateDirectory === undefined ? undefined : StateDirectory.open(stateDirectory, { create: true })
  if (state !== undefined) closers.push(() => state.close())

  const cacheDirectory = resolve(options.cache ?? defaultCacheDirectory())
  mkdirSync(cacheDirectory, { recursive: true, mode: 0o700 })
  const builder = new ComponentBuilder({
    cacheDirectory,
    cacheKey: loadOrCreateCacheKey(cacheDirectory),
    ...(options.onProgress === undefined ? {} : { onProgress: options.onProgress }),
  })
  closers.push(() => builder.close())

  const auditDirectory = state?.path('audit')
  const journal = await Journal.open({
    directory: auditDirectory,
    ...(state === undefined ? {} : { sealKey: loadOrCreateSealKey(state.path()) }),
    onStalled: () => raise({ type: 'journal.stalled', supervisor: 'root' }),
    onResumed: () => raise({ type: 'journal.resumed', supervisor: 'root' }),
  })
  closers.push(() => journal.close())

  const spares = new WarmSpares(openSharedChannel, Math.min(warmSparesMax, availableParallelism()))
  closers.push(() => spares.close())

  const engine: Engine = { journal, spares, clock: systemClock, originNs: process.hrtime.bigint() }
  const ownDirectories = surveyOwnDirectories([
    ...(state === undefined ? [] : [state.path()]),
    cacheDirectory,
    ...ownCodeDirectories(),
  ])

  const running =
    tree === undefined ? undefined : await RunningTree.start(tree, { engine, builder, ownDirectories, emitter, raise })
  if (running !== undefined) closers.push(() => running.stop())

  let stopping: Promise<void> | undefined
  const inFlight = new Set<AbortController>()
  return {
    on: (name, listener) => emitter.on(name, listener),
    exec: async (file, execOptions = {}) => {
      if (stopping !== undefined) throw new BulkheadError('actor-not-running', 'the runtime was stopped')
      const controller = new AbortController()
      inFlight.add(controller)
      const signal =
        execOptions.signal === undefined ? controller.signal : AbortSignal.any([execOptions.signal, controller.signal])
      try {
        return await exec(file, { ...execOptions, signal }, { engine, builder, ownDirectories })
      } finally {
        inFlight.delete(controller)
      }
    },
    settled: running?.settled ?? new Promise(() => {}),
    children: () => running?.children() ?? [],
    stateDirectory: state?.path(),
    stop: () => {
      stopping ??= (async () => {
        for (const controller of inFlight) controller.abort()
        await closeAll()
      })()
      return stopping
    },
  }
}

/** Numbers and stamps health events: `seq` has no gaps. */
function healthEvents(emitter: Emitter<RuntimeEvents>): (draft: HealthEventDraft) => void {
  let seq = 0
  return (draft) => emitter.emit('health', { ...draft, seq: ++seq, time: systemClock.wallMs() })
}

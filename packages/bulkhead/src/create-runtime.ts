// The composition root: the one place where the workspaces meet and powers are handed out.

import { availableParallelism } from 'node:os'
import { resolve } from 'node:path'
import { openSharedChannel, WarmSpares } from '@bulkhead/actor'
import { type AuditTransport, Journal, loadOrCreateSealKey } from '@bulkhead/audit'
import { defineKinds, type KindCatalogue } from '@bulkhead/capability'
import { ComponentBuilder, loadOrCreateCacheKey } from '@bulkhead/component'
import type { ListenAddress, Tree } from '@bulkhead/manifest'
import { StateDirectory } from '@bulkhead/state'
import { StormGuard } from '@bulkhead/supervisors'
import { BulkheadError, type HealthEventDraft, systemClock } from '@bulkhead/vocabulary'
import type { KeptAccounts } from './accounts/kept-accounts.js'
import { administrationApi } from './administration/administration-api.js'
import { openTransport } from './audit/open-transport.js'
import { OrderBook } from './audit/order-book.js'
import type { Desk } from './authority/desk.js'
import type { MakeDeskOptions } from './authority/open-desk.js'
import { callApi } from './calls/call-api.js'
import { checkMetrics } from './check-metrics.js'
import { deskApi } from './desk-api.js'
import { Emitter } from './emitter.js'
import { exec } from './exec.js'
import { healthApi } from './health/health-api.js'
import { HealthDesk } from './health/health-desk.js'
import { noRequests } from './http/http-counts.js'
import type { HttpServer } from './http/http-server.js'
import { listenAddress } from './http/tree-http.js'
import { noIncidents } from './incidents/no-incidents.js'
import { openIncidents } from './incidents/open-incidents.js'
import { InterfaceService } from './interfaces/interface-service.js'
import { ladderApi } from './ladder-api.js'
import { execStopMsMax, journalStalledMsMax, warmSparesMax } from './limits.js'
import { ChildStories } from './live/child-stories.js'
import { liveApi } from './live/live-api.js'
import { logApi } from './logs/log-api.js'
import { LogDesk } from './logs/log-desk.js'
import { messageApi } from './message-api.js'
import type { MessagesLeft } from './messages/message-center.js'
import { EventCounts } from './metrics/event-counts.js'
import { MetricsDesk } from './metrics/metrics-desk.js'
import { noTotals } from './metrics/run-totals.js'
import { noDesk } from './no-desk.js'
import { checkExecOptions, checkRuntimeOptions } from './options/check-options.js'
import { defaultCacheDirectory, dependencyDirectories, ownCodeDirectories } from './own-code.js'
import { childrenOf } from './plan-tree.js'
import { protect } from './protection.js'
import { reloadApi } from './reload/reload-api.js'
import type { Engine } from './run-actor.js'
import { RunningTree } from './running-tree.js'
import { knownEvent } from './runtime-events.js'
import { SecretDesk } from './secrets/secret-desk.js'
import { HostServices } from './services/host-services.js'
import { StallTimer, Surrender } from './surrender.js'
import { tracedCalls } from './tracing/traced-calls.js'
import { tracedMessages } from './tracing/traced-messages.js'
import { openTracing } from './tracing/tracing.js'
import { treeSource } from './tree-source.js'
import type { Runtime, RuntimeEvents, RuntimeOptions, StopReport } from './types.js'
import { upgradeApi } from './upgrade/upgrade-api.js'
import { readVersion } from './version.js'

/**
 * Starts a runtime: with a tree, its children are started before the promise resolves.
 *
 * @throws {DocumentError} with every finding of the tree file and the manifests; nothing was started then.
 * @throws {BulkheadError} `usage` for options that there are not; `state-locked` when another process, or another runtime of
 *   this one, uses the state directory; `component-…` when a component is refused. What `signal` was aborted with, when it was.
 * @example
 * ```ts
 * const runtime = await createRuntime({ tree: 'bulkhead.toml' })
 * runtime.on('health', (event) => console.log(event.type, event.child))
 * await runtime.settled
 * await runtime.stop()
 * ```
 */
export async function createRuntime(options: RuntimeOptions = {}): Promise<Runtime> {
  checkRuntimeOptions(options)
  options.signal?.throwIfAborted()
  const closers: (() => Promise<unknown> | unknown)[] = []
  const closeAll = async (): Promise<void> => {
    let first: { readonly thrown: unknown } | undefined
    for (const close of closers.splice(0).reverse()) {
      try {
        await close()
      } catch (thrown) {
        // What cannot be closed keeps nothing else open, least of all the lock of the state directory.
        first ??= { thrown }
      }
    }
    if (first !== undefined) throw first.thrown
  }
  try {
    return await compose(options, closers, closeAll)
  } catch (thrown) {
    await closeAll().catch(() => {})
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
  if (options.onLog !== undefined) emitter.on('log', options.onLog)
  if (options.onInterfaceFailed !== undefined) emitter.on('interface-failed', options.onInterfaceFailed)
  if (options.onHandlerFailed !== undefined) emitter.on('handler-failed', options.onHandlerFailed)
  const stories = new ChildStories()
  emitter.on('health', (event) => stories.note(event))
  const eventCounts = new EventCounts()
  emitter.on('health', (event) => eventCounts.note(event))
  const health = new HealthDesk(emitter, systemClock)
  closers.push(() => health.log.close())
  const { raise } = health.log

  const kinds = defineKinds(options.kinds ?? [])
  const originNs = process.hrtime.bigint()
  const interfaces = new InterfaceService({
    ...{ interfaces: options.interfaces ?? [], kinds },
    nowNs: () => systemClock.monotonicNs() - originNs,
    onFailure: (failure) => emitter.emit('interface-failed', failure),
  })
  const source = options.tree === undefined ? undefined : treeSource(options.tree, options.base)
  const tree = source?.first
  const listen = listenAddress(tree, options.http?.listen)
  const stateDirectory = options.state === undefined ? tree?.stateDirectory : resolve(options.state)
  const state = stateDirectory === undefined ? undefined : await StateDirectory.open(stateDirectory, { create: true })
  if (state !== undefined) closers.push(() => state.close())

  const cacheDirectory = resolve(options.cache ?? defaultCacheDirectory())
  const builder = new ComponentBuilder({
    cacheDirectory,
    cacheKey: loadOrCreateCacheKey(cacheDirectory),
    interfaces: interfaces.contracts,
    ...(options.onProgress === undefined ? {} : { onProgress: options.onProgress }),
  })
  closers.push(() => builder.close())

  const logs = new LogDesk({ emitter, nowNs: systemClock.monotonicNs, wallMs: systemClock.wallMs })
  closers.push(() => logs.close())

  const surrender = new Surrender()
  void surrender.declared.then((reason) => health.gaveUp(reason))
  const stalled = new StallTimer(systemClock, journalStalledMsMax, (reason) => surrender.declare(reason))
  closers.push(() => stalled.end())
  const reports: Engine['reports'] = new Map()
  const strict = options.audit?.strict === true || tree?.audit === 'strict'
  // Closed after the journal, so that it gets the last records too.
  let transport: AuditTransport | undefined
  closers.push(() => transport?.close())
  const journal = await Journal.open({
    directory: state?.path('audit'),
    strict,
    monotonicOriginNs: originNs,
    onRecords: (records) => {
      for (const record of records) reports.get(record.ring)?.(record)
    },
    ...(state === undefined ? {} : { sealKey: loadOrCreateSealKey(state.root) }),
    onStalled: (reason) => {
      raise({ type: 'journal.stalled', supervisor: 'root', reason })
      stalled.begin(`the audit journal stalled: ${reason}`)
    },
    onResumed: () => {
      raise({ type: 'journal.resumed', supervisor: 'root' })
      stalled.end()
    },
  })
  closers.push(() => journal.close())
  transport = openTransport(options.audit?.transport, tree, state, raise)

  const book = new OrderBook({ journal, clock: systemClock })

  const spares = new WarmSpares(openSharedChannel, Math.min(warmSparesMax, availableParallelism()))
  closers.push(() => spares.close())

  const services = new HostServices({ state, clock: systemClock, originNs, raise })
  closers.push(() => services.close())

  const engine: Engine = { journal, reports, spares, clock: systemClock, originNs, kinds, interfaces, services, raise }
  const protection = protect(
    [...(state === undefined ? [] : [state.root]), cacheDirectory, ...ownCodeDirectories()],
    dependencyDirectories(),
  )

  const dev = options.dev === true
  const desk =
    state === undefined
      ? undefined
      : await openRuntimeDesk(tree, { state, journal, dev, protection, raise, kinds }, options, closers)
  const incidents = state === undefined ? undefined : openIncidents(state, raise, tree, options.onIncident)
  if (incidents !== undefined) {
    const { desk } = incidents
    emitter.on('health', (event) => desk.note(event))
    emitter.on('output', ({ child, chunk }) => desk.wrote(child, chunk))
    closers.push(() => desk.close())
  }
  const tracing = openTracing(readVersion())
  const accounts = state === undefined || tree === undefined ? undefined : await openAccounts(state, raise, closers)
  const running =
    source === undefined || tree === undefined || desk === undefined || accounts === undefined
      ? undefined
      : await RunningTree.start(tree, {
          ...{ engine, builder, protection, desk, dev, emitter, raise, surrender, stormGuard, accounts, logs },
          secrets: new SecretDesk(options.secrets),
          tracing,
          readAgain: source.again,
          watchIncidents: (watched) => incidents?.desk.attach(watched),
          signal: options.signal ?? new AbortController().signal,
        })
  let messagesLeft: MessagesLeft = { deadLetters: 0, undelivered: 0 }
  if (running !== undefined) {
    health.attach({ view: () => running.administration.tree(), isStrict: strict })
    closers.push(async () => {
      messagesLeft = await running.stop()
    })
  }
  const traced = running && {
    messages: tracedMessages(tracing, running.messages),
    calls: tracedCalls(tracing, running.calls),
  }
  const metrics = new MetricsDesk(readVersion(), {
    wallMs: systemClock.wallMs,
    health: () => health.report(),
    tree: () => running?.measured(stories),
    journal: () => journal.load(),
    registry: () => desk?.registryMetrics(),
    events: eventCounts,
  })
  closers.push(() => metrics.close())
  // Only now: who asks before everything stands would be told half of it.
  if (desk !== undefined && state !== undefined) {
    const { serveDesk } = await import('./authority/open-desk.js')
    const live = running &&
      traced && {
        messages: traced.messages.desk,
        tree: () => running.report(stories),
        ...{
          book,
          orders: running.orders,
          upgrades: running.upgrades,
          calls: traced.calls,
          logs,
          health,
          metrics: () => metrics.snapshot(),
        },
        reloads: running.reloads,
        ...(options.onShutdown === undefined ? {} : { shutdown: options.onShutdown }),
        release: (child: string, reason: string, author: string) => running.release(child, reason, author),
      }
    const admin = await serveDesk(desk, state, raise, live, incidents?.files ?? noIncidents)
    closers.push(() => admin.close())
  }

  const http = listen && (await openHttp(listen, tree, running))
  if (http !== undefined) closers.push(() => http.close())

  let stopping: Promise<StopReport> | undefined
  const stop = (): Promise<StopReport> => {
    stopping ??= (async () => {
      health.stopping()
      for (const controller of inFlight.keys()) controller.abort()
      // Their last records are still to be drained: the journal may not go before they have ended.
      await settledWithin([...inFlight.values()], execStopMsMax)
      await closeAll()
      return { messages: messagesLeft }
    })()
    return stopping
  }
  const inFlight = new Map<AbortController, Promise<unknown>>()
  return {
    on: (name, listener) => emitter.on(knownEvent(name), listener),
    exec: async (file, execOptions = {}) => {
      checkExecOptions(execOptions)
      if (stopping !== undefined) throw new BulkheadError('actor-not-running', 'the runtime was stopped')
      const controller = new AbortController()
      const signal =
        execOptions.signal === undefined ? controller.signal : AbortSignal.any([execOptions.signal, controller.signal])
      const run = exec(file, { ...execOptions, signal }, { engine, builder, protection })
      inFlight.set(controller, run)
      try {
        return await run
      } finally {
        inFlight.delete(controller)
      }
    },
    http: http?.address,
    httpCounters: (child) => running?.http?.counts.of(child) ?? noRequests,
    settled: running?.settled ?? new Promise(() => {}),
    children: () => running?.children() ?? [],
    ...deskApi(
      () => desk ?? noDesk(),
      () => checkMetrics(running?.counters() ?? noTotals.checks),
    ),
    ...messageApi(traced?.messages),
    ...administrationApi(running?.administration),
    ...upgradeApi(running?.upgrades, book),
    ...reloadApi(running?.reloads, book),
    ...callApi(traced?.calls),
    ...logApi(running === undefined ? undefined : logs),
    ...ladderApi(running),
    ...liveApi(running, stories, book),
    ...healthApi(health),
    metrics: () => metrics.snapshot(),
    incidents: incidents?.files ?? noIncidents,
    gaveUp: surrender.declared,
    stateDirectory: state?.root,
    stop,
    [Symbol.asyncDispose]: async () => {
      await stop()
    },
  }
}

/** The desk of the state directory; a runtime without a tree keeps what an earlier one knew. */
async function openRuntimeDesk(
  tree: Tree | undefined,
  { kinds, ...powers }: Omit<MakeDeskOptions, 'stores' | 'fetcher'> & { readonly kinds: KindCatalogue },
  { fetchPolicy }: RuntimeOptions,
  closers: (() => Promise<unknown> | unknown)[],
): Promise<Desk> {
  // Loaded by who keeps a state directory: a run of one program needs none of it.
  const { openAuthorityStores } = await import('./authority/authority-stores.js')
  const { makeDesk } = await import('./authority/open-desk.js')
  const stores = await openAuthorityStores(powers.state, systemClock, kinds)
  closers.push(() => stores.close())
  const known =
    tree === undefined ? [...stores.subjects.all()].map(([child]) => child) : childrenOf(tree).map(({ id }) => id)
  const desk = await makeDesk(tree, new Set(known), { ...powers, stores, fetcher: fetchPolicy })
  closers.push(() => desk.close())
  return desk
}

/** The server that the tree's children answer. Opened last, so that whoever comes finds everything there. */
async function openHttp(
  listen: ListenAddress,
  tree: Tree | undefined,
  running: RunningTree | undefined,
): Promise<HttpServer | undefined> {
  if (tree?.http === undefined || running?.http === undefined) return undefined
  const { HttpServer } = await import('./http/http-server.js')
  return await HttpServer.listen({ listen, routes: running.routes, gate: running.http, clock: systemClock })
}

/** What supervision remembers of children. Opened before the tree and closed after it. */
async function openAccounts(
  state: StateDirectory,
  raise: (draft: HealthEventDraft) => void,
  closers: (() => Promise<unknown> | unknown)[],
): Promise<KeptAccounts> {
  const { KeptAccounts } = await import('./accounts/kept-accounts.js')
  const accounts = await KeptAccounts.open(state, {
    wallMs: systemClock.wallMs,
    onFailure: (error) => {
      const reason = `what is held against children cannot be written: ${messageOf(error)}`
      raise({ type: 'service.failed', supervisor: 'root', reason })
    },
  })
  closers.push(() => accounts.close())
  return accounts
}

function messageOf(error: unknown): string {
  return error instanceof Error ? error.message : String(error)
}

/** Restarts are held to one rate on a host, whatever trees and runtimes ask for them (SPEC 9). */
const stormGuard = new StormGuard()

/** A thread that does not end keeps its run waiting for ever: the runtime does not. */
async function settledWithin(runs: readonly Promise<unknown>[], ms: number): Promise<void> {
  let cancel = (): void => {}
  const late = new Promise<void>((resolve) => {
    cancel = systemClock.after(ms, resolve)
  })
  await Promise.race([Promise.allSettled(runs), late])
  cancel()
}

import { basename, resolve } from 'node:path'
import type { Inspector } from '@bulkhead/inspector'
import { BulkheadError, parseDuration } from '@bulkhead/vocabulary'
import { createRuntime, type Runtime } from 'bulkhead'
import { exitCodes } from './exit-codes.js'
import { humanRunLog } from './human-run-log.js'
import { type InspectFlag, prepareInspector } from './inspect-run.js'
import { jsonRunLog } from './json-run-log.js'
import { surrenderMs } from './limits.js'
import { runService } from './run-service.js'
import type { StopSignal, Terminal } from './terminal.js'

export type RunFlags = {
  readonly log: 'human' | 'json'
  readonly dev?: boolean
  readonly inspect?: InspectFlag
  /** After a stop was asked for, what has not ended within this time is left to the end of the process. */
  readonly drain?: string
}

/**
 * `bulkhead run TREE`: starts the tree and stays until every child has ended or reached its `expect`, or until a signal
 * or `bulkhead shutdown` asks it to stop. SIGHUP reads the tree file again. A second signal ends the process without waiting for the children.
 *
 * @returns 0 when each child ended as its `expect` says, and after an orderly stop; 5 when the process gave itself up; 1 when it
 *   did not end in time, and else.
 */
export async function runCommand(tree: string, flags: RunFlags, terminal: Terminal): Promise<number> {
  const log = flags.log === 'json' ? jsonRunLog(terminal) : humanRunLog(terminal)
  const drainMs = drainMsOf(flags.drain)
  const stop = stopRequest(terminal)
  const service = runService(terminal)
  let runtime: Runtime | undefined
  let inspector: Inspector | undefined
  if (flags.dev === true) terminal.stderr.write(devBanner(terminal))
  try {
    const inspect = flags.inspect === undefined ? undefined : await prepareInspector(flags.inspect, log, terminal)
    runtime = await createRuntime({
      tree: resolve(terminal.directory, tree),
      signal: stop.signal,
      ...(flags.dev === true ? { dev: true } : {}),
      onShutdown: stop.ask,
      onProgress: (progress) => {
        service.preparing(`preparing ${basename(progress.file)}`)
        log.progress(progress)
      },
      onHealth: log.health,
      onOutput: log.output,
      onLog: log.log,
      onDenied: log.denied,
      onHandlerFailed: log.handlerFailed,
    })
    inspector = await inspect?.(runtime)
    service.running(runtime)
    const ending = await Promise.race([
      runtime.settled.then((settlement) => ({ kind: 'settled', settlement }) as const),
      runtime.gaveUp.then((reason) => ({ kind: 'gave-up', reason }) as const),
      stop.requested.then(() => ({ kind: 'stopped' }) as const),
    ])
    if (ending.kind === 'gave-up') {
      // Threads that would not end may keep the orderly stop from ending, too; an outer supervisor waits for the exit.
      terminal.stderr.write(`${terminal.stderr.paint('red', 'error:')} giving up: ${ending.reason}\n`)
      await Promise.race([runtime.stop(), new Promise((resolved) => setTimeout(resolved, surrenderMs).unref())])
      return terminal.exitWhateverHangs(exitCodes.gaveUp)
    }
    service.stopping()
    const isDrained = await within(drainMs, runtime.stop())
    if (!isDrained) {
      terminal.stderr.write(`${terminal.stderr.paint('red', 'error:')} not all of it ended within ${flags.drain}\n`)
      return terminal.exitWhateverHangs(exitCodes.failed)
    }
    const asExpected = ending.kind === 'settled' ? ending.settlement.asExpected : undefined
    log.end(ending.kind === 'settled' ? ending.settlement.children : runtime.children(), asExpected)
    return asExpected === false ? exitCodes.failed : exitCodes.done
  } catch (thrown) {
    // Asked to stop before anything had started: nothing is left to drain.
    if (runtime === undefined && stop.signal.aborted) return exitCodes.done
    throw thrown
  } finally {
    // It answers until the end: that the process drains is what a probe wants to know.
    await runtime?.stop()
    await inspector?.close()
    stop.close()
    await service.close()
  }
}

/** Not to be overlooked, and on stderr, so that a log that programs read stays what it is. */
function devBanner({ stderr }: Terminal): string {
  const line = (text: string): string => `${stderr.paint('yellow', text)}\n`
  return [
    line('=== DEV MODE: components start although nobody approved them ==='),
    line('=== checks, deny rules, the forbidden list and limits hold as ever; each bypass is in the audit log ==='),
  ].join('')
}

/** Resolves to nothing when a signal came, or when nobody reads the log any more. */
function stopRequest(terminal: Terminal): {
  readonly requested: Promise<undefined>
  readonly signal: AbortSignal
  readonly ask: () => void
  readonly close: () => void
} {
  const controller = new AbortController()
  const { signal } = controller
  const requested = new Promise<undefined>((resolved) => {
    signal.addEventListener('abort', () => resolved(undefined), { once: true })
  })
  const close = terminal.onSignal((name) => {
    if (signal.aborted) terminal.exitNow(codeOf(name))
    controller.abort()
  })
  terminal.stdout.onBroken(() => controller.abort())
  return { requested, signal, ask: () => controller.abort(), close }
}

function codeOf(signal: StopSignal): number {
  return signal === 'SIGINT' ? exitCodes.interrupted : exitCodes.terminated
}

/** @throws {BulkheadError} `usage` for what is no duration. */
function drainMsOf(written: string | undefined): number | undefined {
  if (written === undefined) return undefined
  const ms = parseDuration(written)
  if (ms !== undefined) return ms
  throw new BulkheadError('usage', `\`${written}\` in --drain is no duration`, { hint: 'write one like 30s or 2m' })
}

/** Whether it was done in time; without a time it always is. */
async function within(ms: number | undefined, done: Promise<unknown>): Promise<boolean> {
  if (ms === undefined) {
    await done
    return true
  }
  let cancel = (): void => {}
  const late = new Promise<false>((resolved) => {
    const timer = setTimeout(() => resolved(false), ms)
    cancel = () => clearTimeout(timer)
  })
  const isDone = await Promise.race([done.then(() => true), late])
  cancel()
  return isDone
}

// A running tree as a service: what the manager is told, and what SIGHUP and the admin socket ask of it.

import type { Runtime } from 'bulkhead'
import { statusMs } from './limits.js'
import { watchdogMs } from './service/notifier.js'
import { openNotifier } from './service/open-notifier.js'
import type { Terminal } from './terminal.js'

export type RunService = {
  /** Something is being prepared. */
  readonly preparing: (what: string) => void
  /** The tree runs. From here on it is reloaded when it is asked to. */
  readonly running: (runtime: Runtime) => void
  readonly stopping: () => void
  /** Resolves when the manager has been told everything. */
  readonly close: () => Promise<void>
}

export function runService(terminal: Terminal): RunService {
  const notifier = openNotifier(terminal)
  let runtime: Runtime | undefined
  let isStarting = true
  let isAsked = false
  let isReloading = false
  let endStatus = (): void => {}
  // What came before the tree ran is no reason to end: it has not read its file for longer than that.
  const endReload = terminal.onReload(() => {
    isAsked = true
    if (runtime !== undefined && !isReloading) void reloadAll(runtime)
  })
  /** However often it is asked for meanwhile, it is read once more. */
  const reloadAll = async (running: Runtime): Promise<void> => {
    isReloading = true
    while (isAsked) {
      isAsked = false
      await reload(running)
    }
    isReloading = false
  }
  const reload = async (running: Runtime): Promise<void> => {
    notifier?.reloading()
    try {
      const { outcome, needsRestart } = await running.reload()
      if (outcome === 'needs-restart') warn(`restart for ${needsRestart.map(({ key }) => key).join(', ')}`)
    } catch (thrown) {
      warn(thrown instanceof Error ? thrown.message : String(thrown))
    }
    // A service that could not be reloaded is as ready as it was before.
    notifier?.ready(statusOf(running))
  }
  const warn = (why: string): void => {
    terminal.stderr.write(`${terminal.stderr.paint('yellow', 'warning:')} nothing was reloaded: ${why}\n`)
  }
  return {
    preparing: (what) => {
      if (isStarting) notifier?.preparing(what)
    },
    running: (started) => {
      runtime = started
      isStarting = false
      isAsked = false
      if (notifier === undefined) return
      notifier.ready(statusOf(started))
      const everyMs = watchdogMs(terminal.environment, terminal.pid)
      if (everyMs !== undefined) notifier.watch({ everyMs, isLive: () => started.health().live })
      const timer = setInterval(() => notifier.status(statusOf(started)), statusMs).unref()
      endStatus = () => clearInterval(timer)
    },
    stopping: () => {
      runtime = undefined
      isStarting = false
      endStatus()
      notifier?.stopping('stopping the children')
    },
    close: async () => {
      endStatus()
      endReload()
      await notifier?.close()
    },
  }
}

/** `12 running, 1 quarantined` */
function statusOf(runtime: Runtime): string {
  const { children, status } = runtime.health()
  const counts = Object.entries(children).map(([state, count]) => `${count} ${state}`)
  return [...counts, ...(status === 'ok' ? [] : [status])].join(', ')
}

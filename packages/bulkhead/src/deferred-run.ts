import type { ChildRun } from '@bulkhead/supervisors'
import type { ExitReport } from '@bulkhead/vocabulary'

/**
 * A run that begins when what it needs is ready. Who stops or kills it before has nothing to wait for: then it never begins.
 *
 * @param prepare what it needs; when it fails, the run ends with a fault of the host, which charges nobody.
 */
export function deferredRun<Needs>(prepare: () => Promise<Needs>, begin: (needs: Needs) => ChildRun): ChildRun {
  let run: ChildRun | undefined
  let over = false
  let end: (report: ExitReport) => void = () => {}
  const exited = new Promise<ExitReport>((resolve) => {
    end = resolve
  })
  const finish = (faultClass: 'shutdown' | 'host', reason: string): void => {
    over = true
    end({ class: faultClass, reason, commandExitCode: faultClass === 'host' ? 1 : 0, usage: nothingUsed })
  }
  const begun = prepare().then(
    (needs) => {
      if (over) return undefined
      run = begin(needs)
      void run.exited.then(end)
      return run
    },
    (thrown) => {
      if (!over) finish('host', thrown instanceof Error ? thrown.message : String(thrown))
      return undefined
    },
  )
  return {
    // A run that never begins is never ready: its exit tells.
    ready: begun.then((one) => one?.ready ?? never),
    exited,
    stuck: begun.then((one) => one?.stuck ?? never),
    stop: () => {
      if (run !== undefined) run.stop()
      else if (!over) finish('shutdown', 'stopped before it began')
    },
    kill: async () => {
      if (run !== undefined) return run.kill()
      if (!over) finish('shutdown', 'killed before it began')
      return 'exited'
    },
  }
}

const never = new Promise<never>(() => {})
const nothingUsed = { wallMs: 0, cpuMs: 0, memoryPeak: 0, checksGranted: 0, checksDenied: 0 } as const

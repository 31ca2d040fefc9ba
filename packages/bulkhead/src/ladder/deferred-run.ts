import type { ChildRun } from '@bulkhead/supervisors'
import type { ExitReport } from '@bulkhead/vocabulary'

/** What an end is put down to. */
export type Verdict = Pick<ExitReport, 'class' | 'reason' | 'hostility'>

/**
 * A run that begins when what it needs is ready. Who stops or kills it before has nothing to wait for: then it never begins.
 *
 * @param prepare what it needs.
 * @param judge what it means when that cannot be had, or the run cannot begin.
 */
export function deferredRun<Needs>(
  prepare: () => Promise<Needs>,
  begin: (needs: Needs) => ChildRun,
  judge: (thrown: unknown) => Verdict,
): ChildRun {
  let run: ChildRun | undefined
  let isOver = false
  let end: (report: ExitReport) => void = () => {}
  const exited = new Promise<ExitReport>((resolve) => {
    end = resolve
  })
  const finish = (verdict: Verdict): void => {
    isOver = true
    end({ ...verdict, commandExitCode: verdict.class === 'shutdown' ? 0 : 1, usage: nothingUsed })
  }
  const begun = prepare()
    .then((needs) => {
      if (isOver) return undefined
      run = begin(needs)
      void run.exited.then(end)
      return run
    })
    .catch((thrown: unknown) => {
      if (!isOver) finish(judge(thrown))
      return undefined
    })
  return {
    // A run that never begins is never ready: its exit tells.
    ready: begun.then((one) => one?.ready ?? never),
    exited,
    stuck: begun.then((one) => one?.stuck ?? never),
    stop: () => {
      if (run !== undefined) run.stop()
      else if (!isOver) finish({ class: 'shutdown', reason: 'stopped before it began' })
    },
    kill: async () => {
      if (run !== undefined) return run.kill()
      if (!isOver) finish({ class: 'shutdown', reason: 'killed before it began' })
      return 'exited'
    },
  }
}

const never = new Promise<never>(() => {})
const nothingUsed = { wallMs: 0, cpuMs: 0, memoryPeak: 0, checksGranted: 0, checksDenied: 0 } as const

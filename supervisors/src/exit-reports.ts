import type { ExitReport } from '@bulkhead/vocabulary'

/** The report of a run that ended without giving one: our fault or its port's, never charged to the child. */
export function hostFault(reason: string): ExitReport {
  return {
    class: 'host',
    reason,
    commandExitCode: 1,
    usage: { wallMs: 0, cpuMs: 0, memoryPeak: 0, checksGranted: 0, checksDenied: 0 },
  }
}

/** The report of a run that was killed because it was not ready in time. Proof of hostility outweighs lateness. */
export function lateStart(report: ExitReport, startMs: number): ExitReport {
  if (report.hostility !== undefined || report.class === 'security') return report
  return { ...report, class: 'resource', reason: `not ready within ${startMs} ms`, commandExitCode: 124 }
}

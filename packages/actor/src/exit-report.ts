// Pure: from what was seen to the report of an exit. The guest's own words count only where nothing else speaks.

import { assertNever, type ExitReport, formatDuration, type Hostility, type Usage } from '@bulkhead/vocabulary'
import type { GuestOutcome } from './protocol.js'

/** Why the host itself ended the actor. */
export type HostAct =
  | { readonly kind: 'deadline'; readonly deadlineMs: number }
  | { readonly kind: 'start-deadline'; readonly deadlineMs: number }
  | { readonly kind: 'message-deadline'; readonly deadlineMs: number }
  | { readonly kind: 'exceeded'; readonly message: string }
  /** It computed without a host call, far over its share of a core. */
  | { readonly kind: 'cpu'; readonly sharePercent: number; readonly usedPercent: number }
  /** It was still inside a host call under older rules when the grace of a revocation was over. */
  | { readonly kind: 'revoked'; readonly policyVersion: number; readonly graceMs: number }
  /** It wrote into shared memory what its rules or the form of a lane do not let it write. */
  | { readonly kind: 'breach'; readonly message: string }
  /** The host application went wrong in a call of its own interfaces, and the guest has no answer. */
  | { readonly kind: 'host-failed'; readonly message: string }
  | { readonly kind: 'stop' }
  | { readonly kind: 'kill' }

export type ExitEvidence = {
  readonly act: HostAct | undefined
  readonly hostility: Hostility | undefined
  readonly outcome: GuestOutcome | undefined
  readonly workerError: (Error & { readonly code?: string }) | undefined
  /** What was wrong with a lane that the worker wrote, if anything. */
  readonly corruption: string | undefined
  readonly usage: Usage
  readonly stderrTail: string
}

export const commandExitCodes = { error: 1, deadline: 124, trap: 134, killed: 137 } as const

/** Weighs the evidence, the strongest first: hostility, a bad ring, what the host did, what the worker said, how it died. */
export function reportExit(evidence: ExitEvidence): ExitReport {
  const { usage, hostility, corruption, act } = evidence
  if (hostility !== undefined) {
    const detail = evidence.outcome?.kind === 'poisoned' ? evidence.outcome.message : hostility
    return { class: 'security', reason: detail, commandExitCode: commandExitCodes.killed, hostility, usage }
  }
  if (corruption !== undefined) {
    const reason = `bad lane: ${corruption}`
    return { class: 'security', reason, commandExitCode: commandExitCodes.killed, hostility: 'injection', usage }
  }
  if (act !== undefined) return reportAct(act, evidence)
  if (evidence.outcome !== undefined) return reportOutcome(evidence.outcome, evidence)
  return reportDeath(evidence)
}

function reportAct(act: HostAct, { usage }: ExitEvidence): ExitReport {
  switch (act.kind) {
    case 'deadline':
      return {
        class: 'resource',
        reason: `deadline of ${formatDuration(act.deadlineMs)} passed`,
        commandExitCode: commandExitCodes.deadline,
        usage,
      }
    case 'message-deadline':
      return {
        class: 'resource',
        reason: `deadline of ${formatDuration(act.deadlineMs)} passed in one message`,
        commandExitCode: commandExitCodes.deadline,
        usage,
      }
    case 'start-deadline':
      return {
        class: 'resource',
        reason: `not started within ${formatDuration(act.deadlineMs)}`,
        commandExitCode: commandExitCodes.deadline,
        usage,
      }
    case 'exceeded':
      return { class: 'resource', reason: act.message, commandExitCode: commandExitCodes.killed, usage }
    case 'cpu':
      return {
        class: 'resource',
        reason: `used ${act.usedPercent} % of a core without a host call; its share is ${act.sharePercent} %`,
        commandExitCode: commandExitCodes.killed,
        usage,
      }
    case 'revoked':
      // The host call that did not end in time is ours: the guest is not charged for it.
      return {
        class: 'host',
        reason: `still inside a host call ${formatDuration(act.graceMs)} after policy version ${act.policyVersion} took effect`,
        commandExitCode: commandExitCodes.killed,
        usage,
      }
    case 'breach':
      return { class: 'security', reason: act.message, commandExitCode: commandExitCodes.killed, usage }
    case 'host-failed':
      return { class: 'host', reason: act.message, commandExitCode: commandExitCodes.killed, usage }
    case 'stop':
      return { class: 'shutdown', reason: 'stopped', commandExitCode: commandExitCodes.killed, usage }
    case 'kill':
      return { class: 'shutdown', reason: 'killed', commandExitCode: commandExitCodes.killed, usage }
    default:
      return assertNever(act)
  }
}

function reportOutcome(outcome: GuestOutcome, { usage, stderrTail }: ExitEvidence): ExitReport {
  switch (outcome.kind) {
    case 'returned':
      return exitCodeReport(outcome.ok ? 0 : 1, usage)
    case 'exited':
      return exitCodeReport(outcome.code, usage)
    case 'stopped':
      return { class: 'shutdown', reason: 'stopped', commandExitCode: commandExitCodes.killed, usage }
    case 'trapped':
      return {
        class: 'crash',
        reason: trapReason(outcome.message, outcome.frames),
        commandExitCode: commandExitCodes.trap,
        error: {
          family: 'error',
          code: 'guest-trap',
          message: trapReason(outcome.message, outcome.frames),
          details: { frames: outcome.frames, stderrTail },
        },
        usage,
      }
    case 'exceeded':
      return { class: 'resource', reason: outcome.message, commandExitCode: commandExitCodes.killed, usage }
    case 'poisoned':
      return { class: 'crash', reason: outcome.message, commandExitCode: commandExitCodes.trap, usage }
    case 'unstartable':
      return {
        // Whoever exchanged a directory, the guest was not there.
        class: outcome.error.code === 'mount-exchanged' ? 'host' : 'crash',
        reason: outcome.error.message,
        commandExitCode: commandExitCodes.error,
        error: outcome.error,
        usage,
      }
    default:
      return assertNever(outcome)
  }
}

function reportDeath({ workerError, usage, stderrTail }: ExitEvidence): ExitReport {
  if (workerError?.code === 'ERR_WORKER_OUT_OF_MEMORY') {
    const reason = 'JavaScript heap of the worker exhausted'
    return { class: 'resource', reason, commandExitCode: commandExitCodes.killed, usage }
  }
  const message = workerError?.message ?? 'the worker ended without a word'
  return {
    class: 'crash',
    reason: message,
    commandExitCode: commandExitCodes.trap,
    error: { family: 'fault', code: 'internal', message, details: { stderrTail } },
    usage,
  }
}

function exitCodeReport(code: number, usage: Usage): ExitReport {
  const base = { exitCode: code, commandExitCode: code, usage }
  return code === 0
    ? { class: 'normal', reason: 'completed', ...base }
    : { class: 'crash', reason: `exit code ${code}`, ...base }
}

function trapReason(message: string, frames: readonly string[]): string {
  const where = frames[0] === undefined ? '' : ` in ${frames[0]}`
  // The glue words some traps itself, and begins with this.
  return `trap: ${message.replace(/^wasm trap: /, '')}${where}`
}

import { type ExportedFunction, qualifiedName } from '@bulkhead/contracts'
import { BulkheadError, type ExitReport, formatDuration } from '@bulkhead/vocabulary'

/** Who was called, and what. */
export type Called = { readonly child: string; readonly fn: ExportedFunction; readonly deadlineMs: number }

function detailsOf({ child, fn }: Called): { readonly child: string; readonly function: string } {
  return { child, function: qualifiedName(fn) }
}

function nameOf({ child, fn }: Called): string {
  return `\`${qualifiedName(fn)}\` of \`${child}\``
}

export function timedOut(called: Called): BulkheadError {
  const { deadlineMs } = called
  return new BulkheadError('call-timeout', `${nameOf(called)} did not answer within ${formatDuration(deadlineMs)}`, {
    details: { ...detailsOf(called), deadlineMs },
    hint: 'bulkhead messages shows what waits where; a longer `deadline` of the call, or of the child, gives it more time',
  })
}

export function overloaded(called: Called): BulkheadError {
  return new BulkheadError('mailbox-overloaded', `${nameOf(called)} was not called: its mailbox is full`, {
    details: detailsOf(called),
    hint: 'call again later; bulkhead messages shows what waits where',
  })
}

export function notRunning(called: Called, why: string): BulkheadError {
  return new BulkheadError('actor-not-running', `${nameOf(called)} was not answered: ${why}`, {
    details: detailsOf(called),
    hint: `bulkhead ps ${called.child}`,
  })
}

/** The component was exchanged for another one between the call and its turn. */
export function changed(called: Called): BulkheadError {
  return new BulkheadError('function-unknown', `${nameOf(called)} is not what it was when it was called`, {
    details: detailsOf(called),
    hint: 'call it again: the component has been upgraded',
  })
}

export function answerTooLarge(called: Called, limit: number): BulkheadError {
  return new BulkheadError('resource-limit-exceeded', `${nameOf(called)} returned more than an answer may hold`, {
    details: { ...detailsOf(called), resource: 'answer', limit },
    hint: `at most ${limit} bytes: return it in pieces`,
  })
}

/** The function returned its `err`. */
export function guestError(called: Called, payload: unknown): BulkheadError {
  const said = typeof payload === 'string' ? `: ${payload.slice(0, payloadTextMax)}` : ''
  return new BulkheadError('guest-error', `${nameOf(called)} returned an error${said}`, {
    details: { ...detailsOf(called), payload },
  })
}

const payloadTextMax = 500

/** It ended with the call in hand. */
export function lostIn(report: ExitReport, called: Called): BulkheadError {
  if (report.commandExitCode === deadlineExitCode) return timedOut(called)
  if (report.class === 'shutdown') return notRunning(called, 'it was stopped')
  if (report.class === 'normal') {
    return new BulkheadError('guest-error', `${nameOf(called)} ended its component instead of answering`, {
      details: detailsOf(called),
    })
  }
  return new BulkheadError('guest-trap', `${nameOf(called)} did not answer: ${report.reason}`, {
    details: { ...detailsOf(called), message: report.reason, class: report.class, ...report.error?.details },
    hint: `it was lost, and is not called again by itself; bulkhead events --child ${called.child}`,
  })
}

const deadlineExitCode = 124

import { BulkheadError, DocumentError, type ErrorCode } from 'bulkhead'
import type { ErrorAnswer } from './api-types.js'

/** What was asked for is not given: the status, and why in one line. */
export type Refusal = {
  readonly status: number
  readonly code: string
  readonly message: string
  readonly hint?: string
  readonly fields?: Readonly<Record<string, string>>
}

export function refused({ status, code, message, hint, fields }: Refusal): Response {
  const answer: ErrorAnswer = { error: { code, message, ...(hint === undefined ? {} : { hint }) } }
  return Response.json(answer, { status, ...(fields === undefined ? {} : { headers: fields }) })
}

const statuses: Readonly<Partial<Record<ErrorCode, number>>> = {
  usage: 400,
  'update-conflict': 409,
  'approval-not-found': 404,
  'approval-denied': 403,
  'grant-refused': 403,
  'signature-invalid': 403,
  'actor-not-running': 409,
  'runtime-unreachable': 503,
  'journal-stalled': 503,
}

/** A request names a child that the tree does not have. */
export class UnknownChild extends Error {
  constructor(cause: BulkheadError) {
    super(cause.message, { cause })
  }
}

/** In some calls only the child can be wrong. */
export async function found<Value>(promise: Promise<Value>): Promise<Value> {
  try {
    return await promise
  } catch (thrown) {
    if (thrown instanceof BulkheadError && thrown.code === 'usage') throw new UnknownChild(thrown)
    throw thrown
  }
}

/** Errors of ours that an operator can do something about say so; of others only that there was one. */
export function refusalOf(thrown: unknown): Refusal {
  if (thrown instanceof UnknownChild) return { status: 404, code: 'child-unknown', message: thrown.message }
  if (thrown instanceof DocumentError) return { status: 409, code: thrown.code, message: thrown.message }
  if (!(thrown instanceof BulkheadError)) {
    return { status: 500, code: 'internal', message: 'the server could not answer: the fault is its own' }
  }
  const { code, message, hint } = thrown
  return { status: statuses[code] ?? 409, code, message, ...(hint === undefined ? {} : { hint }) }
}

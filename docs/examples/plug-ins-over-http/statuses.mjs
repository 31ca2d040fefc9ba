// What becomes of an error in HTTP. Codes are stable; a message of ours is for the customer where it is about its own plug-in.
import { BulkheadError, DocumentError } from 'bulkhead'

/** @type {Readonly<Partial<Record<import('bulkhead').ErrorCode, 400 | 403 | 404 | 422 | 429 | 502 | 503 | 504>>>} */
const statuses = {
  usage: 400,
  'guest-error': 422,
  'function-unknown': 422,
  'approval-required': 403,
  'approval-denied': 403,
  'component-quarantined': 403,
  'resource-limit-exceeded': 429,
  'mailbox-overloaded': 429,
  'guest-trap': 502,
  'actor-not-running': 503,
  'update-conflict': 503,
  'journal-stalled': 503,
  'call-timeout': 504,
}

/**
 * @param {unknown} error
 * @param {string} customer whoever asked; what is wrong with another one's plug-ins is nothing that it learns
 */
export function answerTo(error, customer) {
  if (!(error instanceof BulkheadError)) return { status: /** @type {const} */ (500), body: { error: 'internal' } }
  const { code, message, details } = error
  // What a function returned as its error is the plug-in's own word to its customer.
  if (code === 'guest-error') return { status: 422, body: { error: code, message: String(details['payload']) } }
  if (error instanceof DocumentError) return answerToFindings(error, customer)
  const status = statuses[code] ?? (code.startsWith('component-') ? 422 : 500)
  return { status, body: { error: code, ...(status === 500 ? {} : { message }) } }
}

/** @param {DocumentError} error @param {string} customer */
function answerToFindings({ code, findings }, customer) {
  const own = findings.filter(({ path }) => path?.startsWith(`supervisors.${customer}.`))
  if (own.length === 0) return { status: /** @type {const} */ (500), body: { error: code } }
  return {
    status: /** @type {const} */ (422),
    body: { error: code, message: own.map(({ message }) => message).join('; ') },
  }
}

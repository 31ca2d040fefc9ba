import type { DeniedAccess } from 'bulkhead'
import { padEndToWidth } from './display-width.js'
import { denialsShownMax } from './limits.js'
import { printable } from './printable.js'
import type { Paint } from './sgr.js'

/** Requests are aligned up to this many columns; longer ones push their reason to the right. */
const requestColumnsMax = 44

/**
 * The denials of one run as operators read them (SPEC 15): what was refused and why, the flag that would allow it once,
 * and the line of a document that would always.
 */
export function renderDenials(denied: readonly DeniedAccess[], paint: Paint): readonly string[] {
  const shown = denied.slice(0, denialsShownMax)
  const widest = Math.max(0, ...shown.map((one) => requestOf(one).length))
  const columns = Math.min(widest, requestColumnsMax)
  const lines = shown.flatMap((one) => renderDenial(one, columns, paint))
  const rest = denied.length - shown.length
  return rest > 0 ? [...lines, `${rest} more denied requests are in the audit log`] : lines
}

/** The one line that stands for all probes. */
export function renderProbeSummary(probes: number, listed: boolean): readonly string[] {
  if (probes === 0) return []
  const what =
    probes === 1 ? '1 probe of a path that does not exist was' : `${probes} probes of paths that do not exist were`
  return [listed ? `${what} also refused` : `${what} also refused (--verbose shows them)`]
}

function renderDenial(one: DeniedAccess, columns: number, paint: Paint): readonly string[] {
  const count = one.count > 1 ? ` (${one.count} times)` : ''
  const hopeless = one.allow === null && one.always.length === 0
  const reason = `${printable(one.reason)}${hopeless ? '; nothing allows this' : ''}${count}`
  const lines = [`${paint('red', 'denied')}  ${padEndToWidth(requestOf(one), columns)}    ${reason}`]
  // A remedy is meant to be pasted, so it is escaped but never cut.
  const whole = Number.MAX_SAFE_INTEGER
  if (one.allow !== null) lines.push(`        ${paint('dim', 'once:')}    ${printable(one.allow, whole)}`)
  if (one.always.length > 0) {
    lines.push(`        ${paint('dim', 'always:')}  ${printable(one.always.join(', and '), whole)}`)
  }
  return lines
}

function requestOf(one: DeniedAccess): string {
  return `${one.kind}.${one.action} ${printable(one.resource)}`
}

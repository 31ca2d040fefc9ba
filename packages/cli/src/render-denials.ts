import type { Access, DeniedAccess } from 'bulkhead'
import { padEndToWidth } from './display-width.js'
import { denialsShownMax, probesShownMax } from './limits.js'
import { printable } from './printable.js'
import { isHopeless, renderRemedies } from './render-remedy.js'
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
export function renderProbeSummary(probes: number): readonly string[] {
  return probes === 0 ? [] : [`${refusedProbes(probes)} (--verbose shows them)`]
}

/** Each probe, for those who asked. */
export function renderProbes(probes: number, probed: readonly Access[]): readonly string[] {
  if (probes === 0) return []
  const shown = probed.slice(0, probesShownMax).map((one) => `probe   ${requestOf(one)}${countOf(one)}`)
  return [...shown, refusedProbes(probes)]
}

function refusedProbes(probes: number): string {
  return probes === 1
    ? '1 probe of a path that does not exist was also refused'
    : `${probes} probes of paths that do not exist were also refused`
}

function renderDenial(one: DeniedAccess, columns: number, paint: Paint): readonly string[] {
  const reason = `${printable(one.reason)}${isHopeless(one) ? '; nothing allows this' : ''}${countOf(one)}`
  const head = `${paint('red', 'denied')}  ${padEndToWidth(requestOf(one), columns)}    ${reason}`
  return [head, ...renderRemedies(one, paint)]
}

function countOf({ count }: { readonly count: number }): string {
  return count > 1 ? ` (${count} times)` : ''
}

function requestOf(one: Pick<Access, 'kind' | 'action' | 'resource'>): string {
  return `${one.kind}.${one.action} ${printable(one.resource)}`
}

import type { RemedyReport } from '@bulkhead/admin'
import type { Paint } from './sgr.js'
import { uncut } from './wording.js'

/** What would allow something that was refused. */
export type Remedies = {
  /** For now: a flag or a command; `null` where nothing would. */
  readonly allow: string | null
  /** From now on: lines and commands, all of them needed. */
  readonly always: readonly string[]
  /** Why there is none although something could be changed. */
  readonly note?: string
}

/** The remedies below what was refused. They are meant to be pasted, so they are escaped but never cut. */
export function renderRemedies({ allow, always, note }: Remedies, paint: Paint): readonly string[] {
  const line = (label: string, text: string): string => `        ${paint('dim', label)}${uncut(text)}`
  return [
    ...(allow === null ? [] : [line('once:    ', allow)]),
    ...(always.length === 0 ? [] : [line('always:  ', always.join(', and '))]),
    ...(note === undefined ? [] : [line('note:    ', note)]),
  ]
}

/** What an explanation of the whole context says of one thing that is not granted. */
export function remediesOf(remedy: RemedyReport | undefined): Remedies {
  if (remedy === undefined) return { allow: null, always: [] }
  const { once, ...others } = remedy
  return { ...others, allow: once.length === 0 ? null : once.join(' ') }
}

/** Whether nothing that anybody could write or type would allow it. */
export function isHopeless({ allow, always }: Remedies): boolean {
  return allow === null && always.length === 0
}

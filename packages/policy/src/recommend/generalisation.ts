/**
 * How far a recommendation may go beyond the names that were really used. Each level adds to the one before it:
 *
 * - `none`: exact names.
 * - `siblings`: three or more names in one directory become `dir/*`, three or more topics that differ in the last token
 *   `topic.*`; a segment that is a number, a date, a UUID or a hash becomes `*` where three or more of them lead on.
 * - `directories`: a directory in which three or more entries are used, at least one of them a directory itself, becomes
 *   `dir/**`; topics `topic.>`, storage keys `prefix:*`, environment variables `PREFIX_*` alike.
 * - `domains`: three or more hosts of one parent domain, with the same protocol and port, become `*.parent`; never where the
 *   parent has fewer than three labels or gives names to strangers.
 *
 * What is executed, and addresses, are never generalised.
 */
export const generalisations = ['none', 'siblings', 'directories', 'domains'] as const
export type Generalisation = (typeof generalisations)[number]

/** Whether a level goes at least as far as another. */
export function reaches(level: Generalisation, wanted: Generalisation): boolean {
  return generalisations.indexOf(level) >= generalisations.indexOf(wanted)
}

/** Health events that are kept for whoever comes back: one runtime's last ones. */
export const healthEventsKeptMax = 10_000
/** Characters of an event's reason: with the number of events it bounds what is kept. */
export const eventReasonCharactersMax = 1_024
/** Random bytes of a runtime's id; it is written as twice as many hexadecimal digits. */
export const runtimeIdBytes = 6
/** Reasons that a health report names; the rest is counted. */
export const reasonsShownMax = 20
/** Children that a health report names in one list of its security part. */
export const childrenNamedMax = 100

// Every bound of the page, with its unit.

/** Events and denials that the page keeps; the oldest go first. */
export const entriesMax = 500
/** Of them, how many are drawn. */
export const entriesShownMax = 200
/** One sample a second: five minutes. */
export const samplesMax = 300
/** Reasons of the health report that are shown unasked. */
export const reasonsAtOnce = 3
/** Denials of one child that its panel shows. */
export const denialsShownMax = 20
/** Characters of a filter, a reason, a token, a pattern. */
export const filterCharactersMax = 100
export const reasonCharactersMax = 1_000
export const tokenCharactersMax = 1_000
export const patternCharactersMax = 4_096
/** Characters of one message of the stream: what is longer is no message of ours. */
export const messageCharactersMax = 16 * 1024 * 1024
/** A page that nobody sees is drawn no more often than this, in milliseconds. */
export const hiddenDrawMs = 1_000
/** Waits before the page asks again after the stream broke, in milliseconds; the last one repeats. */
export const retryDelaysMs = [500, 1_000, 2_000, 5_000] as const
/** The server says something every 15 s: after this long it is taken for gone, in milliseconds. */
export const silenceMsMax = 40_000
/** How long an order may take, in milliseconds: a stop waits for the child's own shutdown. */
export const orderMsMax = 120_000
/** How long a question may take, in milliseconds. */
export const questionMsMax = 15_000

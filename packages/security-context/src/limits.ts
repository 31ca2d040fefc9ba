/** Deny rules that one remedy lists, all of which match the request. */
export const denyRulesPerRemedyMax = 16
/** Patterns that a suggested `bulkhead approve --narrow …` repeats; above it the whole request is suggested. */
export const narrowPatternsPerHintMax = 8
/** Rules of one layer that a report lists beside one grant. */
export const rulesPerGrantMax = 16

// Every bound of recommendations, with its unit in the name.

/** Distinct accesses that one recommendation remembers; of more it says so. */
export const distinctAccessesMax = 100_000
/** Other digests of the component that are told apart; the records of more are counted together. */
export const otherDigestsMax = 16
/** How many distinct names must vary in one place before a wildcard takes theirs. */
export const variantsMin = 3
/** Names of more segments are never generalised. */
export const generalisedSegmentsMax = 128
/** Labels that the parent of a host wildcard has at least, a public suffix of two labels counted as one. */
export const parentLabelsMin = 3
/** Examples of one line, and of one group of denials. */
export const examplesMax = 3
/** Groups of denials that are listed, the most frequent first. */
export const deniedGroupsMax = 1_000
/** Accesses that no pattern can say, listed one by one. */
export const unsayableMax = 100
/** Pairs of patterns that are compared in search of one inside the other. */
export const comparedPatternsMax = 1_000_000
/** How often all accesses are held against all rules that may be unused, before each rule is looked at alone. */
export const unusedRoundsMax = 8
/** A use so often, or more often, counts in full towards confidence. */
export const fullConfidenceUses = 64
/** Uses over so long a time, or longer, count in full towards confidence: a week, in hours. */
export const fullConfidenceHours = 168
/** A resource that is cut in the audit log is at most so many bytes of UTF-8, and ends in `…`. */
export const loggedResourceBytesMax = 1_024

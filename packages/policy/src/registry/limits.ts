// Every bound of the registry, of operator grants and of policy sources, with its unit in the name.

import { documentBytesMax } from '@bulkhead/document'

export const policyTextBytesMax = documentBytesMax
/** Versions of one policy that are kept, the current one among them. */
export const versionsKeptMax = 20
/** Parsed policies kept at hand. */
export const policiesCachedMax = 256
/** How often a change is planned again because somebody else's came first. Each round means that somebody made progress. */
export const changeRoundsMax = 1_024

export const authorCharactersMax = 200
export const reasonCharactersMax = 1_000
/** Certificates that vouch for one signature. */
export const certificatesMax = 8
export const locationCharactersMax = 4_096

export const operatorGrantsPerChildMax = 256
export const patternCharactersMax = 4_096
export const wordCharactersMax = 128

/** Room for the largest manifest with every character escaped, and for what stands beside it; a store holds values of 1 MiB. */
export const subjectBytesMax = 1_000_000

/** How long a place on the network may take to give a policy. */
export const sourceAnswerMs = 10_000

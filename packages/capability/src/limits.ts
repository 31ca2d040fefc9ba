// Every bound of this workspace, with its unit in the name.

/** The longest path pattern, in bytes of UTF-8 (SPEC 3.1). */
export const pathPatternBytesMax = 4096
/** The longest host pattern or host candidate, in bytes of UTF-8, before it is normalised. */
export const hostPatternBytesMax = 1024
/** The longest host name after normalisation, in characters without the trailing dot (RFC 1035). */
export const hostNameCharactersMax = 253
/** The longest label of a host name, in characters. */
export const hostLabelCharactersMax = 63
/** The longest storage pattern, in bytes of UTF-8. */
export const namespacePatternBytesMax = 4096
/** The longest topic or topic pattern, in bytes of UTF-8 (SPEC 3.4). */
export const topicBytesMax = 256
/** The most tokens of a topic. */
export const topicTokensMax = 16
/** The longest token of a topic, in characters. */
export const topicTokenCharactersMax = 128
/** The longest pattern of a name (a variable, or of a custom kind), in bytes of UTF-8. */
export const namePatternBytesMax = 1024
/** The longest pattern of a custom kind that is compared letter by letter, in bytes of UTF-8. */
export const exactPatternBytesMax = 4096
/** The most custom kinds of one catalogue. */
export const customKindsMax = 64
/** The most actions of a custom kind. */
export const customActionsMax = 16
/** The longest resource that is looked at, in UTF-16 units; a longer one is denied. */
export const resourceUnitsMax = 8192
/** Decisions that a `Decider` remembers; when they are that many it forgets them all. */
export const cachedDecisionsMax = 2048
/** The longest resource or host path that a cached decision keeps, in UTF-16 units. */
export const cachedResourceUnitsMax = 512
/** The longest text from outside that a reason quotes, in UTF-16 units. */
export const quotedUnitsMax = 200
/** The most comparisons that `leadsToGrant` makes before it answers roughly. */
export const searchStepsMax = 100_000
/** The longest `KIND.ACTION=…` that is read, in UTF-16 units. */
export const capabilityTextUnitsMax = 8192

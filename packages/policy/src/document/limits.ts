// Every bound of policy documents, with its unit in the name. The size of a document is bounded by @bulkhead/document.

/** The longest description of a policy, in characters. */
export const descriptionCharactersMax = 2000
/** How many rules one policy holds, allow, deny and shared together, or one list of it. */
export const rulesMax = 4000
/** How many components one shared policy names. */
export const sharedComponentsMax = 256
/** How many ports one network rule of a Wassette document names. */
export const portsPerRuleMax = 64
/** How many protocols, or access words, one rule of a Wassette document names, repeats counted. */
export const wordsPerRuleMax = 16
/** Connections that a rule may allow at once. */
export const connectionsMax = 65_536
/** Open descriptors and streams that a policy may allow. */
export const handlesMax = 65_536
/** The largest linear memory that a 32-bit component can have, in bytes. */
export const memoryBytesMax = 4 * 1024 ** 3
/** The largest share of processors that a policy may allow, in percent of one core. */
export const cpuPercentMax = 100_000
/** How many warnings one look for conflicts lists. */
export const conflictsMax = 100
/** What comparing the rules of one policy may take, in characters of one pattern times those of the other: about half a second. */
export const comparedCharactersMax = 500_000_000
/** What comparing two rules takes however short they are, in the same measure. */
export const comparisonCharactersMin = 100
/** A rendered list is broken into lines when it is longer, in characters. */
export const renderedLineCharactersMax = 100
/** Schemas that are kept made, one for each component of a set of kinds. */
export const schemasKeptMax = 64

/** The largest document, in bytes of UTF-8 (SPEC 4). */
export const documentBytesMax = 256 * 1024

/** How deep tables and lists may nest, dotted keys included. A tree file with supervisors 16 deep needs about 40 levels. */
export const nestingLevelsMax = 64

/** How many values a document may have that is given as an object; a text of 256 KiB has fewer. */
export const objectValuesMax = 100_000

/** How many findings one error lists. Beyond it they are counted: a document of 60,000 wrong keys must not flood a terminal. */
export const findingsMax = 100

/** How many characters of a document's text an error message repeats. */
export const quotedCharactersMax = 80

/** Longer words are never compared when the nearest name is looked for: the cost is the product of both lengths. */
export const nearestNameCharactersMax = 64

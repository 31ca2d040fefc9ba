/** Bytes of a component's import description that are read; CPython's is 5 KiB, everything in WASI 0.2 is 13 KiB. */
export const importDescriptionBytesMax = 1024 * 1024
/** Characters of printed import types that are parsed. */
export const importTextCharactersMax = 16 * 1024 * 1024
/** Nesting of parentheses in printed import types. */
export const importTextDepthMax = 200
/** Levels of a type that a message spells out. */
export const describedTypeDepthMax = 3
/** Members of a type that a message spells out, on each level. */
export const describedMembersMax = 6
/** Findings that one comparison reports; further ones are counted. */
export const mismatchesMax = 100

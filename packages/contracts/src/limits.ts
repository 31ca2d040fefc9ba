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
/** Characters of the WIT of an interface that a host application offers. */
export const witTextCharactersMax = 256 * 1024
/** Levels of a type in such an interface. */
export const typeDepthMax = 32
/** Parts of one encoded value: each number, text, list, case and field is one; a list of bytes is one as a whole. */
export const valuePartsMax = 65_536
/** Bytes of one call of a host application's function: the names and all arguments together. */
export const interfaceArgumentBytesMax = 256 * 1024
/** Bytes of a component without its code, of which the types of its exports are read. */
export const exportDescriptionBytesMax = 4 * 1024 * 1024
/** Functions of a component that can be called by name. */
export const exportedFunctionsMax = 1_000
/** Parts of the types of one such function, all of its parameters and its result together. */
export const exportedTypePartsMax = 2_048
/** Levels of one of its types. */
export const exportedTypeDepthMax = 32
/** Bytes of the arguments of one call by name: what every mailbox takes as one message. */
export const callArgumentBytesMax = 256 * 1024
/** Bytes of what one call by name returns. */
export const callAnswerBytesMax = 1024 * 1024

// Every bound of this workspace, with its unit in the name.

/** The longest signature, in characters: eight certificates and a statement fit several times. */
export const tokenCharactersMax = 65_536
/** Certificates of one chain, the leaf and the pinned one counted. */
export const chainCertificatesMax = 8
/** The largest file with a private key or a chain of certificates, in bytes. */
export const keyFileBytesMax = 65_536

/** In which pieces a component is read to be hashed, in bytes. */
export const readPieceBytes = 1_048_576

/** The longest repository, ref or URL pattern, in characters. */
export const urlCharactersMax = 1024
/** The longest free text of a trust document, such as a signer's name, in characters. */
export const nameCharactersMax = 256
/** Sources of one trust document. */
export const sourcesMax = 1000
/** Keys that may make the claims of one git source. */
export const attestorsMax = 100
/** Revoked digests and keys of one trust document. */
export const revokedMax = 10_000

/** Components that wait for a review at once (SPEC 6). */
export const queueEntriesMax = 1000
/** Decisions that are remembered for one child; a forgotten denial is a question again, never a start. */
export const decisionsPerChildMax = 100
/** The longest name of a reviewer, in characters. */
export const reviewerCharactersMax = 200
/** The longest reason of a reviewer, in characters. */
export const reasonCharactersMax = 1000
/** Patterns that one approval may be narrowed to. */
export const narrowedPatternsMax = 1000

/** How many characters of a component's own words a reviewer is shown (SPEC 6). */
export const shownCharactersMax = 200

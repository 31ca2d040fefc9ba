// Every bound of role files, with its unit in the name.

/** The largest role file, in bytes of UTF-8. */
export const roleFileBytesMax = 256 * 1024
/** How many `g` links may stand between a component and a role: as far as casbin's own check follows them. */
export const roleLinksMax = 10
/** Warnings of one role file; more are not collected. */
export const roleWarningsMax = 100
/** Pairs of roles that are compared in search of the one that was meant. */
export const comparedNamesMax = 20_000
/** Names of a chain of roles that a finding writes out; the middle of a longer one is left out. Even. */
export const chainNamesMax = 12

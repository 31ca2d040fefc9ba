/** A case asks for something that this runner does not know: reported as a failure in words, never skipped. */
export class UnsupportedCase extends Error {}

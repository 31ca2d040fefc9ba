/** What a field of a line says, or what is wrong with it, and at which of its characters (0-based). */
export type ParsedField<T> =
  | { readonly ok: T }
  | { readonly character: number; readonly message: string; readonly hint: string }

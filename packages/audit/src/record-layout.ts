// How an access record lies in a ring. Fixed part first, then the texts in UTF-8, one after the other.
//
//   0 u8 format   1 u8 kind   2 u8 action   3 u8 verdict   4 u8 layer   5 u8 which texts   6 u16 kind bytes
//   8 u32 policy version   12 u32 count   16 u32 repeats of the record before   20 u32 zero   24 i64 at
//  A custom kind is `customKind`, its action 0, and `kind.action` is the last of the texts; of a built-in one there is none.
//  32 u16 resource bytes   34 u16 rule bytes   36 u16 reason bytes   38 u16 probe path bytes   40 texts

export const recordFormat = 1
export const fixedBytes = 40
export const offsetOf = {
  format: 0,
  kind: 1,
  action: 2,
  verdict: 3,
  layer: 4,
  texts: 5,
  kindBytes: 6,
  policyVersion: 8,
  count: 12,
  repeatsBefore: 16,
  reserved32: 20,
  at: 24,
  resourceBytes: 32,
  ruleBytes: 34,
  reasonBytes: 36,
  probePathBytes: 38,
} as const
/** In the place of the index of a built-in kind. */
export const customKind = 0xff
/** Bits of `texts`: an absent text is not an empty one. */
export const hasText = { rule: 1, reason: 2, probePath: 4 } as const

import { authorCharactersMax } from '../limits.js'
import type { Terminal } from '../terminal.js'

/** Who a change is by, as one line of the audit log. */
export function authorOf({ user }: Terminal): string {
  const plain = user.replace(/[\p{Cc}\p{Zl}\p{Zp}\p{Cs}]/gu, '').slice(0, authorCharactersMax)
  return plain === '' ? 'unknown' : plain
}

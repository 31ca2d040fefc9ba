import { printable } from './printable.js'

/** For JSON: text where the bytes are UTF-8; else the text as far as it goes, and the bytes themselves. */
export function jsonBytes(bytes: Uint8Array): { readonly text: string; readonly base64?: string } {
  const text = utf8Of(bytes)
  if (text !== undefined) return { text }
  return { text: new TextDecoder().decode(bytes), base64: Buffer.from(bytes).toString('base64') }
}

/**
 * For a screen: text where the bytes are UTF-8, else a byte beside the other, `\x1f` for what is no visible ASCII. Either way
 * nothing in it can move the cursor.
 *
 * @param charactersMax what is longer is cut
 */
export function shownBytes(bytes: Uint8Array, charactersMax: number): string {
  const text = utf8Of(bytes)
  if (text !== undefined) return printable(text, charactersMax)
  // No more bytes than characters are shown: the rest need not be looked at.
  const shown = bytes.subarray(0, charactersMax + 1)
  return printable(
    Array.from(shown, (byte) => (byte < 0x80 ? String.fromCharCode(byte) : `\\x${byte.toString(16)}`)).join(''),
    charactersMax,
  )
}

/** The same over several lines, none of them cut. */
export function shownLines(bytes: Uint8Array): string {
  const text = utf8Of(bytes)
  if (text === undefined) return shownBytes(bytes, Number.MAX_SAFE_INTEGER)
  return text
    .split('\n')
    .map((line) => printable(line, Number.MAX_SAFE_INTEGER))
    .join('\n')
}

function utf8Of(bytes: Uint8Array): string | undefined {
  try {
    return new TextDecoder('utf-8', { fatal: true, ignoreBOM: true }).decode(bytes)
  } catch {
    return undefined
  }
}

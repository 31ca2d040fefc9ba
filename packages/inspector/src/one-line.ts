/** Text of unknown origin as one line of printable characters: what is none stands as an escape. */
export function oneLine(text: string, charactersMax: number): string {
  const escaped = text.replace(/[\p{Cc}\p{Cf}\p{Cs}\p{Zl}\p{Zp}]/gu, (character) => {
    return `\\u{${character.codePointAt(0)?.toString(16)}}`
  })
  return escaped.length <= charactersMax ? escaped : `${escaped.slice(0, charactersMax - 1)}…`
}

const codes = { bold: [1, 22], dim: [2, 22], red: [31, 39], green: [32, 39], yellow: [33, 39], cyan: [36, 39] } as const

export type Style = keyof typeof codes
/** Wraps text in a style, or gives it back as it is where colours are not wanted. */
export type Paint = (style: Style, text: string) => string

const coloured: Paint = (style, text) => `\u001b[${codes[style][0]}m${text}\u001b[${codes[style][1]}m`
const plain: Paint = (_style, text) => text

/**
 * Colours only on a terminal, and never where `NO_COLOR` is set to anything but the empty string (no-color.org).
 */
export function paintFor(isTerminal: boolean, environment: Readonly<Record<string, string | undefined>>): Paint {
  const refused = environment['NO_COLOR'] !== undefined && environment['NO_COLOR'] !== ''
  return isTerminal && !refused && environment['TERM'] !== 'dumb' ? coloured : plain
}

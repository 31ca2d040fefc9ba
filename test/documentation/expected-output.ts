// What a guide says that a command prints. `…` stands for any part of a line; alone on a line it stands for any number of
// lines. Spaces only line columns up: how many there are is no promise.

/** Whether something was printed exactly as expected. */
export function printsAll(expected: readonly string[], printed: string): boolean {
  return new RegExp(`^${sourceOf(expected)}$`).test(tidied(printed))
}

/** Where what was expected ends in something that goes on; `undefined` while it has not come yet. */
export function endOf(expected: readonly string[], printed: string): number | undefined {
  return new RegExp(`^${sourceOf(expected)}`).exec(printed)?.[0].length
}

function sourceOf(expected: readonly string[]): string {
  return expected.map((line) => (line === '…' ? '(?:.*\\n)*?' : `${lineSource(line)} *\\n`)).join('')
}

function lineSource(line: string): string {
  const escaped = line.replace(/[.*+?^${}()|[\]\\]/g, '\\$&')
  return escaped.replaceAll('…', '.*?').replace(/ +/g, ' +')
}

function tidied(printed: string): string {
  return printed === '' || printed.endsWith('\n') ? printed : `${printed}\n`
}

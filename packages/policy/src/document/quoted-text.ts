/** What neither format takes as it is: controls beyond JSON's, marks that readers refuse, line ends that some editors see. */
const ESCAPED = /[\u007f-\u009f\u2028\u2029\ufeff\ufffe\uffff]/g

/** A text in double quotes, as both TOML and YAML read it. */
export function quotedText(text: string): string {
  return JSON.stringify(text).replace(
    ESCAPED,
    (character) => `\\u${character.charCodeAt(0).toString(16).padStart(4, '0')}`,
  )
}

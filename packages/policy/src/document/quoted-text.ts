/**
 * What neither format takes as it is: controls beyond JSON's, marks that readers refuse, line ends that some editors see; and
 * what hides or reorders text on a screen, since the words may be a component author's.
 */
const ESCAPED = /[\u007f-\u009f\u00ad\u061c\u200b-\u200f\u2028-\u202e\u2060-\u206f\ufeff\ufff9-\uffff]/g

/** A text in double quotes, as both TOML and YAML read it. */
export function quotedText(text: string): string {
  return JSON.stringify(text).replace(
    ESCAPED,
    (character) => `\\u${character.charCodeAt(0).toString(16).padStart(4, '0')}`,
  )
}

import { onOneLine } from '@bulkhead/document'
import { shownCharactersMax } from './limits.js'

// What a component says reaches a reviewer's terminal only through here (SPEC 6): one line, hidden and control characters
// spelt out, cut. Without it a reason could clear the screen, or a pattern show another path than it means.

/** A component's own words, for people: the field's name is the mark that they are its, not ours. */
export type ComponentWords = { readonly componentSays: string }

export function componentWords(text: string): ComponentWords {
  return { componentSays: shown(text) }
}

/** Text from outside that is safe to show, at most 200 characters of it. */
export function shown(text: string): string {
  const characters = [...onOneLine(text)]
  if (characters.length <= shownCharactersMax) return characters.join('')
  return `${characters.slice(0, shownCharactersMax - 1).join('')}…`
}

/** A name or pattern within a sentence: plain when it cannot be taken for words of ours, else in backticks. */
export function named(text: string): string {
  return /^[\w./*?:@-]{1,200}$/.test(text) ? text : `\`${shown(text).replaceAll('`', "'")}\``
}

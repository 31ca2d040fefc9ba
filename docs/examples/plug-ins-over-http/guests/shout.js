// Shouts, and remembers in its customer's store how often it did.
import { increment } from 'wasi:keyvalue/atomics@0.2.0-draft'
import { open } from 'wasi:keyvalue/store@0.2.0-draft'

export const transform = (text) => {
  if (text === '') throw 'there is nothing to shout'
  return `${text.toUpperCase()}! (use ${increment(open('default'), 'uses', 1)})`
}

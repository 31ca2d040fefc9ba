import { BulkheadError } from '@bulkhead/vocabulary'
import { importTextCharactersMax, importTextDepthMax } from './limits.js'

/** A list, an atom (a bare word), or a string literal. The two leaves are kept apart: a string is never a keyword. */
export type Expression =
  | { readonly kind: 'list'; readonly items: readonly Expression[] }
  | { readonly kind: 'atom'; readonly text: string }
  | { readonly kind: 'string'; readonly text: string }

const TOKEN = /\(;[^;]*;\)|;;[^\n]*|\s+|"((?:[^"\\]|\\.)*)"|([()])|([^\s()";]+)/gy

/**
 * Reads printed WebAssembly text. Comments go; strings are kept as written between their quotes, because a name with an
 * escape in it is no name of a standard interface and equal to none.
 *
 * @throws {BulkheadError} `component-invalid` for text that is not balanced or goes over a bound.
 */
export function parseExpressions(text: string): readonly Expression[] {
  if (text.length > importTextCharactersMax) throw unreadable('is too long')
  const stack: Expression[][] = [[]]
  TOKEN.lastIndex = 0
  while (TOKEN.lastIndex < text.length) {
    const match = TOKEN.exec(text)
    if (match === null) throw unreadable('holds a character that has no meaning')
    take(stack, match)
  }
  const top = stack[0]
  if (stack.length !== 1 || top === undefined) throw unreadable('is not balanced')
  return top
}

function take(stack: Expression[][], match: RegExpExecArray): void {
  const [, string, parenthesis, atom] = match
  const current = stack.at(-1)
  if (current === undefined) throw unreadable('is not balanced')
  if (string !== undefined) current.push({ kind: 'string', text: string })
  else if (atom !== undefined) current.push({ kind: 'atom', text: atom })
  else if (parenthesis === '(') open(stack, current)
  else if (parenthesis === ')') close(stack)
}

function open(stack: Expression[][], current: Expression[]): void {
  if (stack.length > importTextDepthMax) throw unreadable('is nested too deeply')
  const items: Expression[] = []
  current.push({ kind: 'list', items })
  stack.push(items)
}

function close(stack: Expression[][]): void {
  stack.pop()
  if (stack.length === 0) throw unreadable('is not balanced')
}

function unreadable(what: string): BulkheadError {
  return new BulkheadError('component-invalid', `the description of the component's imports ${what}`)
}

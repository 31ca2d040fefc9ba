import { escapePath } from '../forbidden.js'
import type { NamePart } from './name-tree.js'

/** How names of one kind are taken apart, and patterns over them put together. */
export type NameGrammar = {
  readonly split: (name: string) => readonly string[]
  readonly join: (parts: readonly NamePart[]) => string
  /** Which wildcards there are: for one segment at the end (`siblings`), for one before the end (`varying`), for all that follows. */
  readonly wildcards: ReadonlySet<'siblings' | 'varying' | 'rest'>
  /** How many more segments `rest` takes at least. */
  readonly restFrom: 0 | 1
  /** Whether `rest` is the only way to say that the last segment varies. */
  readonly restForSiblings: boolean
  /** How many segments stand before the first wildcard at least. */
  readonly prefixMin: (segments: readonly NamePart[]) => number
}

/** Paths: `/a/b`, `*`, `**`. Never all that is in the root. */
export const pathNames: NameGrammar = {
  split: (name) => (name === '/' ? [] : name.slice(1).split('/')),
  join: (parts) => `/${parts.map((part) => written(part, escapePath, '**')).join('/')}`,
  wildcards: new Set(['siblings', 'varying', 'rest']),
  restFrom: 0,
  restForSiblings: false,
  prefixMin: () => 1,
}

/** Topics: `a.b`, `*`, `>`. */
export const topicNames: NameGrammar = {
  split: (name) => name.split('.'),
  join: (parts) => parts.map((part) => written(part, verbatim, '>')).join('.'),
  wildcards: new Set(['siblings', 'varying', 'rest']),
  restFrom: 1,
  restForSiblings: false,
  prefixMin: () => 1,
}

/** Storage keys: `self:a:b`; a last `*` is all that follows. Never all that is shared, or all of another component. */
export const storageNames: NameGrammar = {
  split: (name) => name.split(':'),
  join: (parts) => parts.map((part) => written(part, verbatim, '*')).join(':'),
  wildcards: new Set(['varying', 'rest']),
  restFrom: 1,
  restForSiblings: true,
  prefixMin: ([first]) => (first?.kind === 'literal' && first.text === 'self' ? 1 : 3),
}

/** Environment variables: `A_B`; a last `*` is all that follows. */
export const variableNames: NameGrammar = {
  split: (name) => name.split('_'),
  join: (parts) => parts.map((part) => written(part, verbatim, '*')).join('_'),
  wildcards: new Set(['rest']),
  restFrom: 1,
  restForSiblings: true,
  prefixMin: () => 1,
}

/** Names without parts that a pattern could leave open: custom kinds' own. */
export const plainNames: NameGrammar = {
  ...variableNames,
  split: (name) => [name],
  join: (parts) => parts.map((part) => written(part, verbatim, '*')).join(''),
  wildcards: new Set(),
}

function written(part: NamePart, literal: (text: string) => string, rest: string): string {
  if (part.kind === 'literal') return literal(part.text)
  return part.kind === 'any' ? '*' : rest
}

function verbatim(text: string): string {
  return text
}

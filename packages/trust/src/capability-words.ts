import type { Kind } from '@bulkhead/vocabulary'
import type { Ask } from './approval-subject.js'
import { named } from './component-words.js'

/** What some actions on one pattern come to, for a reviewer: `read files below /data/in`. Never grants or decides. */
export function capabilityWords(kind: Kind, actions: readonly string[], pattern: string): string {
  const verbs = actions.map((action) => verbOf(kind, action))
  return `${joined([...new Set(verbs)])} ${objectOf(kind, pattern)}`
}

const verbs: Readonly<Record<string, string>> = {
  'filesystem.write': 'change and create',
  'filesystem.delete': 'delete or move away',
  'network.connect': 'connect to',
  'network.bind': 'listen on',
  'network.resolve': 'look up the address of',
  'messaging.publish': 'publish',
  'messaging.subscribe': 'receive',
  'messaging.request': 'send requests as',
  'process.spawn': 'start',
}

function verbOf(kind: Kind, action: string): string {
  return verbs[`${kind}.${action}`] ?? action
}

function objectOf(kind: Kind, pattern: string): string {
  switch (kind) {
    case 'filesystem':
      return fileWords(pattern)
    case 'process':
      return `the program ${named(pattern)} on the host`
    case 'storage':
      return `${keyWords(pattern)} in the key-value store`
    case 'network':
      return named(pattern)
    case 'messaging':
      return `messages on ${named(pattern)}`
    case 'environment':
      return pattern.endsWith('*') ? `the variables ${named(pattern)}` : `the variable ${named(pattern)}`
    default:
      return `${kind} ${named(pattern)}`
  }
}

function fileWords(pattern: string): string {
  if (pattern === '/**') return 'all files'
  const below = pattern.endsWith('/**') ? pattern.slice(0, -3) : undefined
  if (below !== undefined && isLiteral(below)) return `files below ${named(below)}`
  return isLiteral(pattern) ? `the file ${named(pattern)}` : `files that match ${named(pattern)}`
}

function keyWords(pattern: string): string {
  const [space = '', ...rest] = pattern.split(':')
  const keys = rest.join(':')
  switch (space) {
    case 'self':
      return keys === '*' ? 'its own keys' : `its own keys ${named(keys)}`
    case 'shared':
      return `the keys ${named(keys)}, which components share,`
    default:
      return `the keys ${named(pattern)}`
  }
}

function isLiteral(pattern: string): boolean {
  return !/[*?[]/.test(pattern)
}

function joined(words: readonly string[]): string {
  const last = words.at(-1) ?? ''
  return words.length < 2 ? last : `${words.slice(0, -1).join(', ')} and ${last}`
}

/** `filesystem.read=/data/**`: the form in which `approve --narrow` takes it. */
export function askText({ kind, action, pattern }: Pick<Ask, 'kind' | 'action' | 'pattern'>): string {
  return `${kind}.${action}=${pattern}`
}

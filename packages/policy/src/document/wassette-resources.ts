import { checkPattern, type Grant } from '@bulkhead/capability'
import { quote } from '@bulkhead/document'
import type { Action, RuleOrigin } from '@bulkhead/vocabulary'
import type { z } from 'zod'
import { customIssue, patternIssue } from './custom-issue.js'
import type { Side, StorageRule } from './wassette-words.js'

const scheme = 'fs://'
const otherScheme = /^[a-z][a-z0-9+.-]*:\/\//i
const wildcard = /[*?[]/

/**
 * The path pattern that a storage URI means. Wassette opens the path as a directory for the component, with all that is
 * below; a path with wildcards is a pattern as it stands, and one without means itself, file or directory, and all below.
 * Two slashes name a path below the component's root, as three do: a component sees one root.
 *
 * `undefined` for another scheme, which names no file.
 */
export function pathPatternOf(uri: string): string | undefined {
  if (!uri.startsWith(scheme)) return undefined
  const written = uri.slice(scheme.length)
  const absolute = written.startsWith('/') ? written : `/${written}`
  const path = absolute.endsWith('/') ? absolute.slice(0, -1) : absolute
  return wildcard.test(path) ? path : `${path}/**`
}

/** A URI of a file, with a path that follows the grammar of patterns. */
export function checkUri(side: Side): z.core.CheckFn<string> {
  return ({ value, issues }) => {
    const pattern = pathPatternOf(value)
    if (pattern === undefined) {
      // An allow of another scheme grants nothing and is warned of; a deny would look as if it kept something away.
      if (side === 'allow' && otherScheme.test(value)) return
      issues.push(
        customIssue(value, `${quote(value)} does not name files`, 'write `fs://` and a path: `fs:///data/**`'),
      )
      return
    }
    if (value === scheme) {
      issues.push(
        customIssue(value, `${quote(value)} names no path`, 'write the path: `fs:///data`; the root is `fs:///`'),
      )
      return
    }
    const shift = scheme.length - (value.startsWith('/', scheme.length) ? 0 : 1)
    try {
      checkPattern(pattern, { kind: 'filesystem', action: 'read', port: 'optional' })
    } catch (error) {
      issues.push(patternIssue(error, value, shift))
    }
  }
}

/** The name of a variable. Wassette has no wildcards here. */
export const checkKey: z.core.CheckFn<string> = ({ value, issues }) => {
  if (value.includes('*')) {
    const hint = 'name each variable; a native policy has `environment.read = ["INGEST_*"]`'
    issues.push(
      customIssue(value, 'a variable has no wildcards in this format', hint, { character: value.indexOf('*') }),
    )
    return
  }
  try {
    checkPattern(value, { kind: 'environment', action: 'read', port: 'optional' })
  } catch (error) {
    issues.push(patternIssue(error, value))
  }
}

/** Wassette's `write` opens a directory for changing it: creating and deleting are part of it (SPEC 5). */
const actionsOf: Record<StorageRule['access'][number], readonly Action[]> = {
  read: ['read'],
  write: ['write', 'delete'],
  create: ['create'],
  delete: ['delete'],
  execute: ['execute'],
}

/** The rules that a storage rule means; none when its URI names no file. */
export function storageGrants({ uri, access }: StorageRule, origin: RuleOrigin): readonly Grant[] {
  const pattern = pathPatternOf(uri)
  if (pattern === undefined) return []
  const actions = new Set(access.flatMap((word) => actionsOf[word]))
  return [...actions].map((action): Grant => ({ kind: 'filesystem', action, pattern, origin }))
}

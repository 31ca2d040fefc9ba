import { didYouMean, quote } from '@bulkhead/document'
import { isName, parseChildId } from '@bulkhead/vocabulary'
import type { ParsedField } from './parsed-field.js'

/** `component:<child id>` or `role:<name>`. */
export function parseSubject(text: string): ParsedField<string> {
  const colon = text.indexOf(':')
  if (colon === -1) {
    const hint = isName(text)
      ? `did you mean \`component:${text}\` or \`role:${text}\`?`
      : 'write `component:<child id>` or `role:<name>`'
    return { character: 0, message: `${quote(text)} is not a subject`, hint }
  }
  const family = text.slice(0, colon)
  if (family !== 'component' && family !== 'role') {
    const hint = didYouMean(family, ['component', 'role'])
    return { character: 0, message: `${quote(family)} is not a kind of subject`, hint }
  }
  const name = text.slice(colon + 1)
  if (family === 'role' ? isName(name) : isChildId(name)) return { ok: text }
  return {
    character: colon + 1,
    message: `${quote(name)} is not ${family === 'role' ? 'the name of a role' : 'a child id'}`,
    hint: `a lower-case letter, then up to 62 lower-case letters, digits and hyphens${family === 'role' ? '' : '; perhaps `tenant/` before it'}`,
  }
}

/** `role:<name>`: the second field of a `g` line. */
export function parseRole(text: string): ParsedField<string> {
  const parsed = parseSubject(text)
  if (!('ok' in parsed) || text.startsWith('role:')) return parsed
  return {
    character: 0,
    message: `${quote(text)} is not a role`,
    hint: 'only a role has members: `g, member, role:<name>`',
  }
}

function isChildId(text: string): boolean {
  try {
    parseChildId(text)
    return true
  } catch {
    return false
  }
}

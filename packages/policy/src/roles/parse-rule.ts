import {
  actionNamed,
  actionsOf,
  checkPattern,
  type KindCatalogue,
  kindNamed,
  kindsOf,
  PatternError,
} from '@bulkhead/capability'
import { didYouMean, quote } from '@bulkhead/document'
import type { Action, Kind } from '@bulkhead/vocabulary'
import type { ParsedField } from './parsed-field.js'

/** What a rule is about: one action, or all of the kind. */
export type RoleActions = { readonly kind: Kind; readonly actions: readonly Action[] }

/** `kind:action`, or `kind:*` for all actions of the kind. */
export function parseKindAction(text: string, catalogue: KindCatalogue): ParsedField<RoleActions> {
  const colon = text.indexOf(':')
  if (colon === -1) {
    const hint = 'for example `filesystem:read`, or `filesystem:*` for all its actions'
    return { character: 0, message: `${quote(text)} is not \`kind:action\``, hint }
  }
  const name = text.slice(0, colon)
  const kind = kindNamed(name, catalogue)
  if (kind === undefined) {
    return { character: 0, message: `there is no kind ${quote(name)}`, hint: didYouMean(name, kindsOf(catalogue)) }
  }
  const written = text.slice(colon + 1)
  const known = actionsOf(kind, catalogue)
  if (written === '*') return { ok: { kind, actions: known } }
  const action = actionNamed(kind, written, catalogue)
  if (action !== undefined) return { ok: { kind, actions: [action] } }
  const hint = `${didYouMean(written, known)}; \`*\` is all of them`
  return { character: colon + 1, message: `there is no action ${quote(written)} of ${kind}`, hint }
}

/** A pattern in the grammar of its kind. A port is written out, as in the operator's other documents. */
export function parseRolePattern(
  text: string,
  { kind, actions }: RoleActions,
  catalogue: KindCatalogue,
): ParsedField<string> {
  try {
    for (const action of actions) checkPattern(text, { kind, action, kinds: catalogue, port: 'required' })
    return { ok: text }
  } catch (error) {
    if (!(error instanceof PatternError)) throw error
    const message = `in the pattern ${quote(text)}: ${error.message}`
    return { character: error.position, message, hint: error.hint ?? '' }
  }
}

/** `allow` or `deny`; a line without it allows. */
export function parseEffect(text: string): ParsedField<'allow' | 'deny'> {
  if (text === 'allow' || text === 'deny') return { ok: text }
  const hint = `${didYouMean(text, ['allow', 'deny'])}; a pattern with a comma stands in double quotes`
  return { character: 0, message: `${quote(text)} is not an effect`, hint }
}

import { isDeepStrictEqual } from 'node:util'
import { BulkheadError } from '@bulkhead/vocabulary'
import { versionsKeptMax } from './limits.js'
import { hashOfText, type PolicyDraft, type PolicyHead, type PolicyVersion } from './policy-version.js'

/** What is to be written. */
export type ChangePlan =
  /** The current version says the same already; the head moves only when the document came from elsewhere, or changed there. */
  | { readonly kind: 'unchanged'; readonly head?: PolicyHead }
  /** Versions up to `forgetTo` are no longer kept. */
  | { readonly kind: 'new'; readonly head: PolicyHead; readonly version: PolicyVersion; readonly forgetTo: number }

export type Rollback = { readonly to: number }

/**
 * What a draft makes of a policy. The highest sequence only rises; a rollback neither raises nor asks it, for that a local
 * operator may go back was judged before.
 *
 * @throws {BulkheadError} `policy-replayed` when the draft's signature is older than one that was accepted, or as old and
 *   over other bytes.
 */
export function planChange(head: PolicyHead | undefined, draft: PolicyDraft, rollback?: Rollback): ChangePlan {
  const hash = hashOfText(draft.text)
  if (rollback === undefined) checkNotReplayed(head, draft, hash)
  const current = head?.current
  const source = rollback === undefined ? (draft.source ?? head?.source) : head?.source
  if (head !== undefined && current !== undefined && isSame(current, draft, hash)) {
    return isDeepStrictEqual(source, head.source)
      ? { kind: 'unchanged' }
      : { kind: 'unchanged', head: { ...head, ...keep('source', source) } }
  }
  const number = (head?.last ?? 0) + 1
  const { format, file, signature } = draft
  const highest =
    rollback === undefined && signature !== undefined ? { sequence: signature.sequence, hash } : head?.highest
  return {
    kind: 'new',
    head: {
      last: number,
      current: { number, hash, format, file, ...keep('signature', signature) },
      ...keep('source', source),
      ...keep('highest', highest),
    },
    version: { ...draft, number, hash, ...keep('rolledBackTo', rollback?.to) },
    forgetTo: number - versionsKeptMax,
  }
}

type Current = NonNullable<PolicyHead['current']>

/** The same bytes under a newer signature are a new version: what was proven of them changed. */
function isSame(current: Current, draft: PolicyDraft, hash: string): boolean {
  const { sequence, key } = draft.signature ?? {}
  return (
    current.hash === hash &&
    current.format === draft.format &&
    current.signature?.sequence === sequence &&
    current.signature?.key === key
  )
}

function checkNotReplayed(head: PolicyHead | undefined, { file, signature }: PolicyDraft, hash: string): void {
  const highest = head?.highest
  if (highest === undefined || signature === undefined || signature.sequence > highest.sequence) return
  if (signature.sequence === highest.sequence && hash === highest.hash) return
  const { sequence } = signature
  throw new BulkheadError(
    'policy-replayed',
    `the signature of \`${file}\` has sequence ${sequence}, and ${highest.sequence} was accepted before`,
    {
      details: { file, sequence, highest: highest.sequence },
      hint: `sign it with a sequence above ${highest.sequence}`,
    },
  )
}

/** A property that is only there when it has a value. */
function keep<Name extends string, Value>(name: Name, value: Value | undefined): { readonly [K in Name]?: Value } {
  return (value === undefined ? {} : { [name]: value }) as { readonly [K in Name]?: Value }
}

import { actionNamed, type KindCatalogue, kindNamed } from '@bulkhead/capability'
import { BulkheadError, type Request } from '@bulkhead/vocabulary'
import type { AskedRequest } from './host-interface.js'
import { requestsPerCallMax } from './limits.js'

/**
 * The requests that a host application's `authorize` returned. Whether a resource is of its kind's form is part of the
 * decision.
 *
 * @throws {BulkheadError} `usage` for anything else, and for none at all: a function that asks for nothing says `'none'`.
 */
export function askedRequests(asked: unknown, kinds: KindCatalogue): readonly Request[] {
  const list: readonly unknown[] = Array.isArray(asked) ? asked : [asked]
  if (list.length < 1 || list.length > requestsPerCallMax) {
    throw new BulkheadError('usage', `\`authorize\` returned ${list.length} requests`, {
      hint: `1 to ${requestsPerCallMax}; a function that gives nothing away says \`authorize: 'none'\``,
    })
  }
  return list.map((one) => askedRequest(one, kinds))
}

/** @throws {BulkheadError} `usage` when it is no request. */
export function askedRequest(asked: unknown, kinds: KindCatalogue): Request {
  const { kind: kindName, action: actionName, resource } = (asked ?? {}) as Partial<Record<keyof AskedRequest, unknown>>
  const kind = typeof kindName === 'string' ? kindNamed(kindName, kinds) : undefined
  if (kind === undefined) {
    throw new BulkheadError('usage', `\`${String(kindName)}\` is not a kind`, {
      hint: 'a built-in kind, or one of the `kinds` that `createRuntime` was given',
    })
  }
  const action = typeof actionName === 'string' ? actionNamed(kind, actionName, kinds) : undefined
  if (action === undefined) throw new BulkheadError('usage', `\`${kind}\` has no action \`${String(actionName)}\``)
  // What it holds is the guest's doing: one that is empty or endless is denied, as every other that is not of its form.
  if (typeof resource !== 'string') {
    throw new BulkheadError('usage', `the resource of \`${kind}.${action}\` is not a text`)
  }
  return { kind, action, resource }
}

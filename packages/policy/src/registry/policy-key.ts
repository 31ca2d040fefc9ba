import { BulkheadError, isName, parseChildId } from '@bulkhead/vocabulary'

/** Whose policy: one child's, or the default of all children of a kind of component that have none of their own. */
export type PolicyKey = `child:${string}` | `default:${string}`

/** Kinds of components, as manifests name them (SPEC 4). */
const componentKinds: ReadonlySet<string> = new Set(['actor', 'command', 'service', 'library'])

/** @throws {BulkheadError} `component-rejected-name` when the text is no child id. */
export function childPolicyKey(child: string): PolicyKey {
  return `child:${parseChildId(child)}`
}

/** @throws {BulkheadError} `usage` when there is no such kind of component. */
export function defaultPolicyKey(kind: string): PolicyKey {
  return checkPolicyKey(`default:${kind}`)
}

/**
 * Checks a key that comes from outside.
 *
 * @throws {BulkheadError} `usage` when it is neither `child:<child id>` nor `default:<component kind>`.
 */
export function checkPolicyKey(text: string): PolicyKey {
  const [scope, name = '', ...rest] = text.split(':')
  if (rest.length === 0 && scope === 'default' && componentKinds.has(name)) return `default:${name}`
  if (rest.length === 0 && scope === 'child' && isChildId(name)) return `child:${name}`
  throw new BulkheadError('usage', `\`${text.slice(0, 150)}\` names no policy`, {
    details: { found: text.slice(0, 150) },
    hint: `write child:<child id> or default:<${[...componentKinds].join(' | ')}>`,
  })
}

function isChildId(text: string): boolean {
  const names = text.split('/')
  return names.length <= 2 && names.every(isName)
}

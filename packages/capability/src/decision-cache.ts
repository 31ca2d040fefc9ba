import type { Decision, Request } from '@bulkhead/vocabulary'
import { getOrMake } from './get-or-make.js'
import { cachedDecisionsMax, cachedResourceUnitsMax } from './limits.js'

type Entry = { readonly hostPath: string | undefined; readonly decision: Decision }

/**
 * Decisions of one table by what was asked. Forgets everything when it is full: a component that asks for ever new things
 * pays for them itself, and no bookkeeping slows the others down.
 */
export class DecisionCache {
  readonly #byKind = new Map<string, Map<string, Map<string, Entry>>>()
  #size = 0

  get(request: Request): Decision | undefined {
    const entry = this.#byKind.get(request.kind)?.get(request.action)?.get(request.resource)
    return entry !== undefined && entry.hostPath === request.hostPath ? entry.decision : undefined
  }

  set(request: Request, decision: Decision): void {
    const { kind, action, resource, hostPath } = request
    if (resource.length > cachedResourceUnitsMax || (hostPath?.length ?? 0) > cachedResourceUnitsMax) return
    if (this.#size >= cachedDecisionsMax) {
      this.#byKind.clear()
      this.#size = 0
    }
    const byAction = getOrMake(this.#byKind, kind, () => new Map<string, Map<string, Entry>>())
    const byResource = getOrMake(byAction, action, () => new Map<string, Entry>())
    byResource.set(resource, { hostPath, decision })
    this.#size++
  }
}

import { CapabilitySet, type Grant, type KindCatalogue } from '@bulkhead/capability'
import { escapePath } from '../forbidden.js'
import type { TalliedAccess } from './access-tally.js'
import { askedHost, connectPattern } from './host-text.js'
import type { PatternGrammar } from './kind-grammar.js'

/** Whose resources are named, and which kinds there are. */
export type Naming = { readonly componentId: string; readonly kinds: KindCatalogue }

/**
 * Whether a pattern can mean this one resource: not a storage key with `*` in it, not a path with a control character, not
 * a host that no rule could mean.
 */
export function canBeSaid(access: TalliedAccess, grammar: PatternGrammar, naming: Naming): boolean {
  const { kind, action, resource } = access
  const pattern = exactPattern(grammar, access, naming.componentId)
  if (pattern === undefined) return false
  const grant: Grant = { kind, action, pattern, origin: { document: 'recommendation' } }
  try {
    return CapabilitySet.of([grant], naming).check({ kind, action, resource }) !== undefined
  } catch {
    // The pattern is not of its grammar, or the kind has lost the action since.
    return false
  }
}

function exactPattern(grammar: PatternGrammar, access: TalliedAccess, componentId: string): string | undefined {
  const { action, resource } = access
  switch (grammar) {
    case 'path':
      return escapePath(resource)
    case 'host': {
      const asked = askedHost(resource)
      return asked === undefined || action === 'resolve' ? asked?.host : connectPattern(asked, asked.host)
    }
    case 'exact':
      return resource
    case 'namespace':
      return withoutStar(ownKey(resource, componentId))
    case 'topic':
    case 'variable':
    case 'name':
      return withoutStar(resource)
  }
}

function withoutStar(name: string): string | undefined {
  return name.includes('*') ? undefined : name
}

/** A storage key with the component's own name space written as `self`. */
export function ownKey(resource: string, componentId: string): string {
  const own = `component:${componentId}`
  return resource === own || resource.startsWith(`${own}:`) ? `self${resource.slice(own.length)}` : resource
}

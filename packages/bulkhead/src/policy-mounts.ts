import type { Policy } from '@bulkhead/policy'
import type { MountRequest } from '@bulkhead/security-context'

/**
 * The mounts that a Wassette policy stands for: there a storage rule names a path of the host, which the component sees
 * under the same name. Each rule is mounted at its longest part without wildcards. A native policy names paths of the guest
 * and stands for none.
 */
export function mountsOfPolicy({ format, allow }: Policy): readonly MountRequest[] {
  if (format !== 'wassette') return []
  const modes = new Map<string, 'read' | 'write'>()
  for (const { kind, action, pattern } of allow) {
    if (kind !== 'filesystem') continue
    const root = literalRoot(pattern)
    if (action !== 'read' || !modes.has(root)) modes.set(root, action === 'read' ? 'read' : 'write')
  }
  return [...modes].map(([path, mode]) => ({ guestPath: path, hostPath: path, mode, hardlinks: false }))
}

function literalRoot(pattern: string): string {
  const segments = pattern.slice(1).split('/')
  const wild = segments.findIndex((segment) => /[*?[]/.test(segment))
  return `/${segments.slice(0, wild === -1 ? segments.length : wild).join('/')}`
}

// Perimeter: where the runtime's own code and caches lie. No component may open any of them (SPEC 5).
import { createRequire } from 'node:module'
import { homedir } from 'node:os'
import { dirname, join } from 'node:path'

const workspaces = [
  'vocabulary',
  'document',
  'state',
  'contracts',
  'capability',
  'lane',
  'audit',
  'manifest',
  'policy',
  'security-context',
  'component',
  'wasi',
  'actor',
  'supervisors',
]

/** The directories that hold the runtime's compiled code. */
export function ownCodeDirectories(): readonly string[] {
  const require = createRequire(import.meta.url)
  return [...workspaces.map((name) => `@bulkhead/${name}`), 'bulkhead'].flatMap((name) => {
    try {
      return [dirname(require.resolve(name))]
    } catch {
      // Not installed as a package of its own: bundled into a host application's file, which is not ours to hide.
      return []
    }
  })
}

/** `$XDG_CACHE_HOME/bulkhead`, else `~/.cache/bulkhead`. */
export function defaultCacheDirectory(): string {
  return join(process.env['XDG_CACHE_HOME'] || join(homedir(), '.cache'), 'bulkhead')
}

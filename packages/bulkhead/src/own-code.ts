// Perimeter: where the runtime's own code and caches lie. No component may open any of them (SPEC 5).
import { existsSync, readFileSync, realpathSync } from 'node:fs'
import { createRequire } from 'node:module'
import { homedir } from 'node:os'
import { dirname, join } from 'node:path'

const workspaces = [
  'vocabulary',
  'document',
  'state',
  'contracts',
  'capability',
  'quota',
  'lane',
  'mailbox',
  'audit',
  'manifest',
  'policy',
  'trust',
  'admin',
  'security-context',
  'component',
  'host-services',
  'wasi',
  'actor',
  'supervisors',
  'inspector',
  'cli',
]

/**
 * The packages of the runtime, whole: who may write a package's `package.json` or its `bin` decides what runs at the next
 * start as much as who may write its code.
 */
export function ownCodeDirectories(): readonly string[] {
  const require = createRequire(import.meta.url)
  return [...workspaces.map((name) => `@bulkhead/${name}`), 'bulkhead'].flatMap((name) => {
    try {
      const code = dirname(require.resolve(name))
      return [packageAround(code, name) ?? code]
    } catch {
      // Not installed as a package of its own: bundled into a host application's file, which is not ours to hide.
      return []
    }
  })
}

/**
 * Every `node_modules` from which the runtime's own dependencies are loaded: who may change what is in there decides what
 * runs at the next start.
 */
export function dependencyDirectories(): readonly string[] {
  const paths = createRequire(import.meta.url).resolve.paths('x') ?? []
  return paths.filter((path) => path.startsWith('/') && existsSync(path)).map((path) => realpathSync(path))
}

/** The directory of the package of this name in which the code lies. */
function packageAround(code: string, name: string): string | undefined {
  for (let directory = code; dirname(directory) !== directory; directory = dirname(directory)) {
    const found = packageName(directory)
    if (found !== undefined) return found === name ? directory : undefined
  }
  return undefined
}

function packageName(directory: string): unknown {
  try {
    return JSON.parse(readFileSync(join(directory, 'package.json'), 'utf8')).name
  } catch {
    return undefined
  }
}

/** `$XDG_CACHE_HOME/bulkhead`, else `~/.cache/bulkhead`. */
export function defaultCacheDirectory(): string {
  return join(process.env['XDG_CACHE_HOME'] || join(homedir(), '.cache'), 'bulkhead')
}

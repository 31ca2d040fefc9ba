// Perimeter: which files of the host a process with an actor needs to run at all: Node, the libraries that it is linked
// with, and those of our own packages that the actor's worker imports.
import { accessSync, constants, readFileSync, realpathSync } from 'node:fs'
import { createRequire } from 'node:module'
import { delimiter, dirname, join } from 'node:path'
import { sandboxModules } from './sandbox-paths.js'

export type FileBind = { readonly from: string; readonly to: string }

export type RuntimeFiles = {
  /** The Node that runs this process, at its own path. */
  readonly node: string
  readonly binds: readonly FileBind[]
}

let known: RuntimeFiles | undefined

/** Worked out once: neither Node nor its libraries change under a running process. */
export function runtimeFiles(): RuntimeFiles {
  known ??= findRuntimeFiles()
  return known
}

function findRuntimeFiles(): RuntimeFiles {
  const node = realpathSync(process.execPath)
  const libraries = linkedLibraries().map((path) => ({ from: path, to: path }))
  return { node, binds: [...libraries, { from: node, to: node }, ...ownPackages()] }
}

/** What the dynamic loader has loaded for Node itself; addons are not among it. */
function linkedLibraries(): string[] {
  const report = process.report.getReport() as { readonly sharedObjects?: readonly string[] }
  return (report.sharedObjects ?? []).filter((path) => path.startsWith('/') && !path.endsWith('.node'))
}

/** Code and descriptions of this package and of all of ours that it depends on, laid out as they are imported. */
function ownPackages(): FileBind[] {
  const binds: FileBind[] = []
  const seen = new Set<string>()
  const visit = (name: string, directory: string): void => {
    if (seen.has(name)) return
    seen.add(name)
    for (const part of ['dist', 'package.json']) {
      binds.push({ from: join(directory, part), to: `${sandboxModules}/${name}/${part}` })
    }
    const { resolve } = createRequire(join(directory, 'package.json'))
    for (const dependency of ownDependencies(directory))
      visit(dependency, dirname(dirname(realpathSync(resolve(dependency)))))
  }
  visit('@bulkhead/actor', dirname(dirname(realpathSync(createRequire(import.meta.url).resolve('@bulkhead/actor')))))
  return binds
}

function ownDependencies(directory: string): string[] {
  const description = JSON.parse(readFileSync(join(directory, 'package.json'), 'utf8')) as {
    readonly dependencies?: Readonly<Record<string, string>>
  }
  return Object.keys(description.dependencies ?? {}).filter((name) => name.startsWith('@bulkhead/'))
}

/** Where a program is, by the host's own search path. */
export function findProgram(name: string): string | undefined {
  for (const directory of (process.env['PATH'] ?? '/usr/bin:/bin').split(delimiter)) {
    const path = join(directory, name)
    try {
      accessSync(path, constants.X_OK)
      return path
    } catch {
      // Not here.
    }
  }
  return undefined
}

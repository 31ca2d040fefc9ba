import { existsSync, readdirSync, readFileSync } from 'node:fs'
import { builtinModules } from 'node:module'
import { join, relative } from 'node:path'
import { fileURLToPath } from 'node:url'
import { describe, expect, it } from 'vitest'

// A workspace imports only from lower layers. This is what keeps the deciding code free of the code that acts.

const layers: Readonly<Record<string, number>> = {
  '@bulkhead/vocabulary': 0,
  '@bulkhead/document': 1,
  '@bulkhead/state': 1,
  '@bulkhead/contracts': 1,
  '@bulkhead/capability': 1,
  '@bulkhead/quota': 1,
  '@bulkhead/lane': 1,
  '@bulkhead/mailbox': 2,
  '@bulkhead/audit': 2,
  '@bulkhead/manifest': 2,
  '@bulkhead/policy': 2,
  '@bulkhead/trust': 2,
  '@bulkhead/admin': 2,
  '@bulkhead/security-context': 3,
  '@bulkhead/component': 3,
  '@bulkhead/host-services': 3,
  '@bulkhead/wasi': 4,
  '@bulkhead/actor': 5,
  '@bulkhead/supervisors': 6,
  bulkhead: 7,
  '@bulkhead/inspector': 8,
  '@bulkhead/cli': 9,
}

const root = fileURLToPath(new URL('../../', import.meta.url))
const folders = [...readdirSync(join(root, 'packages')).map((name) => `packages/${name}`), 'supervisors']

type Workspace = {
  readonly folder: string
  readonly name: string
  readonly description: string
  readonly dependencies: readonly string[]
  readonly development: readonly string[]
  readonly references: readonly string[]
}

const workspaces = folders.map(readWorkspace)

describe.each(workspaces)('$name', (workspace) => {
  const layer = layers[workspace.name]

  it('has a layer, a description and a README', () => {
    expect(layer, 'a new workspace gets a line in this test').toBeTypeOf('number')
    expect(workspace.description).not.toBe('')
    expect(existsSync(join(root, workspace.folder, 'README.md'))).toBe(true)
  })

  it('depends on lower layers only', () => {
    expect(workspace.dependencies.filter((name) => isUpward(name, layer))).toEqual([])
  })

  it('imports only what it declares, from lower layers, and never across a workspace border by path', () => {
    const complaints = sourceFiles(workspace.folder).flatMap((file) => complaintsAbout(file, workspace, layer))
    expect(complaints).toEqual([])
  })

  it('builds after what it depends on', () => {
    const ours = [...workspace.dependencies, ...workspace.development].filter((name) => name in layers)
    expect([...workspace.references].sort()).toEqual(ours.map(folderOf).sort())
  })
})

it('finds an upward import where there is one', () => {
  expect(isUpward('@bulkhead/cli', layers['@bulkhead/wasi'])).toBe(true)
  expect(isUpward('@bulkhead/wasi', layers['@bulkhead/wasi'])).toBe(true)
  expect(isUpward('@bulkhead/lane', layers['@bulkhead/wasi'])).toBe(false)
  expect(isUpward('pino', layers['@bulkhead/wasi'])).toBe(false)
  expect(importsOf("import { a } from '@bulkhead/cli'\nexport { b } from './b.js'\nawait import('node:fs')")).toEqual([
    '@bulkhead/cli',
    './b.js',
    'node:fs',
  ])
})

function complaintsAbout(file: string, workspace: Workspace, layer: number | undefined): readonly string[] {
  const isTest = /\.test\b.*\.ts$|[.-]test-support[/.]|\/test-support\//.test(file)
  const declared = new Set([workspace.name, ...workspace.dependencies, ...workspace.development])
  // Tools of the whole house (vitest, fast-check, …) stand in the root's package.json, and are for tests only.
  if (isTest) for (const name of readWorkspace('.').development) declared.add(name)
  return importsOf(readFileSync(file, 'utf8')).flatMap((specifier) => {
    const where = `${relative(root, file)} imports ${specifier}`
    if (specifier.startsWith('.')) {
      const target = relative(join(root, workspace.folder), join(file, '..', specifier))
      return target.startsWith('..') ? [`${where}: another workspace by path`] : []
    }
    if (specifier.startsWith('node:') || builtinModules.includes(specifier)) return []
    const name = packageOf(specifier)
    if (!declared.has(name)) return [`${where}: not declared in package.json`]
    return name !== workspace.name && isUpward(name, layer) ? [`${where}: an upper layer`] : []
  })
}

/** Imports, re-exports, dynamic imports and `resolve` calls with a literal name. */
function importsOf(text: string): readonly string[] {
  const code = text.replace(/\/\*[\s\S]*?\*\//g, '').replace(/^\s*\/\/.*$/gm, '')
  const statements =
    /(?:^|\n)\s*(?:import|export)\b[^'"`;]*?from\s*['"]([^'"\n]+)['"]|(?:^|\n)\s*import\s*['"]([^'"\n]+)['"]|\b(?:import|require|require\.resolve)\(\s*['"]([^'"\n]+)['"]\s*\)/g
  return [...code.matchAll(statements)].map((match) => match[1] ?? match[2] ?? match[3] ?? '')
}

function isUpward(name: string, layer: number | undefined): boolean {
  const other = layers[name]
  return other !== undefined && other >= (layer ?? -1)
}

function packageOf(specifier: string): string {
  const parts = specifier.split('/')
  return specifier.startsWith('@') ? parts.slice(0, 2).join('/') : (parts[0] ?? '')
}

function folderOf(name: string): string {
  return workspaces.find((workspace) => workspace.name === name)?.folder ?? name
}

function sourceFiles(folder: string): readonly string[] {
  const names = readdirSync(join(root, folder, 'src'), { recursive: true, encoding: 'utf8' })
  return names.filter((name) => name.endsWith('.ts')).map((name) => join(root, folder, 'src', name))
}

function readWorkspace(folder: string): Workspace {
  const manifest = JSON.parse(readFileSync(join(root, folder, 'package.json'), 'utf8'))
  const config = JSON.parse(readFileSync(join(root, folder, 'tsconfig.json'), 'utf8'))
  const references: readonly { readonly path: string }[] = config.references ?? []
  return {
    folder,
    name: manifest.name,
    description: manifest.description ?? '',
    dependencies: Object.keys(manifest.dependencies ?? {}),
    development: Object.keys(manifest.devDependencies ?? {}),
    references: references.map(({ path }) => relative(root, join(root, folder, path))),
  }
}

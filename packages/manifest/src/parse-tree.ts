import { dirname, resolve } from 'node:path'
import {
  deepFreeze,
  type Entry,
  type Field,
  Inspection,
  listOf,
  ObjectDocument,
  oneOf,
  readObject,
  readTable,
  readToml,
  reject,
  rejectType,
  type TomlDocument,
  text,
} from '@bulkhead/document'
import { auditTransport } from './audit-transport.js'
import { httpSpec, reportUnknownChildren } from './http-spec.js'
import { incidentHooks } from './incident-hooks.js'
import { nameCharactersMax, overcommitDefault, stateDirectoryDefault, timeScaleMax } from './limits.js'
import { sharedPolicies } from './shared-policies.js'
import { memberTables, rootSpec, rootTable } from './supervisor-spec.js'
import { type SupervisorSpec, type Tree, walls } from './tree.js'
import type { TreeDocument } from './tree-document.js'
import type { TreeScope } from './tree-scope.js'

/** What findings and reports call a tree that a program gave. */
const treeObjectName = 'tree object'

const path = text({ what: 'a path', charactersMax: nameCharactersMax })

/** A number above zero, whole or not. */
const factor: Field<number> = (entry) => {
  const value = typeof entry.value === 'bigint' ? Number(entry.value) : entry.value
  return typeof value === 'number' && value > 0 && Number.isFinite(value)
    ? value
    : rejectType(entry, 'a number above 0')
}

const timeScale: Field<number> = (entry) => {
  const value = factor(entry)
  if (value === undefined || value <= timeScaleMax) return value
  return reject(entry, `${value} times faster is too fast`, `at most ${timeScaleMax}`)
}

/** The keys of the file itself (SPEC 8). */
export function topFields(directory: string) {
  return {
    state: path,
    trust: path,
    roles: path,
    audit: oneOf(['normal', 'strict']),
    audit_transport: auditTransport,
    overcommit: factor,
    require_walls: listOf(oneOf(walls), { what: 'walls', itemsMax: walls.length }),
    process_rung: oneOf(['strong', 'weak']),
    time_scale: timeScale,
    http: httpSpec(directory),
    incidents: incidentHooks,
    supervisor: rootTable,
    ...memberTables,
    shared: sharedPolicies(directory),
  }
}

/**
 * Reads a tree file (SPEC 8): which children run, below which supervisors, with which mounts. Keys that this version
 * cannot obey are findings, never ignored. Nothing is looked up on the disk.
 *
 * @param document the text, or its bytes as they are on disk; at most 256 KiB
 * @param options.file the file's path: for findings, and as the place from which relative paths start; a relative one
 *   starts at the working directory
 * @throws {DocumentError} with every finding at once; a syntax error, such as a key written twice, stands alone.
 * @example
 * ```ts
 * const tree = parseTree('[children.greeter]\ncomponent = "./greeter.wasm"\n', { file: '/srv/bulkhead.toml' })
 * tree.stateDirectory // '/srv/.bulkhead'
 * tree.root.children.length // 1
 * ```
 */
export function parseTree(document: string | Uint8Array, options: { readonly file: string }): Tree {
  const { file } = options
  return treeIn(readToml(document, { file }), dirname(resolve(file)))
}

/**
 * Reads a tree that a program gives as an object: the same keys, checks and defaults as in a file. The object is copied;
 * what is done to it later changes nothing.
 *
 * @param options.base from where relative paths start; a relative one starts at the working directory, which it is
 *   unless said
 * @throws {DocumentError} with every finding at once, each with the path of its key; also for what no file could hold,
 *   such as getters, instances of classes and cycles.
 * @example
 * ```ts
 * const tree = parseTreeObject({ children: { greeter: { component: './greeter.wasm' } } }, { base: '/srv' })
 * tree.stateDirectory // '/srv/.bulkhead'
 * ```
 */
export function parseTreeObject(document: TreeDocument, options: { readonly base?: string } = {}): Tree {
  return treeIn(readObject(document, { file: treeObjectName }), resolve(options.base ?? '.'))
}

/** @param directory from which relative paths start */
function treeIn(document: TomlDocument | ObjectDocument, directory: string): Tree {
  const inspection = new Inspection(document)
  const scope: TreeScope = { directory, childIds: new Map(), supervisorNames: new Map() }
  const top: Entry = { value: document.value, path: [], inspection }
  const table = readTable(top, topFields(directory)) ?? {}
  const below = { children: table.children, supervisors: table.supervisors }
  const root = rootSpec(table.supervisor, below, top, scope)
  if (table.http !== undefined) reportUnknownChildren(table.http, top, childIdsBelow(root))
  inspection.throwIfAny()
  return deepFreeze({
    file: document.file,
    source: document instanceof ObjectDocument ? 'object' : 'file',
    directory,
    stateDirectory: resolve(directory, table.state ?? stateDirectoryDefault),
    ...(table.trust === undefined ? {} : { trust: resolve(directory, table.trust) }),
    ...(table.roles === undefined ? {} : { roles: resolve(directory, table.roles) }),
    shared: table.shared ?? [],
    audit: table.audit ?? 'normal',
    ...(table.audit_transport === undefined ? {} : { auditTransport: table.audit_transport }),
    overcommit: table.overcommit ?? overcommitDefault,
    requireWalls: table.require_walls ?? [],
    processRung: table.process_rung ?? 'strong',
    timeScale: table.time_scale ?? 1,
    ...(table.incidents === undefined ? {} : { incidents: table.incidents }),
    ...(table.http === undefined ? {} : { http: table.http }),
    root,
    positionOf: (keyPath, where) => document.positionOf(keyPath, where),
  })
}

/** The ids of all entries, of pools those of their templates. */
function childIdsBelow({ children, template }: SupervisorSpec): readonly string[] {
  const own = template === undefined ? [] : [template.id]
  return [...own, ...children.flatMap((member) => (member.kind === 'child' ? [member.id] : childIdsBelow(member)))]
}

import { resolve } from 'node:path'
import {
  type Entry,
  type Field,
  flag,
  isTable,
  listOf,
  oneOf,
  quote,
  readTable,
  reject,
  rejectType,
  type TableOf,
  text,
  wholeNumber,
} from '@bulkhead/document'
import { isName } from '@bulkhead/vocabulary'
import { approvedDigests } from './approved-digests.js'
import { nameHint } from './component-header.js'
import { childHttp } from './http-injections.js'
import { lifetime } from './lifetime.js'
import { argsPerChildMax, argumentCharactersMax, instancesMax, nameCharactersMax } from './limits.js'
import { componentKinds } from './manifest.js'
import { mounts } from './mounts.js'
import { policyLocation } from './policy-location.js'
import { deadline, duration, quotas } from './quotas.js'
import { reportTwice, secrets } from './secrets.js'
import {
  type AutoShutdown,
  type ChildDefaults,
  type ChildSpec,
  deliveries,
  expectations,
  type Restart,
  restarts,
} from './tree.js'
import { type TreeScope, takeName } from './tree-scope.js'
import { env, inherit } from './variables.js'

const argument = text({ what: 'an argument', charactersMax: argumentCharactersMax, blank: 'allowed' })
const path = text({ what: 'a path', charactersMax: nameCharactersMax })
const words = text({ what: 'a word', charactersMax: nameCharactersMax })

/** How long a child or supervisor has to stop: `0ms` kills at once. */
export const shutdown = duration('0ms', '1h')

/** Any table, for keys whose inside is checked by the version that brings them. */
export const anyTable: Field<object> = (entry) => (isTable(entry.value) ? entry.value : rejectType(entry, 'a table'))

/** A name as ids have it. */
export const name: Field<string> = (entry) => {
  const written = words(entry)
  if (written === undefined || isName(written)) return written
  return reject(entry, `${quote(written)} is not a name`, nameHint)
}

/** The keys of a child entry (SPEC 8). */
export function childFields(directory: string) {
  return {
    component: text({ what: 'a path or `npm:` reference', charactersMax: nameCharactersMax }),
    manifest: path,
    approved: approvedDigests,
    policy: policyLocation(directory),
    kind: oneOf(componentKinds),
    restart: oneOf(restarts),
    expect: oneOf(expectations),
    args: listOf(argument, { what: 'arguments', itemsMax: argsPerChildMax, empty: 'allowed' }),
    env,
    inherit,
    mounts: mounts(directory),
    config: env,
    secrets: secrets(directory),
    lifetime,
    instances: wholeNumber(1, instancesMax),
    shutdown,
    significant: flag,
    delivery: oneOf(deliveries),
    quotas: quotas(),
    deadline,
    tenant: name,
    trusted_escalates: flag,
    http: childHttp,
  }
}

type ChildTable = TableOf<ReturnType<typeof childFields>>

/** The table `[children.NAME]`. */
export function childSpec(
  named: string,
  entry: Entry,
  scope: TreeScope,
  defaults: ChildDefaults,
): ChildSpec | undefined {
  const table = readChild(entry, scope)
  const tenant = tenantOf(entry, table?.tenant, defaults.tenant)
  const id = tenant === undefined ? named : `${tenant}/${named}`
  const free = isChildName(named, entry) && takeName(scope.childIds, id, entry)
  if (table === undefined) return undefined
  const instances = table.instances ?? 1
  const areFree = takeMemberNames(id, instances, entry, scope)
  if (!areFree || !free) return undefined
  return specOf(id, memberIdsOf(id, instances), table, entry, scope, { ...defaults, tenant })
}

/** The table `template` of a pool: as a child, whose id is the pool's name; its members are made later. */
export function templateSpec(
  pool: string,
  entry: Entry,
  scope: TreeScope,
  defaults: ChildDefaults,
): ChildSpec | undefined {
  const table = readChild(entry, scope)
  if (table === undefined) return undefined
  for (const key of ['instances', 'tenant', 'expect'] as const) {
    if (table[key] === undefined) continue
    entry.inspection.report([...entry.path, key], `the members of a pool have no \`${key}\``, 'remove the line', 'key')
  }
  const { tenant } = defaults
  return specOf(tenant === undefined ? pool : `${tenant}/${pool}`, [], table, entry, scope, defaults)
}

function readChild(entry: Entry, scope: TreeScope): ChildTable | undefined {
  const rules = { required: ['component'] } as const
  const table = readTable(entry, childFields(scope.directory), rules)
  if (table !== undefined) {
    reportSetTwice(entry, table)
    reportTwice(entry, table.config ?? {}, table.secrets ?? [])
  }
  return table
}

/** A supervisor's tenant is that of all below it: nobody moves into another's name. */
export function tenantOf(entry: Entry, own: string | undefined, above: string | undefined): string | undefined {
  if (own === undefined || above === undefined || own === above) return own ?? above
  const hint = `remove the line, or write \`tenant = "${above}"\``
  entry.inspection.report([...entry.path, 'tenant'], `all below this supervisor belongs to \`${above}\``, hint)
  return above
}

function specOf(
  id: string,
  memberIds: readonly string[],
  table: ChildTable,
  entry: Entry,
  scope: TreeScope,
  defaults: ChildDefaults,
): ChildSpec | undefined {
  if (table.component === undefined) return undefined
  const restart = table.restart ?? defaults.restart
  reportInsignificant(entry, table.significant, table.restart ?? defaults.restart, defaults.autoShutdown)
  const { tenant, ceiling } = defaults
  return {
    kind: 'child',
    id,
    path: entry.path,
    ...(tenant === undefined ? {} : { tenant }),
    component: table.component,
    ...(table.kind === undefined ? {} : { componentKind: table.kind }),
    ...(table.manifest === undefined ? {} : { manifest: resolve(scope.directory, table.manifest) }),
    ...(table.approved === undefined ? {} : { approved: table.approved }),
    ...(table.policy === undefined ? {} : { policy: table.policy }),
    ...(restart === undefined ? {} : { restart }),
    ...(table.expect === undefined ? {} : { expect: table.expect }),
    memberIds,
    delivery: table.delivery ?? 'once',
    args: table.args ?? [],
    env: table.env ?? {},
    inherit: table.inherit ?? [],
    mounts: table.mounts ?? [],
    config: table.config ?? {},
    secrets: table.secrets ?? [],
    injections: table.http ?? [],
    ...(table.deadline === undefined ? {} : { deadlineMs: table.deadline }),
    ...(table.quotas === undefined ? {} : { quotas: table.quotas }),
    ...(ceiling === undefined ? {} : { ceiling }),
    shutdownMs: table.shutdown ?? defaults.shutdownMs,
    lifetime: table.lifetime ?? { kind: 'forever' },
    significant: table.significant ?? false,
    trustedEscalates: table.trusted_escalates ?? true,
    at: entry.inspection.document.positionOf(entry.path, 'key'),
  }
}

/** Members of a pool are principals of the audit log and rows of reports, so their names are taken like any child's. */
function takeMemberNames(id: string, instances: number, entry: Entry, scope: TreeScope): boolean {
  if (instances === 1) return true
  const at = { ...entry, path: [...entry.path, 'instances'] }
  const names = memberIdsOf(id, instances)
  const tooLong = names.find((member) => !isName(member.slice(member.indexOf('/') + 1)))
  if (tooLong !== undefined) {
    entry.inspection.report(at.path, `${quote(tooLong)}, a member of it, is not a child id`, nameHint, 'key')
    return false
  }
  return names.map((member) => takeName(scope.childIds, member, at)).every((free) => free)
}

/** What the members of a pool are called; one alone is called as its entry. */
function memberIdsOf(id: string, instances: number): readonly string[] {
  return instances === 1 ? [id] : Array.from({ length: instances }, (_, index) => `${id}-${index + 1}`)
}

function isChildName(named: string, entry: Entry): boolean {
  if (isName(named)) return true
  entry.inspection.report(entry.path, `${quote(named)} is not a child id`, nameHint, 'key')
  return false
}

/** As OTP has it: what is always restarted never ends by itself, and under `never` nobody asks. */
export function reportInsignificant(
  entry: Entry,
  significant: boolean | undefined,
  restart: Restart | undefined,
  autoShutdown: AutoShutdown,
): void {
  if (significant !== true) return
  const path = [...entry.path, 'significant']
  if (autoShutdown === 'never') {
    const hint = 'write `auto_shutdown = "any_significant"` or `"all_significant"` at its supervisor'
    entry.inspection.report(path, 'nobody asks who is significant: its supervisor never ends by itself', hint, 'key')
  }
  if (restart === 'permanent') {
    const hint = 'write `restart = "transient"` or `"temporary"`'
    entry.inspection.report(path, 'what is always restarted never ends by itself', hint, 'key')
  }
}

/** A variable that the tree both sets and takes from the host: nobody could tell which one the child sees. */
function reportSetTwice(entry: Entry, table: TableOf<ReturnType<typeof childFields>>): void {
  const set = table.env ?? {}
  for (const [index, variable] of (table.inherit ?? []).entries()) {
    if (!Object.hasOwn(set, variable)) continue
    const message = `the variable ${quote(variable)} is both set and inherited`
    entry.inspection.report([...entry.path, 'inherit', index], message, 'remove it from `env` or from `inherit`')
  }
}

import {
  asTable,
  type Entry,
  entriesOf,
  type Field,
  flag,
  oneOf,
  quote,
  readTable,
  type TableOf,
  wholeNumber,
} from '@bulkhead/document'
import { isName } from '@bulkhead/vocabulary'
import { narrower } from './ceiling.js'
import { childSpec, name, reportInsignificant, shutdown, templateSpec, tenantOf } from './child-spec.js'
import { nameHint } from './component-header.js'
import { childrenPerSupervisorMax, intensityDefault, restartsMax, shutdownMsDefault, treeLevelsMax } from './limits.js'
import { reportNotYet } from './not-yet.js'
import { duration, quotas } from './quotas.js'
import {
  autoShutdowns,
  type ChildDefaults,
  type ChildSpec,
  profiles,
  restarts,
  type SupervisorSpec,
  strategies,
} from './tree.js'
import { type TreeScope, takeName } from './tree-scope.js'

const intensityFields = { restarts: wholeNumber(0, restartsMax), within: duration('1ms', '24d') }

const intensity: Field<SupervisorSpec['intensity']> = (entry) => {
  const table = readTable(entry, intensityFields)
  if (table === undefined) return undefined
  return {
    restarts: table.restarts ?? intensityDefault.restarts,
    withinMs: table.within ?? intensityDefault.withinMs,
  }
}

/** Its children have their own times, so that it waits for them as long as these take unless it says otherwise. */
const supervisorShutdown: Field<number | 'infinity'> = (entry) =>
  entry.value === 'infinity' ? 'infinity' : shutdown(entry)

/** The keys of a supervisor (SPEC 8), its members apart. */
export function supervisorFields() {
  return {
    strategy: oneOf(strategies),
    intensity,
    profile: oneOf(profiles),
    auto_shutdown: oneOf(autoShutdowns),
    ceiling: quotas(),
    quotas: quotas({ onPassed: reportNotYet('supervisorQuotas') }),
    tenant: name,
    restart: oneOf(restarts),
    shutdown: supervisorShutdown,
    significant: flag,
    max_children: wholeNumber(0, childrenPerSupervisorMax),
    template: keptTable,
  }
}

type SupervisorTable = TableOf<ReturnType<typeof supervisorFields>>

/** Where the members of a supervisor stand, tables that were not there left out. */
type Members = { readonly children: Entry | undefined; readonly supervisors: Entry | undefined }

/** The two tables of members, kept as they stand: they are read when the supervisor itself is known. */
export const memberTables = { children: keptTable, supervisors: keptTable }

function keptTable(entry: Entry): Entry | undefined {
  return asTable(entry) === undefined ? undefined : entry
}

/** The table `[supervisor]`: the root's own keys. */
export const rootTable: Field<SupervisorTable> = (entry) => readTable(entry, supervisorFields())

/**
 * The root with everything below it. Its `restart` and `shutdown` are what its children have that say nothing; those of
 * a supervisor further down are its own.
 */
export function rootSpec(
  table: SupervisorTable | undefined,
  below: Members,
  top: Entry,
  scope: TreeScope,
): SupervisorSpec {
  const { restart, shutdown, significant, tenant, ceiling, auto_shutdown: autoShutdown = 'never' } = table ?? {}
  const shutdownMs = shutdown === undefined || shutdown === 'infinity' ? shutdownMsDefault : shutdown
  const defaults = { restart, shutdownMs, tenant, ceiling, autoShutdown }
  const entry = { ...top, path: ['supervisor'] }
  reportInsignificant(entry, significant, undefined, 'never')
  return supervisorSpec('root', table ?? {}, entry, { below, scope, defaults, level: 1 })
}

type Surroundings = {
  readonly below: Members
  readonly scope: TreeScope
  readonly defaults: ChildDefaults
  readonly level: number
}

function supervisorSpec(name: string, table: SupervisorTable, entry: Entry, around: Surroundings): SupervisorSpec {
  const childrenMax = table.max_children ?? childrenPerSupervisorMax
  const membersInFileOrder = membersOf(around)
  const tooMany = membersInFileOrder[childrenMax]
  if (tooMany !== undefined) {
    const hint = `at most ${childrenMax} below one supervisor (\`max_children\`, never more than ${childrenPerSupervisorMax})`
    entry.inspection.reportAt(tooMany.at, `${membersInFileOrder.length} children are too many`, hint)
  }
  const template = table.template && poolTemplate(name, table, table.template, membersInFileOrder, around)
  const { tenant } = around.defaults
  return {
    kind: 'supervisor',
    name,
    path: entry.path,
    ...(tenant === undefined ? {} : { tenant }),
    strategy: table.strategy ?? 'one_for_one',
    profile: table.profile ?? 'default',
    autoShutdown: table.auto_shutdown ?? 'never',
    significant: table.significant ?? false,
    intensity: table.intensity ?? intensityDefault,
    ...(table.restart === undefined ? {} : { restart: table.restart }),
    shutdownMs: table.shutdown ?? 'infinity',
    ...(table.quotas?.messages === undefined ? {} : { quotas: { messages: table.quotas.messages } }),
    childrenMax,
    defaults: around.defaults,
    ...(template === undefined ? {} : { template }),
    children: membersInFileOrder,
    at: entry.inspection.document.positionOf(entry.path, 'key'),
  }
}

/** A pool: all its children are alike, so it has neither others nor an order among them. */
function poolTemplate(
  name: string,
  table: SupervisorTable,
  entry: Entry,
  members: readonly (ChildSpec | SupervisorSpec)[],
  { scope, defaults }: Surroundings,
): ChildSpec | undefined {
  const [first] = members
  if (first !== undefined) {
    entry.inspection.reportAt(first.at, 'a pool has no children but those of its template', 'move it out of the pool')
  }
  if ((table.strategy ?? 'one_for_one') !== 'one_for_one' || (table.auto_shutdown ?? 'never') !== 'never') {
    const hint = 'a pool is `one_for_one` and never ends by itself: remove `strategy` and `auto_shutdown`'
    entry.inspection.report(entry.path, 'the members of a pool do not depend on each other', hint, 'key')
  }
  return templateSpec(name, entry, scope, defaults)
}

/** The document keeps children and supervisors apart; start order is the order in which they are written. */
function membersOf(around: Surroundings): readonly (ChildSpec | SupervisorSpec)[] {
  const children = namedEntries(around.below.children).map(([id, entry]) => {
    return childSpec(id, entry, around.scope, around.defaults)
  })
  const supervisors = namedEntries(around.below.supervisors).map(([name, entry]) => nestedSpec(name, entry, around))
  return [...children, ...supervisors]
    .filter((member) => member !== undefined)
    .sort((a, b) => a.at.line - b.at.line || a.at.column - b.at.column)
}

function namedEntries(tables: Entry | undefined): readonly (readonly [string, Entry])[] {
  return tables === undefined ? [] : entriesOf(tables, asTable(tables) ?? {})
}

/** The table `[supervisors.NAME]`, at any depth. */
function nestedSpec(name: string, entry: Entry, around: Surroundings): SupervisorSpec | undefined {
  if (around.level === treeLevelsMax) {
    entry.inspection.report(
      entry.path,
      'supervisors nest too deep',
      `at most ${treeLevelsMax} levels, the root counted`,
      'key',
    )
    return undefined
  }
  const free = isSupervisorName(name, entry) && takeName(around.scope.supervisorNames, name, entry)
  const fields = { ...supervisorFields(), ...memberTables }
  const table = readTable(entry, fields)
  if (table === undefined) return undefined
  const below = { children: table.children, supervisors: table.supervisors }
  const { defaults: above } = around
  reportInsignificant(entry, table.significant, table.restart ?? 'permanent', above.autoShutdown)
  const defaults = {
    restart: undefined,
    shutdownMs: shutdownMsDefault,
    tenant: tenantOf(entry, table.tenant, above.tenant),
    ceiling: narrower(table.ceiling, above.ceiling),
    autoShutdown: table.auto_shutdown ?? 'never',
  }
  const spec = supervisorSpec(name, table, entry, { ...around, below, defaults, level: around.level + 1 })
  return free ? spec : undefined
}

function isSupervisorName(name: string, entry: Entry): boolean {
  if (isName(name) && name !== 'root') return true
  const hint = name === 'root' ? 'the supervisor above all others has this name' : nameHint
  entry.inspection.report(entry.path, `${quote(name)} is not a supervisor name`, hint, 'key')
  return false
}

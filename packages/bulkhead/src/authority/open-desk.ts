// The desk of a state directory: in this process when nobody uses the directory, else at the process that does.

import {
  type AdminRequests,
  AdminServer,
  adminCommands,
  connectAdmin,
  type InputOf,
  liveCommands,
  type OutputOf,
  type PlainName,
} from '@bulkhead/admin'
import { Journal, loadOrCreateSealKey } from '@bulkhead/audit'
import { type PolicyFetcher, parseRoles } from '@bulkhead/policy'
import { StateDirectory } from '@bulkhead/state'
import { BulkheadError, type HealthEventDraft, systemClock } from '@bulkhead/vocabulary'
import { IncidentFiles, type IncidentReader } from '../incidents/incident-files.js'
import { type LivePowers, liveHandlers } from '../live/live-handlers.js'
import { dependencyDirectories, ownCodeDirectories } from '../own-code.js'
import { type Protection, protect } from '../protection.js'
import { readDocument } from '../read-document.js'
import { readVersion } from '../version.js'
import { type AuthorityStores, openAuthorityStores } from './authority-stores.js'
import { Desk } from './desk.js'
import { handlersOf } from './handlers.js'
import { readSharedDocuments } from './shared-documents.js'
import { SharedPolicies } from './shared-policies.js'
import type { TreeFacts } from './subject.js'
import { TrustWatch } from './trust-watch.js'

/** A desk that takes the commands of an operator, wherever it stands. */
export type OpenDesk = AdminRequests & {
  /** `running`: a process uses the state directory, and changes bind inside its running calls. */
  readonly mode: 'running' | 'stopped'
  readonly close: () => Promise<void>
}

/** See `openDesk` of the package: this is it, loaded when it is asked for. */
export async function openDesk(stateDirectory: string): Promise<OpenDesk> {
  let state: StateDirectory
  try {
    state = await StateDirectory.open(stateDirectory)
  } catch (thrown) {
    if (!(thrown instanceof BulkheadError) || thrown.code !== 'state-locked') throw thrown
    const client = await connectAdmin(stateDirectory, adminCommands)
    return {
      mode: 'running',
      request: (command, input) => client.request(command, input),
      close: async () => client.close(),
    }
  }
  const opened: (() => Promise<void>)[] = [() => state.close()]
  const close = async (): Promise<void> => {
    for (const one of opened.splice(0).reverse()) await one()
  }
  try {
    const journal = await Journal.open({ directory: state.path('audit'), sealKey: loadOrCreateSealKey(state.root) })
    opened.push(() => journal.close())
    const stores = await openAuthorityStores(state, systemClock)
    opened.push(stores.close)
    const desk = await stoppedDesk(state, journal, stores)
    opened.push(() => desk.close())
    return { mode: 'stopped', request: directRequests(desk, new IncidentFiles(state)), close }
  } catch (thrown) {
    await close()
    throw thrown
  }
}

function stoppedDesk(state: StateDirectory, journal: Journal, stores: AuthorityStores): Promise<Desk> {
  const subjects = [...stores.subjects.all()].map(([, subject]) => subject)
  const tree = subjects[0]?.tree
  return makeDesk(tree, new Set(subjects.map(({ child }) => child)), {
    state,
    journal,
    stores,
    dev: false,
    protection: protect([state.root, ...ownCodeDirectories()], dependencyDirectories()),
    raise: () => {},
  })
}

export type MakeDeskOptions = {
  readonly state: StateDirectory
  readonly journal: Journal
  readonly stores: AuthorityStores
  /** Dev mode was asked for. */
  readonly dev: boolean
  readonly protection: Protection
  readonly raise: (draft: HealthEventDraft) => void
  readonly fetcher?: PolicyFetcher | undefined
}

/**
 * The desk of a tree.
 *
 * @throws {DocumentError} with every finding of the trust document, the role file and the shared policies.
 * @throws {BulkheadError} `usage` when dev mode was asked for and is not allowed here.
 */
export async function makeDesk(
  tree: Pick<TreeFacts, 'file' | 'trust' | 'roles' | 'shared'> | undefined,
  children: ReadonlySet<string>,
  options: MakeDeskOptions,
): Promise<Desk> {
  const trust = new TrustWatch(tree?.trust)
  const { kinds } = options.stores
  const roles =
    tree?.roles === undefined ? undefined : parseRoles(readDocument(tree.roles), { file: tree.roles, kinds })
  const shared = new SharedPolicies(
    await readSharedDocuments(tree?.shared ?? [], trust.current, kinds),
    children,
    kinds,
  )
  const { state, journal, stores, protection, raise, fetcher } = options
  const powers = { stores, journal, clock: systemClock, protection, trust, roles, shared, fetcher, raise }
  return new Desk({ ...powers, devMode: options.dev && isDevModeAllowed(trust) }, state.path('audit'))
}

function isDevModeAllowed(trust: TrustWatch): true {
  if (process.env['NODE_ENV'] === 'production') {
    throw new BulkheadError('usage', 'dev mode is refused under NODE_ENV=production', { hint: 'leave --dev out' })
  }
  if (trust.current.devMode) return true
  throw new BulkheadError('usage', `dev mode was asked for, and ${trust.current.file} does not allow it`, {
    hint: 'write `dev_mode = true` into the trust document that the tree file names with `trust`, or leave --dev out',
  })
}

/** Opens the admin socket of a running process, with what a tree that runs answers. */
export function serveDesk(
  desk: Desk,
  state: StateDirectory,
  raise: (draft: HealthEventDraft) => void,
  live: LivePowers | undefined,
  incidents: IncidentReader,
): Promise<AdminServer> {
  return AdminServer.listen({
    state,
    version: readVersion(),
    commands: { ...adminCommands, ...liveCommands },
    handlers: { ...handlersOf(desk, incidents), ...liveHandlers(live) },
    onRejected: ({ reason }) =>
      raise({ type: 'security.violation', supervisor: 'root', reason: `admin socket: ${reason}` }),
  })
}

/** The commands carried out here, with their inputs checked as the socket would. */
function directRequests(desk: Desk, incidents: IncidentReader): AdminRequests['request'] {
  const handlers = handlersOf(desk, incidents)
  const signal = new AbortController().signal
  return async <Name extends PlainName<typeof adminCommands>>(
    command: Name,
    input: InputOf<typeof adminCommands, Name>,
  ): Promise<OutputOf<typeof adminCommands, Name>> => {
    const checked = adminCommands[command].input.safeParse(input)
    if (!checked.success) {
      throw new BulkheadError(
        'usage',
        `the input of \`${command}\` is wrong: ${checked.error.issues[0]?.message ?? ''}`,
      )
    }
    const handler = handlers[command] as (checked: unknown, call: { signal: AbortSignal }) => Promise<unknown>
    return (await handler(checked.data, { signal })) as OutputOf<typeof adminCommands, Name>
  }
}

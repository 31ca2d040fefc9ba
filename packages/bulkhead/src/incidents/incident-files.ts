// Perimeter: the folder `incidents` of a state directory. One file an incident, replaced as a whole.

import { readdirSync, rmSync, statSync } from 'node:fs'
import { readFile } from 'node:fs/promises'
import { join } from 'node:path'
import type { StateDirectory } from '@bulkhead/state'
import { BulkheadError } from '@bulkhead/vocabulary'
import { type Incident, type IncidentSummary, summaryOf } from './incident.js'
import { incidentsBytesMax, incidentsMax } from './limits.js'

const folder = 'incidents'
const NAME = /^([0-9]{6,15})\.([a-z0-9+-]{1,130})\.json$/

type Kept = { readonly id: number; readonly child: string; readonly name: string; bytes: number }

/** Looks at incidents: what an operator and a host application are given. */
export type IncidentReader = {
  /** Newest last. */
  readonly list: () => Promise<readonly IncidentSummary[]>
  /** @throws {BulkheadError} `usage` when there is none of that id (any more); `store-corrupt` when its file is damaged. */
  readonly show: (id: number) => Promise<Incident>
}

export type IncidentBounds = { readonly incidentsMax: number; readonly bytesMax: number }

/**
 * The incidents of a state directory.
 *
 * INVARIANT (own evidence): place is made at the cost of the child that has most: who causes incidents by the hundred pushes
 * out his own.
 */
export class IncidentFiles implements IncidentReader {
  readonly #state: StateDirectory
  readonly #directory: string
  readonly #bounds: IncidentBounds
  /** Ascending. */
  readonly #kept: Kept[]
  #lastId: number

  /** @throws {BulkheadError} `state-unwritable` when the disk refuses. */
  constructor(state: StateDirectory, bounds: IncidentBounds = { incidentsMax, bytesMax: incidentsBytesMax }) {
    this.#state = state
    this.#bounds = bounds
    this.#directory = state.directory(folder)
    this.#kept = readdirSync(this.#directory)
      .flatMap((name) => keptOf(this.#directory, name))
      .sort((one, other) => one.id - other.id)
    this.#lastId = this.#kept.at(-1)?.id ?? 0
  }

  /** Keeps a new incident; on the disk when it resolves. */
  async add(bundle: Incident['bundle']): Promise<Incident> {
    const id = ++this.#lastId
    const child = bundle.child.replace('/', '+')
    const kept: Kept = { id, child, name: `${String(id).padStart(6, '0')}.${child}.json`, bytes: 0 }
    const incident: Incident = { id, hooks: [], bundle }
    await this.#write(kept, incident)
    this.#kept.push(kept)
    this.#makePlace(id)
    return incident
  }

  /** Says with it who was told. One that had to make place meanwhile stays away. */
  async replace(incident: Incident): Promise<void> {
    const kept = this.#kept.find(({ id }) => id === incident.id)
    if (kept !== undefined) await this.#write(kept, incident)
  }

  pathOf(id: number): string | undefined {
    const kept = this.#kept.find((one) => one.id === id)
    return kept === undefined ? undefined : join(this.#directory, kept.name)
  }

  async list(): Promise<readonly IncidentSummary[]> {
    const summaries: IncidentSummary[] = []
    // One after the other: each is up to a quarter of a megabyte.
    for (const kept of [...this.#kept]) {
      const incident = await this.#read(kept)
      if (incident !== undefined) summaries.push(summaryOf(incident))
    }
    return summaries
  }

  async show(id: number): Promise<Incident> {
    const kept = this.#kept.find((one) => one.id === id)
    const incident = kept === undefined ? undefined : await this.#read(kept)
    if (incident !== undefined) return incident
    throw new BulkheadError('usage', `there is no incident ${id} (any more)`, { hint: 'bulkhead incidents list' })
  }

  async #write(kept: Kept, incident: Incident): Promise<void> {
    const bytes = new TextEncoder().encode(`${JSON.stringify(incident)}\n`)
    await this.#state.replaceFile(`${folder}/${kept.name}`, bytes)
    kept.bytes = bytes.length
  }

  /** `undefined`: it had to make place while the others were read. */
  async #read({ id, name }: Kept): Promise<Incident | undefined> {
    const path = join(this.#directory, name)
    const text = await readFile(path, 'utf8').catch((error: NodeJS.ErrnoException) => {
      if (error.code === 'ENOENT') return undefined
      throw error
    })
    if (text === undefined) return undefined
    const incident = parse(text)
    if (incident?.id === id) return incident
    throw new BulkheadError('store-corrupt', `\`${path}\` is no incident`, {
      details: { file: path },
      hint: 'take the file away',
    })
  }

  /** @param newest stays whatever it takes. */
  #makePlace(newest: number): void {
    const { incidentsMax, bytesMax } = this.#bounds
    for (;;) {
      const bytes = this.#kept.reduce((sum, one) => sum + one.bytes, 0)
      const oldest = this.#oldestOfMost(newest)
      if (oldest === undefined || (this.#kept.length <= incidentsMax && bytes <= bytesMax)) return
      rmSync(join(this.#directory, oldest.name), { force: true })
      this.#kept.splice(this.#kept.indexOf(oldest), 1)
    }
  }

  #oldestOfMost(newest: number): Kept | undefined {
    const counts = new Map<string, number>()
    for (const { child } of this.#kept) counts.set(child, (counts.get(child) ?? 0) + 1)
    const most = Math.max(...counts.values())
    const others = this.#kept.filter(({ id }) => id !== newest)
    return others.find(({ child }) => counts.get(child) === most) ?? others[0]
  }
}

function keptOf(directory: string, name: string): readonly Kept[] {
  const [, digits, child] = NAME.exec(name) ?? []
  if (digits === undefined || child === undefined) return []
  const bytes = statSync(join(directory, name), { throwIfNoEntry: false })?.size
  return bytes === undefined ? [] : [{ id: Number(digits), child, name, bytes }]
}

/** The directory is ours alone, and files are replaced as wholes: what has the form of an incident is one. */
function parse(text: string): Incident | undefined {
  try {
    const value: unknown = JSON.parse(text)
    const isOne = typeof value === 'object' && value !== null && 'bundle' in value && 'hooks' in value && 'id' in value
    return isOne ? (value as Incident) : undefined
  } catch {
    return undefined
  }
}

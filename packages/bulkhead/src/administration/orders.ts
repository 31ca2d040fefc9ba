// What an operator orders of a child, by its name alone: all its members obey, each answers for itself.

import type { MemberOutcome } from '@bulkhead/admin'
import type { ChildView, StartOutcome, SupervisionTree } from '@bulkhead/supervisors'
import { BulkheadError, type ChildId, parseChildId } from '@bulkhead/vocabulary'
import type { TreeRoster } from './tree-roster.js'

export type OrderPowers = { readonly supervision: SupervisionTree; readonly roster: TreeRoster }

type Outcome = Omit<MemberOutcome, 'child'>
type Ordered = { readonly id: ChildId; readonly supervisor: string; readonly view: ChildView }

export class Orders {
  readonly #powers: OrderPowers

  constructor(powers: OrderPowers) {
    this.#powers = powers
  }

  start(name: string): Promise<readonly MemberOutcome[]> {
    return this.#each(name, (one) => this.#start(one))
  }

  stop(name: string): Promise<readonly MemberOutcome[]> {
    return this.#each(name, async ({ id, supervisor }) => {
      const { kind } = await this.#powers.supervision.terminateChild(supervisor, id)
      return { outcome: kind === 'zombie' ? 'zombie' : 'stopped' }
    })
  }

  restart(name: string): Promise<readonly MemberOutcome[]> {
    return this.#each(name, async (one) => {
      if (this.#powers.supervision.renew(one.id).kind === 'renewed') return { outcome: 'restarted' }
      return this.#start(one)
    })
  }

  async #start({ id, supervisor, view: { state, reason } }: Ordered): Promise<Outcome> {
    const why = reason === undefined ? {} : { why: reason }
    if (state === 'dormant') return { outcome: 'sleeps' }
    if (state === 'zombie') return { outcome: 'zombie' }
    if (state === 'quarantined') return { outcome: 'quarantined', ...why }
    if (state === 'waiting') return { outcome: 'waiting', ...why }
    const result = await this.#powers.supervision.restartChild(supervisor, id)
    switch (result.kind) {
      case 'running':
        return { outcome: 'runs-already' }
      case 'restarting':
        return { outcome: 'comes-back', ...why }
      case 'pool':
      case 'not-found':
      case 'no-supervisor':
        return { outcome: 'gone' }
      default:
        return this.#started(id, result)
    }
  }

  #started(id: ChildId, result: StartOutcome): Outcome {
    switch (result.kind) {
      case 'waiting':
        return { outcome: 'waiting', why: result.reason }
      case 'failed':
        return { outcome: 'failed', why: result.report.reason }
      case 'quarantined':
        return { outcome: 'quarantined' }
      default:
        return { outcome: this.#powers.supervision.child(id)?.state === 'dormant' ? 'sleeps' : 'started' }
    }
  }

  /** @throws {BulkheadError} `usage` for a name that nobody bears. */
  async #each(name: string, order: (one: Ordered) => Promise<Outcome>): Promise<readonly MemberOutcome[]> {
    const ids = this.#powers.roster.children.has(name) ? this.#powers.roster.membersOf(name) : [name]
    const outcomes: MemberOutcome[] = []
    for (const child of ids) {
      const one = this.#find(parseChildId(child))
      if (one === undefined && !this.#powers.roster.children.has(name)) throw unknown(name)
      outcomes.push({ child, ...(one === undefined ? { outcome: 'gone' as const } : await order(one)) })
    }
    return outcomes
  }

  #find(id: ChildId): Ordered | undefined {
    const { supervision } = this.#powers
    const supervisor = supervision.supervisorOf(id)
    const view = supervision.child(id)
    return supervisor === undefined || view === undefined ? undefined : { id, supervisor, view }
  }
}

function unknown(name: string): BulkheadError {
  return new BulkheadError('usage', `the tree has no child \`${name.slice(0, 100)}\``, {
    hint: '`bulkhead ps` shows its children and supervisors',
  })
}

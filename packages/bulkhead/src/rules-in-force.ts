// How what is decided about children reaches them while they run, and those who share files or messages with them.

import type { Binding } from '@bulkhead/admin'
import { BulkheadError, type HealthEventDraft } from '@bulkhead/vocabulary'
import type { TreeChild, TreeRoster } from './administration/tree-roster.js'
import type { Desk } from './authority/desk.js'
import type { Effect } from './authority/desk-core.js'
import { introduce } from './introduce.js'
import type { Rungs } from './ladder/rungs.js'
import type { LiveChild } from './live-child.js'
import type { Exchange } from './messages/exchange.js'
import { messageRulesOf } from './messages/tree-messages.js'

export type RulesPowers = {
  readonly roster: TreeRoster
  readonly desk: Desk
  readonly exchange: Exchange
  readonly rungs: Rungs
  readonly raise: (draft: HealthEventDraft) => void
}

export class RulesInForce {
  readonly #powers: RulesPowers

  constructor(powers: RulesPowers) {
    this.#powers = powers
  }

  /** A child has other rules than before, and runs by them: everybody else learns of it. */
  async settle({ live }: TreeChild): Promise<void> {
    const rules = this.#powers.exchange.changeRules([messageRulesOf(live)])
    const moved = introduce(this.#everyone(), [live])
    await Promise.all([live, ...moved].map((one) => one.publish().settle('narrows')))
    rules.settle()
  }

  /** Those whose mounts overlap learn of newcomers before these start, and forget who is gone (SPEC 2.2). */
  async acquaint(newcomers: readonly LiveChild[]): Promise<void> {
    const moved = introduce(this.#everyone(), newcomers)
    await Promise.all(moved.map((live) => live.publish().settle('narrows')))
    for (const { id } of newcomers) {
      const child = this.#powers.roster.children.get(id)
      if (child !== undefined) tellLoaded(id, child, this.#powers.raise)
    }
  }

  /**
   * Puts what was decided about these children into force. Their neighbours learn of it first: by what they know of each
   * other it is decided what may be moved (SPEC 2.2).
   */
  async rebind(ids: readonly string[], effect: Effect = 'narrows'): Promise<readonly Binding[]> {
    const { roster, desk, exchange, rungs } = this.#powers
    const concerned = ids.flatMap((id) => roster.children.get(id) ?? [])
    const judged = []
    for (const { live, planned } of concerned) {
      const judgement = await desk.judge(live.id)
      // Just before or after an upgrade: it is judged by what it is in its own turn.
      if (judgement.subject.component.digest !== live.component.digest) continue
      const component = await rungs
        .fitting(live, planned.componentFile, judgement.limits.memoryBytes.value)
        .catch(asBulkheadError)
      judged.push({ live, judgement, component })
    }
    const waited = new Set(
      concerned.filter(({ live }) => live.judgement.obstacle !== undefined).map(({ live }) => live),
    )
    // From here to the last `publish` nothing waits: a child that starts meanwhile starts under all of the old or all of the new.
    for (const { live, judgement, component } of judged) live.take(judgement, desk.documentsOf(judgement), component)
    const changed = concerned.map(({ live }) => live)
    const rules = exchange.changeRules(changed.map(messageRulesOf))
    const neighbours = introduce(this.#everyone(), changed)
    const others = neighbours.map((live) => live.publish())
    const published = changed.map((live) => live.publish())
    const bindings = await Promise.all(published.map(({ settle }) => settle(effect)))
    // Neighbours may do less by what they learn of each other, whatever was done here.
    await Promise.all(others.map(({ settle }) => settle('narrows')))
    rules.settle()
    for (const live of changed) live.announce()
    return bindings.map((binding, index) => {
      const live = changed[index]
      const starts = live !== undefined && waited.has(live) && live.judgement.obstacle === undefined
      return starts && binding.within === 'next-start' ? { ...binding, within: 'starting' } : binding
    })
  }

  #everyone(): readonly LiveChild[] {
    return [...this.#powers.roster.children.values()].map(({ live }) => live)
  }
}

/** Tells that a child has the rules that it begins with. */
export function tellLoaded(
  child: string,
  { live, supervisor }: TreeChild,
  raise: (draft: HealthEventDraft) => void,
): void {
  raise({ type: 'policy.loaded', supervisor, child, policyVersion: live.context.worker.policyVersion })
}

/** What binds narrower rules does not stop at a component that cannot be prepared: only its next start does. */
function asBulkheadError(thrown: unknown): BulkheadError {
  if (thrown instanceof BulkheadError) return thrown
  return new BulkheadError('component-transpile-failed', String(thrown), { cause: thrown, hint: 'restart the tree' })
}

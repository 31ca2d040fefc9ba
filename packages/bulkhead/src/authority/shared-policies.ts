import type { KindCatalogue } from '@bulkhead/capability'
import { type Policy, parsePolicy } from '@bulkhead/policy'
import type { LivePort } from './desk-core.js'
import type { Subject } from './subject.js'

/** A cross-component policy of a tree: its bytes were read, and verified where signatures are required. */
export type SharedDocument = {
  readonly name: string
  readonly file: string
  readonly text: string
  readonly policy: Policy
}

/**
 * The policies that several children share (SPEC 5). One is in force for each of its components as long as all of them are
 * in the tree and none is stopped, quarantined or removed; a restart changes nothing.
 */
export class SharedPolicies {
  readonly #documents: readonly SharedDocument[]
  #children: ReadonlySet<string>
  readonly #kinds: KindCatalogue

  constructor(documents: readonly SharedDocument[], children: ReadonlySet<string>, kinds: KindCatalogue) {
    this.#documents = documents
    this.#children = children
    this.#kinds = kinds
  }

  /** The tree has these children from now on. */
  treeHas(children: ReadonlySet<string>): void {
    this.#children = children
  }

  /** Everyone who shares a policy with the child, itself included; none when it shares nothing. */
  sharersOf(child: string): readonly string[] {
    const sharers = this.#documents
      .filter(({ policy }) => policy.shared?.components.includes(child) === true)
      .flatMap(({ policy }) => policy.shared?.components ?? [])
    return [...new Set(sharers)].filter((one) => this.#children.has(one))
  }

  /** What is in force for a child now, its patterns read in its own name space. */
  inForceFor({ child, componentId }: Subject, live: LivePort): readonly Policy[] {
    return this.#documents
      .filter(({ policy }) => policy.shared?.components.includes(child) === true && this.#isInForce(policy, live))
      .map(({ file, text, policy }) =>
        parsePolicy(text, { file, format: policy.format, componentId, kinds: this.#kinds }),
      )
  }

  #isInForce({ shared }: Policy, live: LivePort): boolean {
    return (shared?.components ?? []).every((child) => this.#children.has(child) && !isOut(live.stateOf(child)))
  }
}

/** `completed` is not among them: that is how a command's work ends. */
const out: ReadonlySet<string> = new Set(['stopped', 'failed', 'quarantined', 'removed'])

function isOut(state: string | undefined): boolean {
  return state !== undefined && out.has(state)
}

import { type CapabilityTable, Decider, type KindCatalogue } from '@bulkhead/capability'
import { decodeInterfaceCall, type InterfaceContract, ValueProblem } from '@bulkhead/contracts'
import { LaneCorruption, SlotHost, type SlotMemory, SlotServer } from '@bulkhead/lane'
import { type AccessRecord, BulkheadError, type Decision, Denial, type Request } from '@bulkhead/vocabulary'
import { askedRequest, askedRequests } from './asked-request.js'
import { answerTo, type CallOutcome } from './call-outcome.js'
import { CallPace } from './call-pace.js'
import { denialCodeOf } from './denial-code.js'
import type { HostCallContext } from './host-call-context.js'
import type { HostFunction, HostInterface } from './host-interface.js'
import type { HostRecords } from './host-records.js'
import type { Orphans } from './orphans.js'

export type Caller = Pick<HostCallContext, 'child' | 'tenant' | 'incarnation'>

export type InterfaceFailure = Caller & {
  readonly interface: string
  readonly function: string
  readonly error: unknown
}

export type InterfaceChannelPowers = {
  readonly caller: Caller
  /** Those that its component imports. */
  readonly interfaces: ReadonlyMap<string, HostInterface>
  readonly kinds: KindCatalogue
  readonly records: HostRecords
  readonly orphans: Orphans
  readonly nowNs: () => bigint
  /** What is left of the guest's deadline, in milliseconds. */
  readonly deadlineLeftMs: () => number | undefined
  /** The worker wrote what ours does not: it is nobody's any more. */
  readonly onBreach: (error: BulkheadError) => void
  /** The guest gets no answer because the host application has failed; told before it learns of it. */
  readonly onHostFault: (message: string) => void
  readonly onFailure: (failure: InterfaceFailure) => void
  /** A place among the calls that run has become free. */
  readonly onPlace: () => void
}

/** A call that was taken. */
type Run = {
  readonly owner: HostInterface
  readonly given: HostFunction
  readonly fn: InterfaceContract['functions'][number]
  readonly args: readonly unknown[]
  readonly abort: AbortController
  /** What it was granted, and stands on. */
  readonly requests: Request[]
  /** Denials of ours that its `run` may let through. */
  readonly denials: WeakSet<object>
  isWaitedFor: boolean
}

/**
 * The host's end of what one incarnation has of the host application's interfaces: takes a call from its slot, checks that it
 * is one, decides it by the host's own copy of the rules, records, does it, answers.
 *
 * INVARIANT (claims): nothing in the slot is believed. Who calls is which channel it is; what the call asks for is worked out
 * here, of arguments that were decoded here.
 *
 * INVARIANT (current): a call that was granted and still runs is decided again when newer rules come; what they do not allow
 * is aborted and answered as denied before they are published to the worker.
 */
export class InterfaceChannel {
  readonly #powers: InterfaceChannelPowers
  readonly #server: SlotServer
  readonly #slot: SlotHost
  readonly #contracts: ReadonlyMap<string, InterfaceContract>
  readonly #pace: CallPace
  #decider: Decider
  #run: Run | undefined
  #isClosed = false

  constructor(slot: SlotMemory, table: CapabilityTable, powers: InterfaceChannelPowers) {
    this.#powers = powers
    this.#server = new SlotServer(slot)
    this.#slot = new SlotHost(slot)
    this.#pace = new CallPace(powers.nowNs)
    this.#decider = new Decider(table)
    this.#contracts = new Map([...powers.interfaces].map(([name, { contract }]) => [name, contract]))
  }

  get wantsToBegin(): boolean {
    return this.#server.hasCall
  }

  /** Whether there is something to be done that needs no place among the calls that run. */
  get wantsAttention(): boolean {
    return this.#server.wantsPage || (this.#run !== undefined && this.#server.isAbandoned)
  }

  /** Whether calls are still served. */
  get isOpen(): boolean {
    return !this.#isClosed
  }

  get isRunning(): boolean {
    return this.#run !== undefined
  }

  attend(): void {
    this.#server.turnPage()
    if (this.#run !== undefined && this.#server.isAbandoned) {
      this.#server.drop()
      this.#orphan(this.#run, new Error('nobody waits for the answer any more'))
    }
  }

  /** Takes the call that waits, and begins it. */
  begin(): void {
    try {
      const call = this.#server.take(this.#powers.nowNs())
      if (call !== undefined) this.#start(call.request)
    } catch (thrown) {
      this.#breach(thrown)
    }
  }

  adopt(table: CapabilityTable): void {
    this.#decider = new Decider(table)
    const run = this.#run
    const refused = run?.requests
      .map((request) => ({ request, decision: this.#decider.decide(request) }))
      .find(isDenied)
    if (run === undefined || refused === undefined) return
    const { request, decision } = refused
    this.#writeLate(request, decision)
    this.#answer(run, { kind: 'denied', reason: decision.reason })
    this.#orphan(run, denialOf(request, decision))
  }

  queuedNs(nowNs: bigint): bigint {
    return this.#slot.queuedNs(nowNs)
  }

  /** The incarnation has ended. */
  async close(): Promise<void> {
    if (this.#isClosed) return
    this.#isClosed = true
    this.#slot.close()
    if (this.#run !== undefined) this.#orphan(this.#run, new Error('the guest has ended'))
    await this.#powers.records.close()
  }

  #start(request: Uint8Array): void {
    const { interface: called, fn, args } = decodeInterfaceCall(request, this.#contracts)
    const owner = this.#powers.interfaces.get(called.name)
    const given = owner?.functions.get(fn.name)
    if (owner === undefined || given === undefined) throw new TypeError(`${called.name}#${fn.name} is not offered`)
    const run: Run = {
      ...{ owner, given, fn, args },
      abort: new AbortController(),
      requests: [],
      denials: new WeakSet(),
      isWaitedFor: true,
    }
    this.#run = run
    const end = this.#outcomeOf(run).then((outcome) => this.#finish(run, outcome))
    run.abort.signal.addEventListener('abort', () => this.#powers.orphans.add(this.#powers.caller.child, end))
  }

  #finish(run: Run, outcome: CallOutcome): void {
    if (!run.isWaitedFor) return
    this.#answer(run, outcome)
    run.isWaitedFor = false
    this.#run = undefined
    this.#powers.onPlace()
  }

  /** Nobody waits for it any more: it goes on by itself. */
  #orphan(run: Run, reason: Error): void {
    run.isWaitedFor = false
    this.#run = undefined
    run.abort.abort(reason)
    this.#powers.onPlace()
  }

  async #outcomeOf(run: Run): Promise<CallOutcome> {
    const { orphans, caller, kinds } = this.#powers
    const { given, args, abort } = run
    const { signal } = abort
    try {
      await this.#pace.turn()
      while (orphans.isFull(caller.child) && !signal.aborted) await orphans.oneEnds(caller.child, signal)
      signal.throwIfAborted()
      if (given.authorize !== 'none') {
        const authorize = given.authorize as (...args: unknown[]) => unknown
        await this.#require(run, askedRequests(authorize(...args), kinds))
      }
      const perform = given.run as (...args: unknown[]) => unknown
      return { kind: 'returned', value: await perform(...args, this.#contextOf(run)) }
    } catch (thrown) {
      const isOurs = thrown instanceof Denial && run.denials.has(thrown)
      return isOurs ? { kind: 'denied', reason: thrown.message } : { kind: 'threw', error: thrown }
    }
  }

  /**
   * Check, record, act: when it resolves, all of it is granted and on record.
   *
   * @throws {Denial} for the first that is denied, which is on record then.
   */
  async #require(run: Run, requests: readonly Request[]): Promise<void> {
    const decided = requests.map((request) => ({ request, decision: this.#decider.decide(request) }))
    const refused = decided.find(isDenied)
    if (refused !== undefined) {
      await this.#write(refused.request, refused.decision)
      throw this.#denial(run, refused.request, refused.decision)
    }
    // Before it waits for the journal: newer rules that come meanwhile find it here.
    run.requests.push(...requests)
    for (const { request, decision } of decided) {
      if (!(await this.#write(request, decision))) throw this.#denial(run, request, unrecordable)
    }
    run.abort.signal.throwIfAborted()
  }

  #contextOf(run: Run): HostCallContext {
    const { caller, deadlineLeftMs, kinds } = this.#powers
    const deadlineMs = deadlineLeftMs()
    return Object.freeze({
      ...caller,
      interface: run.owner.name,
      function: run.fn.name,
      signal: run.abort.signal,
      ...(deadlineMs === undefined ? {} : { deadlineMs }),
      authorize: async (asked) => {
        run.abort.signal.throwIfAborted()
        await this.#require(run, [askedRequest(asked, kinds)])
      },
    } satisfies HostCallContext)
  }

  #answer(run: Run, outcome: CallOutcome): void {
    const { bytes, endsGuest, failure } = answerTo(run.fn, run.given, outcome)
    const place = { interface: run.owner.name, function: run.fn.name }
    const hasFailed = endsGuest || failure !== undefined
    if (hasFailed) this.#powers.onFailure({ ...this.#powers.caller, ...place, error: failure })
    if (endsGuest) this.#powers.onHostFault(`${place.interface}#${place.function}: ${messageOf(failure)}`)
    this.#server.answer(bytes)
  }

  #breach(thrown: unknown): void {
    if (!(thrown instanceof LaneCorruption) && !(thrown instanceof ValueProblem)) throw thrown
    const error =
      thrown instanceof LaneCorruption
        ? thrown
        : new BulkheadError('lane-corrupt', `a call of the host application's interfaces: ${thrown.message}`)
    void this.close()
    this.#powers.onBreach(error)
  }

  #denial(run: Run, request: Request, decision: Refusal): Denial {
    const denial = denialOf(request, decision)
    run.denials.add(denial)
    return denial
  }

  #write(request: Request, decision: Decision): Promise<boolean> {
    return this.#powers.records.write(this.#recordOf(request, decision))
  }

  /** A refusal that takes effect at once: newer rules do not wait for the journal, which was told of them before. */
  #writeLate(request: Request, decision: Refusal): void {
    // A journal that has gone has told so itself.
    void this.#write(request, decision).catch(() => {})
  }

  #recordOf({ kind, action, resource }: Request, decision: Decision): AccessRecord {
    const { verdict, layer, rule } = decision
    return {
      at: this.#powers.nowNs(),
      policyVersion: this.#decider.table.version,
      ...{ kind, action, resource, verdict, layer, count: 1 },
      ...(rule === undefined ? {} : { rule: ruleText(rule) }),
      ...(decision.verdict === 'denied' ? { reason: decision.reason } : {}),
    }
  }
}

type Refusal = Extract<Decision, { readonly verdict: 'denied' }>

const unrecordable: Refusal = {
  ...{ verdict: 'denied', layer: 'error' },
  reason: 'the audit journal makes no progress, and the audit is strict',
}

function isDenied<One extends { readonly decision: Decision }>(one: One): one is One & { readonly decision: Refusal } {
  return one.decision.verdict === 'denied'
}

function denialOf({ kind, action, resource }: Request, { layer, reason }: Refusal): Denial {
  const details = { kind, action, resource, layer, reason }
  return new Denial(denialCodeOf(kind), `${kind}.${action} of \`${resource}\` is denied: ${reason}`, { details })
}

function messageOf(failure: unknown): string {
  return failure instanceof Error ? failure.message : String(failure)
}

/** `/data/**` (Component.toml:7) */
function ruleText({ pattern, origin: { document, line } }: NonNullable<Decision['rule']>): string {
  return line === undefined ? `${pattern} (${document})` : `${pattern} (${document}:${line})`
}

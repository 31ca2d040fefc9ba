import type { OperatorGrantReport } from '@bulkhead/admin'
import {
  CapabilitySet,
  checkPattern,
  type Grant,
  type KindCatalogue,
  noCustomKinds,
  parseCapability,
} from '@bulkhead/capability'
import {
  childPolicyKey,
  type GrantWords,
  type OperatorGrant as OperatorGrantRecord,
  type Policy,
  renderPolicy,
} from '@bulkhead/policy'
import { type ContextParts, joinContext, missingRequirements } from '@bulkhead/security-context'
import { BulkheadError, type Digest, parseDigest } from '@bulkhead/vocabulary'
import type { Act, DeskCore } from './desk-core.js'
import type { ChangedGrants } from './desk-types.js'
import { type Judgement, noRun } from './judge.js'
import type { PolicyDesk } from './policy-desk.js'
import { sideOf } from './policy-side.js'
import type { Subject } from './subject.js'

type GrantAct = Act & { readonly expiresMs?: number }

/** What operators grant beside the documents, and what they take away (SPEC 5). */
export class GrantDesk {
  readonly #core: DeskCore
  readonly #policies: PolicyDesk
  #cancelExpiry: () => void = () => {}
  #isClosed = false

  constructor(core: DeskCore, policies: PolicyDesk) {
    this.#core = core
    this.#policies = policies
  }

  list(child?: string): readonly OperatorGrantReport[] {
    const now = this.#core.now()
    const subjects = child === undefined ? this.#core.subjects() : [this.#core.subject(child)]
    const { grants } = this.#core.powers.stores
    return subjects.flatMap(({ child: name, component }) =>
      grants
        .list(name, component.digest as Digest, now)
        .map((grant) => ({ ...grant, child: name }) as OperatorGrantReport),
    )
  }

  /**
   * Grants a child something beside its documents, from now on and at once. All of it or nothing.
   *
   * @throws {BulkheadError} `grant-refused` when it would be without effect, or is granted already; `document-invalid` for
   *   a pattern that does not follow its grammar.
   */
  grant(child: string, capabilities: readonly string[], act: GrantAct): Promise<ChangedGrants> {
    return this.#core.inTurn(async () => {
      const subject = this.#core.subject(child)
      return this.#core.orReject(child, () => this.#grant(subject, capabilities, act))
    })
  }

  async #grant(subject: Subject, capabilities: readonly string[], act: GrantAct): Promise<ChangedGrants> {
    const { child } = subject
    const time = this.#core.now()
    const wanted = unique(capabilities).map((text) =>
      capabilityOf(text, subject.componentId, this.#core.powers.stores.kinds),
    )
    const judgement = await this.#core.judge(subject)
    for (const one of wanted) refuseIfVain(one, judgement)
    const { grants } = this.#core.powers.stores
    const records = wanted.map(
      ({ kind, action, pattern }): OperatorGrantRecord => ({
        kind,
        action,
        pattern,
        digest: subject.component.digest as Digest,
        grantedBy: act.author,
        time,
        ...(act.expiresMs === undefined ? {} : { expiresAt: time + act.expiresMs }),
        ...(act.reason === '' ? {} : { reason: act.reason }),
      }),
    )
    await grants.addAll(child, records)
    try {
      for (const record of records) await this.#noteGranted(subject, record, act)
    } catch (thrown) {
      // What is on no record binds nobody, after a restart either.
      await grants.removeAll(child, records)
      throw thrown
    }
    const bound = await this.#core.bind(child, 'widens')
    this.armExpiry()
    this.#core.raise('policy.updated', child, { reason: `${act.author} granted ${records.map(wordsOf).join(', ')}` })
    return { changed: records.map(wordsOf), how: records.map(() => 'operator grant'), bound }
  }

  /**
   * Takes something from a child, also inside its running calls: an operator grant of these words, an allow of its policy
   * (or, without one, of its manifest), else by a deny rule where something granted covers it.
   *
   * @throws {BulkheadError} `grant-not-found`, with what is granted.
   */
  revoke(child: string, capabilities: readonly string[], act: Act): Promise<ChangedGrants> {
    return this.#core.inTurn(async () => {
      const subject = this.#core.subject(child)
      return this.#core.orReject(child, () => this.#revoke(subject, capabilities, act))
    })
  }

  async #revoke(subject: Subject, capabilities: readonly string[], act: Act): Promise<ChangedGrants> {
    const { child } = subject
    const judgement = await this.#core.judge(subject)
    const wanted = unique(capabilities).map((text) =>
      capabilityOf(text, subject.componentId, this.#core.powers.stores.kinds),
    )
    const { grants } = this.#core.powers.stores
    // All that are stored: where the policy cannot be read they bind nobody now, and can be taken away all the same.
    const stored = grants.list(child, parseDigest(subject.component.digest), this.#core.now())
    const plans = wanted.flatMap((one) => planRevocation(one, judgement, stored).map((how) => ({ one, how })))
    const fromPolicy = plans.filter(({ how }) => how !== 'operator')
    try {
      await this.#carryOut(subject, plans, act)
    } catch (thrown) {
      // What could be taken away on the disk is taken from running calls too, whether or not all of it could be done or told.
      await this.#core.bind(child)
      throw thrown
    }
    const bound = await this.#core.bind(child)
    this.#core.raise('policy.updated', child, { reason: `${act.author} revoked ${wanted.map(wordsOf).join(', ')}` })
    const version = this.#core.powers.stores.registry.current(childPolicyKey(child))?.number
    return {
      changed: plans.map(({ one }) => wordsOf(one)),
      how: plans.map(({ how }) => revocationWords[how]),
      ...(fromPolicy.length === 0 || version === undefined ? {} : { policyVersion: version }),
      bound,
    }
  }

  /** Persists what a revocation takes away, and puts it on record. */
  async #carryOut(subject: Subject, plans: readonly Revocation[], act: Act): Promise<void> {
    const fromPolicy = plans.filter(({ how }) => how !== 'operator')
    if (fromPolicy.length > 0) {
      await this.#policies.edit(subject, act, (side) => {
        const removed = (grant: Grant): boolean =>
          fromPolicy.some(({ one, how }) => how === 'allow' && sameWords(one, grant))
        const denied = fromPolicy.filter(({ how }) => how === 'deny').map(({ one }) => one)
        return renderPolicy({
          ...side,
          allow: side.allow.filter((grant) => !removed(grant)),
          deny: [...side.deny, ...denied],
        })
      })
    }
    const fromOperator = plans.filter(({ how }) => how === 'operator').map(({ one }) => one)
    if (fromOperator.length > 0) await this.#core.powers.stores.grants.removeAll(subject.child, fromOperator)
    for (const { one, how } of plans) {
      await this.#core.note(subject, {
        event: 'permission-revoked',
        kind: one.kind,
        action: one.action,
        resource: one.pattern,
        reason: act.reason === '' ? `by ${act.author}` : `by ${act.author}: ${act.reason}`,
        details: { how },
      })
    }
  }

  /** Ends what another component in the same place was granted (SPEC 5): it does not come back with it. */
  async forgetOtherDigests(subject: Subject): Promise<void> {
    const { grants } = this.#core.powers.stores
    const ended = await grants.removeOtherDigests(subject.child, parseDigest(subject.component.digest))
    for (const { grant } of ended) await this.#noteEnd(subject.child, grant, 'the component is another one')
  }

  /** Ends grants when they expire. Called at the start and after each grant. */
  armExpiry(): void {
    this.#cancelExpiry()
    const next = this.#core.powers.stores.grants.nextExpiry()
    if (next === undefined) return
    const delay = Math.min(Math.max(0, next - this.#core.now()) + 1, longestTimerMs)
    this.#expireAfter(delay)
  }

  #expireAfter(delayMs: number): void {
    if (this.#isClosed) return
    const expire = (): void => void this.#expire().catch((thrown) => this.#lateExpiry(thrown))
    this.#cancelExpiry = this.#core.powers.clock.after(delayMs, expire)
  }

  close(): void {
    this.#cancelExpiry()
    this.#isClosed = true
  }

  #expire(): Promise<void> {
    return this.#core.inTurn(async () => {
      const { grants } = this.#core.powers.stores
      const now = this.#core.now()
      const ended = grants.everyChild().filter(({ grant }) => grant.expiresAt !== undefined && grant.expiresAt <= now)
      const children = [...new Set(ended.map(({ child }) => child))]
      if (children.length === 0) {
        this.armExpiry()
        return
      }
      try {
        for (const { child, grant } of ended) await this.#noteEnd(child, grant, 'it expired')
        await grants.purgeExpired(now)
      } finally {
        // What has expired binds nobody, whether or not the disk could be told.
        await this.#core.live.rebind(children)
      }
      for (const child of children) this.#core.raise('policy.updated', child, { reason: 'a grant expired' })
      this.armExpiry()
    })
  }

  /** They bind no more, and are purged and put on record when that can be done. */
  #lateExpiry(thrown: unknown): void {
    this.#core.powers.raise({
      type: 'policy.rejected',
      supervisor: 'root',
      reason: `expired grants could not be purged: ${thrown instanceof Error ? thrown.message : String(thrown)}`,
    })
    this.#expireAfter(expiryRetryMs)
  }

  #noteGranted(
    subject: Subject,
    { kind, action, pattern, expiresAt }: OperatorGrantRecord,
    { author, reason }: Act,
  ): Promise<void> {
    return this.#core.note(subject, {
      event: 'permission-granted',
      kind: kind as Grant['kind'],
      action: action as Grant['action'],
      resource: pattern,
      reason: reason === '' ? `by ${author}` : `by ${author}: ${reason}`,
      ...(expiresAt === undefined ? {} : { details: { expiresAt } }),
    })
  }

  #noteEnd(child: string, { kind, action, pattern }: OperatorGrantRecord, reason: string): Promise<void> {
    return this.#core.note(child, {
      event: 'permission-revoked',
      kind: kind as Grant['kind'],
      action: action as Grant['action'],
      resource: pattern,
      reason,
    })
  }
}

const expiryRetryMs = 10_000

/** Timers know nothing of a wall clock that is set, or of a machine that slept: so they look again before long. */
const longestTimerMs = 60_000

type Revocation = { readonly one: Grant; readonly how: keyof typeof revocationWords }

const revocationWords = {
  operator: 'operator grant removed',
  allow: 'policy version without it',
  deny: 'policy version that denies it',
} as const

function capabilityOf(text: string, componentId: string, kinds: KindCatalogue): Grant {
  const { kind, action, pattern } = parseCapability(text, kinds)
  checkPattern(pattern, { kind, action, componentId, kinds, port: 'required' })
  return { kind, action, pattern, origin: { document: 'bulkhead revoke' } }
}

/** What is granted in the same words twice, by an operator and by the policy, is taken away twice. */
function planRevocation(
  one: Grant,
  judgement: Judgement,
  operator: readonly OperatorGrantRecord[],
): readonly (keyof typeof revocationWords)[] {
  const side = sideOf(judgement)
  const byOperator = operator.some((grant) => sameWords(one, grant))
  if (byOperator && !side.allow.some((grant) => sameWords(one, grant))) return ['operator']
  const onPolicySide = planOnPolicySide(one, judgement, side, operator)
  return byOperator ? ['operator', onPolicySide] : [onPolicySide]
}

function planOnPolicySide(
  one: Grant,
  judgement: Judgement,
  side: Policy,
  operator: readonly OperatorGrantRecord[],
): 'allow' | 'deny' {
  const { subject } = judgement
  const others = side.allow.filter((grant) => !sameWords(one, grant))
  const { operator: byOperator, sharedAllow = [], kinds = noCustomKinds } = judgement.contextAt(0, noRun(subject)).parts
  const wider = byOperator.filter((grant) => !sameWords(one, grant))
  const covers = CapabilitySet.of([...others, ...wider, ...sharedAllow], {
    componentId: subject.componentId,
    kinds,
  }).covers(one)
  // A rule that is written twice, or that a wider one covers, would still be granted without the one that is removed.
  if (covers) return 'deny'
  if (others.length < side.allow.length) return 'allow'
  const words = [...operator, ...side.allow].map(wordsOf)
  throw new BulkheadError('grant-not-found', `\`${wordsOf(one)}\` was never granted to \`${subject.child}\``, {
    details: { child: subject.child, granted: words },
    hint: words.length === 0 ? 'it is granted nothing' : `it is granted ${words.join(', ')}`,
  })
}

/** A grant that a deny rule covers wholly changes nothing: whoever writes it believes something else. */
function refuseIfVain(one: Grant, judgement: Judgement): void {
  const { subject, policy } = judgement
  const { parts } = judgement.contextAt(0, noRun(subject))
  const { deny, sharedDeny = [], kinds = noCustomKinds } = parts
  const rule = [...deny, ...sharedDeny].find(
    (denied) =>
      (denied.action === one.action || (denied.action === 'write' && one.action === 'create')) &&
      CapabilitySet.of([denied], { componentId: subject.componentId, kinds }).covers(one),
  )
  if (rule === undefined) {
    refuseIfForbidden(one, parts, subject)
    return
  }
  const { document, line } = rule.origin
  const where = line === undefined ? document : `${document}:${line}`
  throw new BulkheadError(
    'grant-refused',
    `\`${wordsOf(one)}\` would be without effect: \`${rule.pattern}\` (${where}) denies it`,
    {
      details: { child: subject.child, denied: wordsOf(rule), origin: rule.origin },
      hint:
        policy === undefined
          ? `take the rule out of ${document}`
          : `take it out of ${where}, then bulkhead policy update ${subject.child} FILE; or bulkhead policy rollback ${subject.child} N where an earlier version has it not`,
    },
  )
}

function refuseIfForbidden(one: Grant, parts: ContextParts, { child }: Subject): void {
  const asked = joinContext({ ...parts, layers: [{ layer: 'manifest', grants: [one] }], operator: [one] })
  if (!missingRequirements(asked, {}).some(({ layer }) => layer === 'forbidden')) return
  throw new BulkheadError(
    'grant-refused',
    `\`${wordsOf(one)}\` would be without effect: the forbidden list covers it, and nothing allows that`,
    { details: { child, layer: 'forbidden' } },
  )
}

export function wordsOf({ kind, action, pattern }: GrantWords | Grant): string {
  return `${kind}.${action}=${pattern}`
}

function sameWords(a: GrantWords | Grant, b: GrantWords | Grant): boolean {
  return wordsOf(a) === wordsOf(b)
}

function unique(texts: readonly string[]): readonly string[] {
  return [...new Set(texts)]
}

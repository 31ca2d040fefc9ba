import type { PolicyDiffReport, PolicyVersionReport } from '@bulkhead/admin'
import { decodeText, type Finding } from '@bulkhead/document'
import {
  type ChangeResult,
  childPolicyKey,
  defaultPolicyKey,
  diffPolicies,
  findConflicts,
  formatOf,
  type Policy,
  type PolicyDraft,
  type PolicyFormat,
  type PolicyKey,
  type PolicySourceMark,
  type PolicyVersion,
  parsePolicy,
  readPolicySource,
} from '@bulkhead/policy'
import { type MissingRequirement, missingRequirements } from '@bulkhead/security-context'
import { BulkheadError } from '@bulkhead/vocabulary'
import type { Act, DeskCore } from './desk-core.js'
import type { ChangedPolicy } from './desk-types.js'
import { noRun } from './judge.js'
import { changesIn } from './policy-changes.js'
import { provenSignature, signatureBeside } from './policy-proof.js'
import { sideOf } from './policy-side.js'
import type { Subject } from './subject.js'

/** A policy document that an operator hands in. */
export type PolicyDocument = {
  readonly text: string
  /** By the ending of its name where it is not said. */
  readonly format?: PolicyFormat
  /** Its name, for findings and the history. */
  readonly file: string
  /** A detached compact JWS over the text. */
  readonly signature?: string
  /** The version that the caller has seen; another current one is `update-conflict`. 0: there was none. */
  readonly expected?: number
}

/** The policies of the children and of the kinds: versions, changes, ways back (SPEC 5). */
export class PolicyDesk {
  readonly #core: DeskCore

  constructor(core: DeskCore) {
    this.#core = core
  }

  history(child: string): readonly PolicyVersionReport[] {
    const key = this.#keyOf(child)
    const { registry } = this.#core.powers.stores
    const current = registry.current(key)?.number
    return registry.history(key).map(({ number, text: _text, source: _source, ...version }) => ({
      ...version,
      version: number,
      current: number === current,
    }))
  }

  /** @throws {BulkheadError} `policy-not-found`. */
  text(child: string, version?: number): { version: number; text: string; format: PolicyFormat; file: string } {
    const { number, text, format, file } = this.#version(child, version)
    return { version: number, text, format, file }
  }

  /** How two versions differ: by default the current one from the one before, the first from the approved manifest. */
  async diff(child: string, from?: number, to?: number): Promise<PolicyDiffReport> {
    const subject = this.#core.subject(child)
    const { componentId } = subject
    const { kinds } = this.#core.powers.stores
    const newer = this.#version(child, to)
    const history = this.#core.powers.stores.registry.history(this.#keyOf(child))
    const before = from ?? history.find(({ number }) => number < newer.number)?.number
    const older = before === undefined ? undefined : this.#version(child, before)
    const read = ({ text, format, file }: PolicyVersion): Policy =>
      parsePolicy(text, { file, format, componentId, kinds })
    const { manifest } = await this.#core.judge(subject)
    const declared = sideOf({ subject, manifest })
    return {
      from: older === undefined ? 'the approved manifest' : `version ${older.number}`,
      to: `version ${newer.number}`,
      changes: changesIn(diffPolicies(older === undefined ? declared : read(older), read(newer))),
    }
  }

  /**
   * Puts a document in force: it is read, judged, signed for where that is required, compiled with everything that it
   * joins, persisted, on record, and then bound inside running calls. A failure anywhere leaves the old version in force.
   *
   * @throws {BulkheadError} `policy-validation-failed` with all findings; `policy-compilation-failed`; `policy-replayed`;
   *   `signature-invalid`; `update-conflict`; `state-unwritable`.
   */
  update(child: string, document: PolicyDocument, act: Act): Promise<ChangedPolicy> {
    return this.#core.inTurn(async () => {
      const subject = this.#core.subject(child)
      const key = this.#keyOf(child)
      return this.#put(subject, key, [child], document, act)
    })
  }

  /** Puts a document in force for the children of a kind that have none of their own. See {@link update}. */
  setDefault(kind: string, document: PolicyDocument, act: Act): Promise<ChangedPolicy> {
    return this.#core.inTurn(async () => {
      const key = defaultPolicyKey(kind)
      const { registry } = this.#core.powers.stores
      const concerned = this.#core
        .subjects()
        .filter((subject) => subject.kind === kind && registry.current(this.#keyOf(subject.child)) === undefined)
        .map(({ child }) => child)
      return this.#put(undefined, key, concerned, document, act)
    })
  }

  /** Makes an older version the current one again, as a new version. @throws {BulkheadError} `policy-not-found`; as {@link update}. */
  rollback(child: string, to: number, act: Act): Promise<ChangedPolicy> {
    return this.#core.inTurn(async () => {
      const subject = this.#core.subject(child)
      const { registry } = this.#core.powers.stores
      const warnings: Finding[] = []
      const by = {
        ...act,
        time: this.#core.now(),
        allowOlderSigned: !this.#core.powers.trust.current.requireSignatures,
      }
      const key = this.#keyOf(child)
      const result = await this.#core.orReject(child, async () => {
        if (!by.allowOlderSigned) refuseUnsigned(child, registry.version(key, to))
        return registry.rollback(key, to, by, {
          componentId: subject.componentId,
          validate: async (policy) => void warnings.push(...(await this.#examine(subject, policy))),
        })
      })
      const isMended = this.#core.refusedPolicies.delete(child)
      const change = { event: 'policy-rolled-back', act, what: `to version ${to}`, name: child, isMended } as const
      return this.#bind([child], result, warnings, change)
    })
  }

  /** Writes a new version from the one in force, as a native document. For changes that are part of another act. */
  async edit(subject: Subject, act: Act, change: (side: Policy) => string): Promise<ChangeResult> {
    const key = this.#keyOf(subject.child)
    if (this.#core.powers.trust.current.requireSignatures) {
      throw new BulkheadError(
        'signature-invalid',
        `the policy of \`${subject.child}\` must be signed: it is not edited here`,
        {
          hint: 'change the document, sign it with `bulkhead policy sign`, then `bulkhead policy update`',
        },
      )
    }
    const judgement = await this.#core.judge(subject)
    const result = await this.#core.powers.stores.registry.edit(
      key,
      (current) => change(current ?? sideOf(judgement)),
      { ...act, time: this.#core.now() },
      { componentId: subject.componentId, validate: async (policy) => void (await this.#examine(subject, policy)) },
    )
    await this.#record(subject.child, result.version, 'policy-updated', act, '')
    return result
  }

  /**
   * Takes the document that the tree file names, unless it is the one that was taken from there before: so what was
   * changed since then, by `revoke` or `rollback`, outlives a restart. One that is refused leaves the child without any
   * authority (SPEC 5), never with more.
   */
  async takeFrom(subject: Subject, location: string): Promise<void> {
    const { stores, fetcher } = this.#core.powers
    const key = this.#keyOf(subject.child)
    const act = { author: 'tree file', reason: `${subject.tree.file} names it` }
    const before = stores.registry.current(key)
    try {
      const source = await readPolicySource(location, fetcher === undefined ? {} : { fetcher })
      const mark = { location, hash: source.hash }
      const last = stores.registry.lastSource(key)
      if (last?.location !== location || last.hash !== source.hash) {
        const text = decodeText(source.bytes, { file: location, bytesMax: source.bytes.length })
        const signature = await signatureBeside(location, this.#core.powers)
        const document = {
          text,
          format: formatOf(location),
          file: location,
          ...(signature === undefined ? {} : { signature }),
        }
        const { version, changed } = await this.#change(subject, key, document, act, [], mark)
        if (changed) {
          await this.#record(subject.child, version, 'policy-updated', act, '')
          this.#core.raise('policy.updated', subject.child, { reason: takenFrom(location, version, before) })
        }
      }
      this.#core.refusedPolicies.delete(subject.child)
    } catch (thrown) {
      if (!(thrown instanceof BulkheadError)) throw thrown
      this.#core.refusedPolicies.set(subject.child, thrown)
      await this.#core.note(subject, { event: 'policy-rejected', reason: thrown.message, resource: location })
      this.#core.raise('policy.rejected', subject.child, { reason: `${thrown.message}; everything is denied` })
    }
  }

  /**
   * What {@link takeFrom} would find; nothing is kept of it.
   *
   * @returns the policy, where the document is another one than was taken from there before
   * @throws {BulkheadError} for what would be refused.
   */
  async foresee(subject: Subject, location: string): Promise<Policy | undefined> {
    const { stores, fetcher, trust } = this.#core.powers
    const { registry, kinds } = stores
    const source = await readPolicySource(location, fetcher === undefined ? {} : { fetcher })
    const key = this.#keyOf(subject.child)
    const last = registry.lastSource(key)
    const isKnown = last?.location === location && last.hash === source.hash
    if (isKnown && !this.#core.refusedPolicies.has(subject.child)) return undefined
    const text = decodeText(source.bytes, { file: location, bytesMax: source.bytes.length })
    const signature = await signatureBeside(location, this.#core.powers)
    const document = { text, file: location, ...(signature === undefined ? {} : { signature }) }
    const proven = await provenSignature(subject.child, document, trust.current, this.#core.now())
    const accepted = registry.history(key).map((version) => version.signature?.sequence ?? 0)
    if (proven !== undefined && accepted.some((sequence) => sequence > proven.sequence)) {
      throw new BulkheadError(
        'policy-replayed',
        `the signature of \`${location}\` is older than one that was accepted`,
        {
          hint: `sign it with a sequence above ${Math.max(...accepted)}`,
        },
      )
    }
    const { componentId } = subject
    const policy = parsePolicy(text, { file: location, format: formatOf(location), componentId, kinds })
    if (policy.shared !== undefined) throw sharedElsewhere(policy)
    return policy
  }

  async #put(
    subject: Subject | undefined,
    key: PolicyKey,
    concerned: readonly string[],
    document: PolicyDocument,
    act: Act,
  ): Promise<ChangedPolicy> {
    const name = subject?.child ?? key
    const warnings: Finding[] = []
    const result = await this.#core.orReject(name, () => this.#change(subject, key, document, act, warnings))
    const isMended = subject !== undefined && this.#core.refusedPolicies.delete(subject.child)
    return this.#bind(concerned, result, warnings, { event: 'policy-updated', act, name, isMended })
  }

  /** Everything that may refuse a document, then the change in the registry. Findings that refuse nothing go to `warnings`. */
  async #change(
    subject: Subject | undefined,
    key: PolicyKey,
    document: PolicyDocument,
    act: Act,
    warnings: Finding[],
    source?: PolicySourceMark,
  ): Promise<ChangeResult> {
    const { text, file, expected } = document
    const { protection, stores, trust } = this.#core.powers
    const format = document.format ?? formatOf(file)
    const signature = await provenSignature(subject?.child ?? key, document, trust.current, this.#core.now())
    const draft: PolicyDraft = {
      ...{ text, format, file, ...act, time: this.#core.now() },
      ...(signature === undefined ? {} : { signature }),
      ...(source === undefined ? {} : { source }),
    }
    return this.#core.powers.stores.registry.update(key, draft, {
      componentId: subject?.componentId ?? '',
      ...(expected === undefined ? {} : { expected }),
      validate: async (policy) => {
        warnings.push(
          ...policy.warnings,
          ...findConflicts(policy, { forbidden: protection.rules, kinds: stores.kinds }),
        )
        if (policy.shared !== undefined) throw sharedElsewhere(policy)
        if (subject !== undefined) warnings.push(...(await this.#examine(subject, policy)))
      },
    })
  }

  /** Compiles the policy together with all that it joins; says what the component would then lack. */
  async #examine(subject: Subject, policy: Policy): Promise<readonly Finding[]> {
    try {
      const judgement = await this.#core.judge(subject, policy)
      const context = judgement.contextAt(0, noRun(subject))
      await this.#core.live.prepare(subject.child, judgement.limits.memoryBytes.value)
      return missingRequirements(context, {})
        .filter(({ layer }) => layer === 'policy' || layer === 'deny')
        .map((missing) => lacking(subject, policy, missing))
    } catch (thrown) {
      throw new BulkheadError(
        'policy-compilation-failed',
        `the policy \`${policy.file}\` does not compile with what it joins: ${thrown instanceof Error ? thrown.message : String(thrown)}`,
        {
          details: { file: policy.file },
          cause: thrown,
        },
      )
    }
  }

  async #bind(
    concerned: readonly string[],
    result: ChangeResult,
    warnings: readonly Finding[],
    { event, act, what = '', name, isMended }: PolicyChange,
  ): Promise<ChangedPolicy> {
    const { version, changed } = result
    if (changed) await this.#record(name, version, event, act, what)
    // The same bytes again are a change where everything was denied in their stead.
    const isMoved = changed || isMended
    const bound = isMoved ? await this.#core.live.rebind(concerned) : []
    if (isMoved) {
      const type = event === 'policy-updated' ? 'policy.updated' : 'policy.rolled-back'
      for (const child of concerned) {
        this.#core.raise(type, child, { reason: `version ${version.number}, by ${act.author}` })
      }
    }
    return { version: version.number, changed, warnings: [...warnings], bound: [...bound] }
  }

  #record(
    name: string,
    { number, hash }: PolicyVersion,
    event: 'policy-updated' | 'policy-rolled-back',
    act: Act,
    what: string,
  ): Promise<void> {
    const reason = [`by ${act.author}`, what, act.reason].filter((part) => part !== '').join(': ')
    return this.#core.note(name, { event, policyVersion: number, reason, details: { hash } })
  }

  #keyOf(child: string): PolicyKey {
    return childPolicyKey(this.#core.subject(child).child)
  }

  #version(child: string, number?: number): PolicyVersion {
    const key = this.#keyOf(child)
    const { registry } = this.#core.powers.stores
    const found = number === undefined ? registry.current(key) : registry.version(key, number)
    if (found !== undefined) return found
    const kept = registry.history(key).map((version) => version.number)
    throw new BulkheadError(
      'policy-not-found',
      number === undefined
        ? `\`${child}\` has no policy of its own`
        : `the policy of \`${child}\` has no version ${number}`,
      { hint: kept.length === 0 ? `bulkhead policy update ${child} FILE` : `there are ${kept.join(', ')}` },
    )
  }
}

type PolicyChange = {
  readonly event: 'policy-updated' | 'policy-rolled-back'
  readonly act: Act
  readonly what?: string
  /** Whose policy it is: a child's, or a key. */
  readonly name: string
  /** Everything was denied until now, because the document that the tree names was refused. */
  readonly isMended: boolean
}

/** Who changed the policy since it was last taken from there has to hear that this is undone. */
function takenFrom(location: string, { number }: PolicyVersion, before: PolicyVersion | undefined): string {
  const replaced = before === undefined ? '' : `; it replaces version ${before.number}, by ${before.author}`
  return `version ${number}, from ${location}${before === undefined ? '' : ', which has changed'}${replaced}`
}

function refuseUnsigned(child: string, version: PolicyVersion | undefined): void {
  if (version === undefined || version.signature !== undefined) return
  throw new BulkheadError(
    'signature-invalid',
    `version ${version.number} of the policy of \`${child}\` is not signed, and signatures are required`,
    { hint: 'sign the document with `bulkhead policy sign`, then `bulkhead policy update`' },
  )
}

function sharedElsewhere({ file }: Policy): BulkheadError {
  return new BulkheadError('policy-validation-failed', `\`${file}\` is a policy of several components`, {
    hint: 'name it in the tree file: [shared] NAME = "FILE"',
  })
}

function lacking({ child }: Subject, { file }: Policy, missing: MissingRequirement): Finding {
  return {
    file,
    line: 1,
    column: 1,
    message: `\`${child}\` needs ${missing.kind}.${missing.action}=${missing.pattern} and will not start again without it`,
    hint: `allow it, or make it optional in ${missing.origin.document}:${missing.origin.line ?? 1}`,
  }
}

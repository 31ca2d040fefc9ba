import { createHash } from 'node:crypto'
import { jsonCodec, type Store, type Table } from '@bulkhead/state'
import { BulkheadError, type Digest, parseChildId, parseDigest } from '@bulkhead/vocabulary'
import { z } from 'zod'
import {
  authorCharactersMax,
  operatorGrantsPerChildMax,
  patternCharactersMax,
  reasonCharactersMax,
  wordCharactersMax,
} from './limits.js'

/** No date can be written of a later one. */
const instant = z.number().nonnegative().max(8_640_000_000_000_000)
const shape = z.strictObject({
  kind: z.string().min(1).max(wordCharactersMax),
  action: z.string().min(1).max(wordCharactersMax),
  pattern: z.string().min(1).max(patternCharactersMax),
  /** The component that it was granted to: another one in the same place has nothing of it. */
  digest: z.string().transform(parseDigest),
  grantedBy: z.string().min(1).max(authorCharactersMax),
  /** Wall clock, milliseconds since 1970 UTC. */
  time: instant,
  /** From this instant on it is no more. */
  expiresAt: z.exactOptional(instant),
  reason: z.exactOptional(z.string().max(reasonCharactersMax)),
})

/** What an operator allowed a child beyond its policy (SPEC 5, Effective). */
export type OperatorGrant = Readonly<z.infer<typeof shape>>
/** A grant and whose it is. */
export type ChildGrant = { readonly child: string; readonly grant: OperatorGrant }
/** What a grant allows, in the words in which it was written. */
export type GrantWords = Pick<OperatorGrant, 'kind' | 'action' | 'pattern'>

/**
 * Operator grants: of a child and of the component that it was when they were made. They may expire, and never survive
 * another component in the same place.
 */
export class OperatorGrants {
  readonly #store: Store
  readonly #table: Table<OperatorGrant>

  constructor(store: Store) {
    this.#store = store
    this.#table = store.table(
      'operator-grants',
      jsonCodec((found) => shape.parse(found)),
    )
  }

  /** What a child is granted now, oldest first: neither what has expired nor what another component was granted. */
  list(child: string, digest: Digest, now: number): readonly OperatorGrant[] {
    return this.all(child).filter((grant) => grant.digest === digest && !hasExpired(grant, now))
  }

  /** All that is stored for a child, oldest first. */
  all(child: string): readonly OperatorGrant[] {
    const grants = [...this.#table.entries(prefixOf(child))].map(([, grant]) => grant)
    return grants.sort((a, b) => a.time - b.time || (wordsOf(a) < wordsOf(b) ? -1 : 1))
  }

  /** All that is stored. */
  everyChild(): readonly ChildGrant[] {
    return [...this.#table.entries()].map(([key, grant]) => ({ child: childOf(key), grant }))
  }

  /** Adds one. See {@link addAll}. */
  add(child: string, grant: OperatorGrant): Promise<void> {
    return this.addAll(child, [grant])
  }

  /**
   * Adds all of them, or none.
   *
   * @throws {BulkheadError} `grant-refused` when one is listed already, is over before it begins, or is one too many;
   *   `usage` for a field that is missing or too long.
   */
  async addAll(child: string, grants: readonly OperatorGrant[]): Promise<void> {
    for (const grant of grants) {
      checkShape(grant)
      if (hasExpired(grant, grant.time)) throw refused(child, grant, 'it would end before it begins')
    }
    await this.#store.transact(() => {
      for (const grant of grants) this.#put(child, grant)
    })
  }

  /** Removes what was granted in exactly these words, to whatever component. Whether there was any. */
  async remove(child: string, words: GrantWords): Promise<boolean> {
    return (await this.removeAll(child, [words])) > 0
  }

  /** Removes, in one change, what was granted in exactly these words. How many there were. */
  async removeAll(child: string, words: readonly GrantWords[]): Promise<number> {
    const meant = new Set(words.map(wordsOf))
    const removed = await this.#removeWhere(prefixOf(child), (grant) => meant.has(wordsOf(grant)))
    return removed.length
  }

  /** Removes what a child was granted as another component than it is now, and says what that was. */
  async removeOtherDigests(child: string, digest: Digest): Promise<readonly ChildGrant[]> {
    return this.#removeWhere(prefixOf(child), (grant) => grant.digest !== digest)
  }

  /** Removes what has expired, and says what that was. */
  async purgeExpired(now: number): Promise<readonly ChildGrant[]> {
    return this.#removeWhere('', (grant) => hasExpired(grant, now))
  }

  /** When the next grant expires: wall clock, milliseconds. */
  nextExpiry(): number | undefined {
    let next: number | undefined
    for (const { grant } of this.everyChild()) {
      if (grant.expiresAt !== undefined) next = Math.min(next ?? grant.expiresAt, grant.expiresAt)
    }
    return next
  }

  /** Inside a transaction. */
  #put(child: string, grant: OperatorGrant): void {
    const key = keyOf(child, grant)
    const present = this.#table.get(key)
    if (present !== undefined && !hasExpired(present, grant.time)) {
      throw refused(child, grant, 'it is granted already', `bulkhead revoke ${child} ${shellQuoted(wordsOf(grant))}`)
    }
    if (this.#isFull(child, grant.time)) {
      throw refused(child, grant, `a child has at most ${operatorGrantsPerChildMax} operator grants`, 'write a policy')
    }
    this.#table.put(key, grant)
  }

  /** Counting keys is cheap; who has expired is only asked where it matters. */
  #isFull(child: string, now: number): boolean {
    if (this.#table.keys({ prefix: prefixOf(child) }).length < operatorGrantsPerChildMax) return false
    return this.all(child).filter((grant) => !hasExpired(grant, now)).length >= operatorGrantsPerChildMax
  }

  async #removeWhere(prefix: string, isMeant: (grant: OperatorGrant) => boolean): Promise<readonly ChildGrant[]> {
    const meant = () => [...this.#table.entries(prefix)].filter(([, grant]) => isMeant(grant))
    // Most calls find nothing, and a transaction waits for the disk.
    if (meant().length === 0) return []
    return this.#store.transact(() =>
      meant().map(([key, grant]) => {
        this.#table.remove(key)
        return { child: childOf(key), grant }
      }),
    )
  }
}

function hasExpired({ expiresAt }: OperatorGrant, now: number): boolean {
  return expiresAt !== undefined && expiresAt <= now
}

function prefixOf(child: string): string {
  return `${parseChildId(child)}#`
}

function childOf(key: string): string {
  return key.slice(0, key.indexOf('#'))
}

/** Patterns may be longer than keys: the key holds their hash. */
function keyOf(child: string, { kind, action, pattern, digest }: OperatorGrant): string {
  const hash = createHash('sha256').update(JSON.stringify([kind, action, pattern, digest]))
  return prefixOf(child) + hash.digest('hex')
}

function wordsOf({ kind, action, pattern }: GrantWords): string {
  return `${kind}.${action}=${pattern}`
}

/** For a shell: whoever pastes a hint runs nothing but it. */
function shellQuoted(text: string): string {
  return `'${text.replaceAll("'", `'\\''`)}'`
}

function checkShape(grant: OperatorGrant): void {
  const result = shape.safeParse(grant)
  if (result.success) return
  const [issue] = result.error.issues
  const field = issue?.path.join('.') ?? ''
  throw new BulkheadError('usage', `an operator grant has a wrong \`${field}\`: ${issue?.message.toLowerCase() ?? ''}`)
}

function refused(child: string, grant: OperatorGrant, why: string, hint?: string): BulkheadError {
  return new BulkheadError('grant-refused', `\`${wordsOf(grant)}\` is not granted to \`${child}\`: ${why}`, {
    details: { child, kind: grant.kind, action: grant.action, pattern: grant.pattern },
    ...(hint === undefined ? {} : { hint }),
  })
}

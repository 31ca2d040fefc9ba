import type { Finding } from '@bulkhead/document'
import type { HttpInjection } from '@bulkhead/host-services'
import type { ChildSpec } from '@bulkhead/manifest'
import { BulkheadError, isFieldValue } from '@bulkhead/vocabulary'
import { secretsRememberedMax } from '../limits.js'
import { readSecret } from './read-secret.js'

/** What the host application gives: child → name → value. */
export type GivenSecrets = Readonly<Record<string, Readonly<Record<string, string>>>>

type SecretChild = Pick<ChildSpec, 'id' | 'config' | 'secrets' | 'injections'>

/**
 * The secrets of the children. Files are read when a value is wanted, so that a secret that was exchanged is the next
 * incarnation's. Of what was read the last values are remembered, for one purpose: to leave them out of what is kept of a
 * child's words, which may hold them when the file has another one already, or none.
 *
 * INVARIANT (apart): a value goes to the worker that may ask for it, and nowhere else; it is in no context, event, report,
 * record or message.
 */
export class SecretDesk {
  readonly #given: ReadonlyMap<string, ReadonlyMap<string, string>>
  /** By child: value → name, the latest last. */
  readonly #read = new Map<string, Map<string, string>>()

  constructor(given: GivenSecrets = {}) {
    this.#given = new Map(Object.entries(given).map(([child, values]) => [child, new Map(Object.entries(values))]))
  }

  /**
   * Looks whether each secret of a tree can be had, before anything starts.
   *
   * @returns what is wrong in the tree file.
   * @throws {BulkheadError} `usage` for what the host application gives to nobody, or to a name that is taken.
   */
  check(children: readonly SecretChild[], file: string): readonly Finding[] {
    for (const [child, values] of this.#given) {
      const spec = children.find(({ id }) => id === child)
      if (spec === undefined) throw new BulkheadError('usage', `there is no child \`${child}\` to give secrets to`)
      for (const name of values.keys()) refuseTaken(spec, name)
    }
    return children.flatMap((child) => [
      ...child.secrets.flatMap(({ name, file: from, at }) => {
        const fault = faultOf(() => readSecret(name, from))
        return fault === undefined ? [] : [{ file, ...at, message: fault.message, hint: fault.hint ?? '' }]
      }),
      ...child.injections.flatMap(({ secret, header, at }) => {
        const fault = this.#injectionFault(child, secret, header)
        return fault === undefined ? [] : [{ file, ...at, ...fault }]
      }),
    ])
  }

  #injectionFault(child: SecretChild, secret: string, header: string): Pick<Finding, 'message' | 'hint'> | undefined {
    const isNamed = child.secrets.some(({ name }) => name === secret)
    if (!isNamed && this.#given.get(child.id)?.has(secret) !== true) {
      return { message: `there is no secret \`${secret}\``, hint: `add \`${secret} = { file = "…" }\` to \`secrets\`` }
    }
    const read = child.secrets.filter(({ name }) => name === secret)
    // What cannot be read is told of where the secret stands.
    if (faultOf(() => read.map(({ name, file }) => readSecret(name, file))) !== undefined) return undefined
    if (isFieldValue(this.valueOf(child, secret) ?? '')) return undefined
    const message = `the secret \`${secret}\` cannot stand in the header \`${header}\``
    return { message, hint: 'a header has one line, of printable characters of Latin-1' }
  }

  has({ id, secrets }: SecretChild): boolean {
    return secrets.length > 0 || this.#given.has(id)
  }

  /**
   * What its worker is told: all but those that the host adds to its requests, which it need not hold.
   *
   * @throws {BulkheadError} `secret-unreadable`.
   */
  valuesOf({ id, secrets, injections }: SecretChild): readonly (readonly [name: string, value: string])[] {
    const isHeld = (name: string): boolean => injections.every(({ secret }) => secret !== name)
    const read = secrets
      .filter(({ name }) => isHeld(name))
      .map(({ name, file }) => [name, this.#readFor(id, name, file)] as const)
    return [...read, ...[...(this.#given.get(id) ?? [])].filter(([name]) => isHeld(name))]
  }

  /** What the host adds to its HTTP requests, as it is now. @throws {BulkheadError} `secret-unreadable`. */
  injectionsOf(child: SecretChild): readonly HttpInjection[] {
    return child.injections.map(({ origin, header, secret }) => {
      const value = this.valueOf(child, secret)
      if (value === undefined) throw new BulkheadError('secret-unreadable', `there is no secret \`${secret}\``)
      return { origin, header, value }
    })
  }

  /** Those that it has or had, and those that can be read now: what is to be left out of what is kept. */
  known({ id, secrets }: SecretChild): readonly (readonly [name: string, value: string])[] {
    for (const { name, file } of secrets) faultOf(() => this.#readFor(id, name, file))
    const read = [...(this.#read.get(id) ?? [])].map(([value, name]) => [name, value] as const)
    return [...read, ...(this.#given.get(id) ?? [])]
  }

  #readFor(child: string, name: string, file: string): string {
    const value = readSecret(name, file)
    const read = this.#read.get(child) ?? new Map<string, string>()
    read.delete(value)
    this.#read.set(child, read.set(value, name))
    const [oldest] = read.keys()
    if (oldest !== undefined && read.size > secretsRememberedMax) read.delete(oldest)
    return value
  }

  /** One of them, for what the host does in the child's place. @throws {BulkheadError} `secret-unreadable`. */
  valueOf({ id, secrets }: SecretChild, wanted: string): string | undefined {
    const written = secrets.find(({ name }) => name === wanted)
    return written === undefined ? this.#given.get(id)?.get(wanted) : this.#readFor(id, wanted, written.file)
  }
}

function refuseTaken({ id, config, secrets }: SecretChild, given: string): void {
  const isTaken = Object.hasOwn(config, given) || secrets.some(({ name }) => name === given)
  if (isTaken) throw new BulkheadError('usage', `the tree file gives \`${id}\` a \`${given}\` of its own`)
}

function faultOf(read: () => unknown): BulkheadError | undefined {
  try {
    read()
    return undefined
  } catch (thrown) {
    if (thrown instanceof BulkheadError) return thrown
    throw thrown
  }
}

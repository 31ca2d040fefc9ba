import type { Finding } from '@bulkhead/document'
import type { ChildSpec } from '@bulkhead/manifest'
import { BulkheadError } from '@bulkhead/vocabulary'
import { readSecret } from './read-secret.js'

/** What the host application gives: child → name → value. */
export type GivenSecrets = Readonly<Record<string, Readonly<Record<string, string>>>>

type SecretChild = Pick<ChildSpec, 'id' | 'config' | 'secrets'>

/**
 * The secrets of the children. Nothing of them is kept here but what the host application gave: files are read when a value
 * is wanted, so that a secret that was exchanged is the next incarnation's.
 *
 * INVARIANT (apart): a value goes to the worker that may ask for it, and nowhere else; it is in no context, event, report,
 * record or message.
 */
export class SecretDesk {
  readonly #given: ReadonlyMap<string, ReadonlyMap<string, string>>

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
    return children.flatMap(({ secrets }) =>
      secrets.flatMap(({ name, file: from, at: { line, column } }) => {
        const fault = faultOf(() => readSecret(name, from))
        return fault === undefined ? [] : [{ file, line, column, message: fault.message, hint: fault.hint ?? '' }]
      }),
    )
  }

  has({ id, secrets }: SecretChild): boolean {
    return secrets.length > 0 || this.#given.has(id)
  }

  /** @throws {BulkheadError} `secret-unreadable`. */
  valuesOf({ id, secrets }: SecretChild): readonly (readonly [name: string, value: string])[] {
    const read = secrets.map(({ name, file }) => [name, readSecret(name, file)] as const)
    return [...read, ...(this.#given.get(id) ?? [])]
  }

  /** Those of them that can be read now: what is to be left out of what is kept. */
  known({ id, secrets }: SecretChild): readonly (readonly [name: string, value: string])[] {
    const read = secrets.flatMap((one) => {
      try {
        return this.valuesOf({ id: '', config: {}, secrets: [one] })
      } catch {
        return []
      }
    })
    return [...read, ...(this.#given.get(id) ?? [])]
  }

  /** One of them, for what the host does in the child's place. @throws {BulkheadError} `secret-unreadable`. */
  valueOf({ id, secrets }: SecretChild, wanted: string): string | undefined {
    const written = secrets.find(({ name }) => name === wanted)
    return written === undefined ? this.#given.get(id)?.get(wanted) : readSecret(wanted, written.file)
  }
}

function refuseTaken({ id, config, secrets }: SecretChild, given: string): void {
  const isTaken = Object.hasOwn(config, given) || secrets.some(({ name }) => name === given)
  if (isTaken) throw new BulkheadError('usage', `the tree file gives \`${id}\` a \`${given}\` of its own`)
}

function faultOf(read: () => string): BulkheadError | undefined {
  try {
    read()
    return undefined
  } catch (thrown) {
    if (thrown instanceof BulkheadError) return thrown
    throw thrown
  }
}

// The rungs of the isolation ladder, as what an incarnation is made of: which build of the component, with which context, in
// which place.
//
// INVARIANT (same bytes): what runs on any rung has the digest that was judged. A build for another rung reads the file
// again; when it holds other bytes by now, nothing is started, and it counts as proof of hostility.

import { type Channel, openProcessChannel } from '@bulkhead/actor'
import type { ComponentBuilder, PortableComponent, PreparedComponent } from '@bulkhead/component'
import type { ContextReduction, SecurityContext } from '@bulkhead/security-context'
import { type ChildRun, reductionAt, type StartTerms } from '@bulkhead/supervisors'
import { BulkheadError } from '@bulkhead/vocabulary'
import type { LiveChild } from '../live-child.js'
import { hasScratch, type ScratchRooms } from '../scratch/scratch-rooms.js'
import { deferredRun, type Verdict } from './deferred-run.js'
import type { WallWatch } from './wall-watch.js'

/** One incarnation's place on the ladder. */
export type Rung = {
  readonly component: PreparedComponent
  readonly context: SecurityContext
  readonly reduction: ContextReduction | undefined
  /** A place of its own; `undefined`: a warm worker. */
  readonly channel: Channel | undefined
}

export type RungPowers = {
  readonly builder: ComponentBuilder
  readonly walls: WallWatch
  readonly scratch: ScratchRooms
  /** Host paths that a process does not see, whatever is mounted. */
  readonly hidden: readonly string[]
}

type Build = { readonly built: PortableComponent | PreparedComponent; readonly reduction: ContextReduction }

export class Rungs {
  readonly #powers: RungPowers
  /** The last build of each child for a rung above `thread`, by its id. */
  readonly #ready = new Map<string, { readonly memoryBytesMax: number; readonly component: PreparedComponent }>()

  constructor(powers: RungPowers) {
    this.#powers = powers
  }

  /**
   * Starts an incarnation on the rung that its terms name.
   *
   * @param mayRefuse whether `begin` may throw: then it does not begin, and that is the host's fault.
   */
  start(
    terms: StartTerms,
    live: LiveChild,
    file: string,
    begin: (rung: Rung) => ChildRun,
    mayRefuse = false,
  ): ChildRun {
    const reduction = reductionAt(terms)
    if (reduction.capabilities === 'all') return this.#startWhole(live, begin, mayRefuse)
    return deferredRun(
      () => this.#build(terms, live, file, reduction),
      (build) =>
        this.#furnished(live.contextFor(build.reduction), (context) => {
          const rung = this.#rung(build, context)
          try {
            return begin(rung)
          } catch (thrown) {
            // Nobody else knows of its process.
            rung.channel?.terminate()
            throw thrown
          }
        }),
      verdictOf,
    )
  }

  #startWhole(live: LiveChild, begin: (rung: Rung) => ChildRun, mayRefuse: boolean): ChildRun {
    const { component, context: whole } = live
    const start = (context: SecurityContext): ChildRun =>
      begin({ component, context, reduction: undefined, channel: undefined })
    if (!hasScratch(whole) && !mayRefuse) return start(whole)
    // Where no directory can be made it does not begin, and that is the host's fault.
    return deferredRun(
      async () => whole,
      (context) => this.#furnished(context, start),
      verdictOf,
    )
  }

  /** Begins with directories for what is scratch, which go when the end was seen. */
  #furnished(context: SecurityContext, begin: (context: SecurityContext) => ChildRun): ChildRun {
    const furnished = this.#powers.scratch.furnish(context)
    try {
      const run = begin(furnished.context)
      void run.exited.then(furnished.remove)
      return run
    } catch (thrown) {
      void furnished.remove()
      throw thrown
    }
  }

  /** The child's component with another cap of linear memory, which is part of what is compiled. */
  async fitting(live: LiveChild, file: string, memoryBytesMax: number): Promise<PreparedComponent> {
    if (live.memoryBytesMax === memoryBytesMax) return live.component
    const ready = this.#ready.get(live.id)
    if (ready?.memoryBytesMax === memoryBytesMax && ready.component.digest === live.component.digest) {
      return ready.component
    }
    const component = same(live, file, await this.#powers.builder.prepare({ file }, { memoryBytesMax }))
    this.#ready.set(live.id, { memoryBytesMax, component })
    return component
  }

  async #build({ level }: StartTerms, live: LiveChild, file: string, reduction: ContextReduction): Promise<Build> {
    await this.#powers.walls.known()
    const make = async (memoryBytesMax: number): Promise<Build['built']> => {
      if (level !== 'process') return this.fitting(live, file, memoryBytesMax)
      const portable = await this.#powers.builder.portable({ file }, { memoryBytesMax })
      same(live, file, portable.component)
      return portable
    }
    try {
      return { built: await make(Math.floor(live.memoryBytesMax / reduction.memoryDivisor)), reduction }
    } catch (thrown) {
      // It cannot even begin in so little: it keeps the memory that it was granted, and loses the rest.
      if (!(thrown instanceof BulkheadError) || thrown.code !== 'resource-limit-exceeded') throw thrown
      return { built: await make(live.memoryBytesMax), reduction: { ...reduction, memoryDivisor: 1 } }
    }
  }

  #rung({ built, reduction }: Build, context: SecurityContext): Rung {
    if (!('portable' in built)) return { component: built, context, reduction, channel: undefined }
    const { walls, hidden } = this.#powers
    const { component, portable } = built
    const channel = openProcessChannel({ executable: portable, context: context.worker, hidden, ...walls.process })
    return { component, context, reduction, channel }
  }
}

function same<Component extends PreparedComponent>(live: LiveChild, file: string, component: Component): Component {
  if (component.digest === live.component.digest) return component
  throw new BulkheadError('component-digest-mismatch', `\`${file}\` is no longer the file that \`${live.id}\` runs`, {
    details: { found: component.digest, expected: live.component.digest },
    hint: 'restart the tree',
  })
}

/** What it means that an incarnation cannot begin on its rung. */
function verdictOf(thrown: unknown): Verdict {
  if (!(thrown instanceof BulkheadError)) return { class: 'host', reason: String(thrown) }
  const { code, message: reason } = thrown
  switch (code) {
    case 'component-digest-mismatch':
      return { class: 'security', reason, hostility: 'digest-mismatch' }
    case 'platform-unsupported':
    case 'walls-missing':
      // Nothing of this host holds it on that rung, today or tomorrow: what it has left is the next one.
      return { class: 'resource', reason: `it cannot be held there: ${reason}` }
    default:
      return { class: 'host', reason }
  }
}

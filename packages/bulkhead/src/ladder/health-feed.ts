import { type HealthSource, healthSources, type Observation } from '@bulkhead/supervisors'

/** So many good observations in a row mend any source. */
const wellsThatMend = 3

/** Hands observations of health on: the good ones only for as long as they can change anything. */
export class HealthFeed {
  readonly #observe: (member: string, observation: Observation) => void
  /** By member and source: good observations since the last bad one. */
  readonly #wells = new Map<string, number>()

  constructor(observe: (member: string, observation: Observation) => void) {
    this.#observe = observe
  }

  /** @param reason why the member is not well; `undefined`: as far as this source goes it is. */
  tell(member: string, source: HealthSource, reason: string | undefined): void {
    const key = `${member} ${source}`
    if (reason !== undefined) {
      this.#wells.set(key, 0)
      this.#observe(member, { source, verdict: 'ill', reason })
      return
    }
    const wells = this.#wells.get(key)
    if (wells === undefined) return
    if (wells + 1 < wellsThatMend) this.#wells.set(key, wells + 1)
    else this.#wells.delete(key)
    this.#observe(member, { source, verdict: 'well' })
  }

  /** The member is gone, with its name. */
  forget(member: string): void {
    for (const source of healthSources) this.#wells.delete(`${member} ${source}`)
  }
}

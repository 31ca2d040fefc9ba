import { poolStemCharactersMax } from '../limits.js'

/** Names of new members: `<pool>-1`, `<pool>-2`, … None is given out twice. */
export class MemberNames {
  readonly #last = new Map<string, number>()

  next(pool: string, isTaken: (name: string) => boolean): string {
    const stem = pool.slice(0, poolStemCharactersMax)
    for (;;) {
      const count = (this.#last.get(pool) ?? 0) + 1
      this.#last.set(pool, count)
      const name = `${stem}-${count}`
      if (!isTaken(name)) return name
    }
  }
}

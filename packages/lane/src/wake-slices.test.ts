import { describe, expect, it } from 'vitest'
import { WakeSlices } from './wake-slices.js'

/** A promise that counts what is hung on it. */
class CountedPromise extends Promise<void> {
  hung = 0

  static override get [Symbol.species](): PromiseConstructor {
    return Promise
  }

  override then<One, Other>(...args: Parameters<Promise<void>['then']>): Promise<One | Other> {
    this.hung++
    return super.then(...args) as Promise<One | Other>
  }
}

describe('a wait in slices', () => {
  it('hangs one thing on a word that is never notified, however often it looks', async () => {
    const slices = new WakeSlices(1)
    const word = new CountedPromise(() => {})
    for (let slice = 0; slice < 50; slice++) await slices.pause(() => word, true)
    expect(word.hung).toBe(1)
  })

  it('ends when the word is notified, and waits for the next notification then', async () => {
    const slices = new WakeSlices(600_000)
    for (let round = 1; round <= 2; round++) {
      let notify = (): void => {}
      const word = new Promise<void>((resolve) => {
        notify = resolve
      })
      const paused = slices.pause(() => word, true)
      notify()
      await paused
    }
  })

  it('looks again where nothing can be waited for', async () => {
    await new WakeSlices(600_000).pause(() => undefined, true)
  })
})

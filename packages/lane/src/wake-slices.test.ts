import { describe, expect, it, vi } from 'vitest'
import { WakeSlices } from './wake-slices.js'

describe('a wait in slices', () => {
  it('hangs one thing on a word that is never notified, however often it looks', async () => {
    const slices = new WakeSlices(1)
    const word = new Promise<void>(() => {})
    // What is hung on a promise is nowhere to be seen but here.
    const hang = vi.spyOn(word, 'then')
    for (let slice = 0; slice < 50; slice++) await slices.pause(() => word, true)
    expect(hang).toHaveBeenCalledTimes(1)
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

import { expect, it } from 'vitest'
import { lookupsAtOnceMax } from '../limits.js'
import { Lookups } from './lookups.js'

it('gives each channel its turn, also beside so many as fill the resolver and always want more', async () => {
  const begun: string[] = []
  const answers: (() => void)[] = []
  const lookups = new Lookups((name) => {
    begun.push(name)
    return new Promise((resolve) => answers.push(() => resolve([])))
  })
  const greedy = Array.from({ length: lookupsAtOnceMax }, () => ({}))
  const ask = (channel: object, name: string): void => void lookups.find(channel, name)
  for (let round = 0; round < 4; round++) for (const channel of greedy) ask(channel, 'greedy')
  ask({}, 'modest')
  expect(begun).toEqual(greedy.map(() => 'greedy'))
  // Each of those before it has one turn more, and no second one.
  for (let count = 0; count <= lookupsAtOnceMax; count++) {
    answers.shift()?.()
    await new Promise((resolve) => setImmediate(resolve))
  }
  expect(begun).toContain('modest')
})

import { SimulatedClock } from '@bulkhead/vocabulary'
import { expect, it } from 'vitest'
import { lookUpMs, lookupsAtOnceMax } from '../limits.js'
import { Lookups } from './lookups.js'

it('gives each channel its turn, also beside so many as fill the resolver and always want more', async () => {
  const begun: string[] = []
  const answers: (() => void)[] = []
  const lookups = new Lookups((name) => {
    begun.push(name)
    return new Promise((resolve) => answers.push(() => resolve([])))
  }, new SimulatedClock())
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

it('gives up a name server that does not answer, and what has waited for its turn as long', async () => {
  const clock = new SimulatedClock()
  const begun: string[] = []
  const answers = new Map<string, (addresses: string[]) => void>()
  const lookups = new Lookups((name) => {
    begun.push(name)
    return new Promise((resolve) => answers.set(name, resolve))
  }, clock)
  const channel = {}
  const told: string[] = []
  const ask = (name: string): void => {
    lookups.find(channel, name).then(
      (addresses) => told.push(`${name}: ${addresses}`),
      (error) => told.push(`${name}: ${error.details.reason}, ${error.message}`),
    )
  }
  const turn = (): Promise<void> => new Promise((resolve) => setImmediate(resolve))
  ask('silent')
  clock.advance(1)
  ask('behind')
  clock.advance(lookUpMs - 1)
  await turn()
  expect(told).toEqual(['silent: resolver-busy, no answer after 30 s'])
  clock.advance(1)
  ask('later')
  // The resolver's own time is over only now.
  answers.get('silent')?.(['192.0.2.1'])
  await turn()
  answers.get('later')?.(['192.0.2.2'])
  await turn()
  clock.advance(lookUpMs)
  await turn()
  expect(begun).toEqual(['silent', 'later'])
  expect(told.slice(1)).toEqual(['behind: resolver-busy, no answer after 30 s', 'later: 192.0.2.2'])
})

import { expect, it } from 'vitest'
import type { SampleReport } from './api-types.js'
import type { Board } from './board.js'
import { samplesAtOnceMax, samplesKeptMax } from './limits.js'
import { PageFeed } from './page-feed.js'
import { Ring } from './ring.js'

it('tells samples in pieces, each of them once and in order', async () => {
  const samples = new Ring<SampleReport>(samplesKeptMax)
  for (let time = 1; time <= samplesKeptMax + 20; time += 1) samples.push({ time, children: [] })
  const board = { samples, denials: { last: 0 }, watch: () => () => {} } as unknown as Board
  const events = () => ({ next: () => new Promise(() => {}), return: async () => ({ done: true }) })
  const runtime = { events, health: () => ({ cursor: 'x-0' }) } as unknown as ConstructorParameters<typeof PageFeed>[0]
  const feed = new PageFeed(runtime, board, undefined, new AbortController().signal)
  const piece = async (): Promise<readonly number[]> => {
    const message = JSON.parse((await feed.next())?.data ?? '') as { readonly samples: readonly SampleReport[] }
    return message.samples.map(({ time }) => time)
  }
  const told: number[] = []
  for (let pieces = 0; pieces < samplesKeptMax / samplesAtOnceMax; pieces += 1) {
    const times = await piece()
    expect(times).toHaveLength(samplesAtOnceMax)
    told.push(...times)
  }
  expect(told).toEqual(Array.from({ length: samplesKeptMax }, (_, index) => index + 21))
  samples.push({ time: 1_000, children: [] })
  expect(await piece()).toEqual([1_000])
  feed.close()
})

it('tells events also while denials come without end', async () => {
  let last = 0
  const denials = {
    get last() {
      last += 1
      return last
    },
    after: () => [],
  }
  const board = { samples: new Ring<SampleReport>(1), denials, watch: () => () => {} } as unknown as Board
  let seq = 0
  const next = async () => ({ done: false, value: { kind: 'event', cursor: `x-${++seq}` } })
  const events = () => ({ next, return: async () => ({ done: true }) })
  const runtime = { events, health: () => ({ cursor: 'x-0' }) } as unknown as ConstructorParameters<typeof PageFeed>[0]
  const feed = new PageFeed(runtime, board, undefined, new AbortController().signal)
  const told: (string | undefined)[] = []
  for (let messages = 0; messages < 20; messages += 1) told.push((await feed.next())?.event)
  expect(told.filter((kind) => kind === 'event').length).toBeGreaterThan(4)
  expect(told.filter((kind) => kind === 'denials').length).toBeGreaterThan(4)
  feed.close()
})

import { expect, test } from 'vitest'
import type { Channel } from './channel.js'
import { openSharedChannel } from './shared-channel.js'
import { WarmSpares } from './warm-spares.js'

test('a spare is used once, and taken ones are replaced', async () => {
  const opened: Channel[] = []
  const spares = new WarmSpares(() => {
    const channel = openSharedChannel()
    opened.push(channel)
    return channel
  }, 1)
  expect(opened).toHaveLength(1)
  const taken = spares.take()
  expect(taken).toBe(opened[0])
  await expect.poll(() => opened.length).toBe(2)
  expect(spares.take()).toBe(opened[1])
  const cold = spares.take() // none is left: a new one is opened at once
  expect(cold).toBe(opened[2])
  await spares.close()
  for (const channel of opened) channel.terminate()
  await Promise.all(opened.map((channel) => channel.exited))
})

test('spares that die are replaced', async () => {
  let opened = 0
  const spares = new WarmSpares(() => {
    opened += 1
    return openSharedChannel()
  }, 1)
  spares.take().terminate()
  await expect.poll(() => opened).toBe(2)
  await spares.close()
})

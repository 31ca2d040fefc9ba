import { expect, test, vi } from 'vitest'
import { Emitter } from './emitter.js'

test('a listener that throws stops no other, and one that left hears nothing', async () => {
  const report = vi.spyOn(console, 'error').mockImplementation(() => {})
  const emitter = new Emitter<{ tick: number }>()
  const heard: number[] = []
  emitter.on('tick', () => {
    throw new Error('mine')
  })
  const leave = emitter.on('tick', (n) => heard.push(n))
  emitter.emit('tick', 1)
  leave()
  emitter.emit('tick', 2)
  await Promise.resolve()
  expect(heard).toEqual([1])
  expect(report).toHaveBeenCalledTimes(2)
  report.mockRestore()
})

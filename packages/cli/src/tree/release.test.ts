import { expect, it } from 'vitest'
import { runLive } from '../live.test.support.js'

it('releases a child, and says who was', async () => {
  const argv = ['release', 'workers', '--reason', 'mended']
  const { code, out, asked } = await runLive(argv, { release: { released: ['workers-1', 'workers-3'] } })
  expect(code).toBe(0)
  expect(asked).toEqual([{ command: 'release', input: { child: 'workers', reason: 'mended', author: 'ada' } }])
  expect(out).toBe('released workers-1\nreleased workers-3\n')
})

it('says when nothing was held against it, and exits with 1', async () => {
  const { code, out } = await runLive(['release', 'ingest', '--reason', 'mended'], { release: { released: [] } })
  expect({ code, out }).toEqual({ code: 1, out: 'nothing is held against `ingest`\n' })
})

it('wants a reason', async () => {
  const { code, error, asked } = await runLive(['release', 'ingest'])
  expect(code).toBe(2)
  expect(error).toContain('--reason')
  expect(asked).toEqual([])
})

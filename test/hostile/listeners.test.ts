import { afterAll, beforeAll, expect, it, vi } from 'vitest'
import { createTestRuntime, guestFile } from '../support/test-runtime.mjs'

let runtime: Awaited<ReturnType<typeof createTestRuntime>>

beforeAll(async () => {
  runtime = await createTestRuntime()
})
afterAll(() => runtime.stop())

it('a listener for denials that throws ends neither the run nor the process', async () => {
  const said = vi.spyOn(console, 'error').mockImplementation(() => {})
  const onDenied = vi.fn((): void => {
    throw new Error('a bug of the host application')
  })
  const { denied } = await runtime.exec(guestFile('sockets-connect'), { deadline: '30s', onDenied })
  expect(denied.map(({ kind, action }) => `${kind}.${action}`)).toContain('network.connect')
  expect(onDenied).toHaveBeenCalled()
  expect(said).toHaveBeenCalledWith('a listener of the runtime threw:', expect.any(Error))
})

import { expect, test } from 'vitest'
import { BulkheadError, Denial, errorFromWire, Fault, wireFromUnknown } from './errors.js'

test.each([BulkheadError, Denial, Fault])('an error crosses a border unchanged', (Kind) => {
  const error = new Kind('component-not-found', 'there is no `a.wasm`', { details: { path: 'a.wasm' }, hint: 'look' })
  const back = errorFromWire(structuredClone(error.toWire()))
  expect(back).toBeInstanceOf(Kind)
  expect(back).toMatchObject({
    code: 'component-not-found',
    message: error.message,
    details: { path: 'a.wasm' },
    hint: 'look',
  })
})

test('what is not ours is a fault', () => {
  expect(wireFromUnknown(new TypeError('x'))).toMatchObject({ family: 'fault', code: 'internal', message: 'x' })
  expect(wireFromUnknown('just text')).toMatchObject({ family: 'fault', message: 'just text' })
})

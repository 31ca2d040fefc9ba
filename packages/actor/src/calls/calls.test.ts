import type { ExportedFunction } from '@bulkhead/contracts'
import { describe, expect, it } from 'vitest'
import { answeredCall, decodeAnswer, encodeCall } from './call-record.js'
import { CallServer, functionsOf } from './call-server.js'

const add: ExportedFunction = {
  interface: 'acme:math/ops@1.0.0',
  name: 'add-up',
  params: [{ name: 'a', type: { kind: 'u32' } }],
  result: { kind: 'result', ok: { kind: 'u32' }, error: { kind: 'string' } },
}
const blob: ExportedFunction = { name: 'blob', params: [], result: { kind: 'list', element: { kind: 'u8' } } }
const take: ExportedFunction = {
  name: 'take',
  params: [{ name: 'r', type: { kind: 'own', interface: '', resource: 'r' } }],
}

/** Serves one call, and says how it was answered. */
function answerOf(
  called: ExportedFunction,
  args: readonly unknown[],
  served: readonly ExportedFunction[],
  ended?: Error,
) {
  const exports = {
    'acme:math/ops@1.0.0': {
      addUp: (a: number) => {
        if (a === 0) throw 'nothing to add'
        if (a === 1) throw new Error('a trap')
        return a + 1
      },
    },
    blob: () => new Uint8Array(2 * 1024 * 1024),
    take: () => {},
  }
  const answers: Uint8Array[] = []
  const server = new CallServer(functionsOf(exports, served), { ended: () => ended as never }, (answer) =>
    answers.push(answer),
  )
  server.serve(encodeCall(7, called, args))
  const [answer = new Uint8Array(0)] = answers
  expect(answeredCall(answer)).toBe(7)
  return decodeAnswer(answer, called)
}

describe('a call in a guest’s thread', () => {
  it('is answered with what the function returns, or throws as its `err`', () => {
    expect(answerOf(add, [4], [add])).toEqual({ kind: 'value', value: { tag: 'ok', val: 5 } })
    expect(answerOf(add, [0], [add])).toEqual({ kind: 'value', value: { tag: 'err', val: 'nothing to add' } })
  })

  it('ends with the guest where that traps, or was ended in the middle', () => {
    expect(() => answerOf(add, [1], [add])).toThrow('a trap')
    expect(() => answerOf(add, [4], [add], new Error('poisoned'))).toThrow('poisoned')
  })

  it('is refused where the component is another one by now', () => {
    const changed = { kind: 'refused', reason: 'changed' }
    expect(answerOf(add, [4], [blob])).toEqual(changed)
    expect(answerOf(add, [4], [{ ...add, params: [] }])).toEqual(changed)
    expect(answerOf(add, [4], [{ ...add, params: [{ name: 'a', type: { kind: 'string' } }] }])).toEqual(changed)
  })

  it('has no answer that is larger than any may be', () => {
    expect(answerOf(blob, [], [blob])).toEqual({ kind: 'refused', reason: 'too-large' })
  })

  it('reaches no function that takes a resource', () => {
    expect(functionsOf({ take: () => {} }, [take]).size).toBe(0)
    expect(functionsOf({}, [add, blob]).size).toBe(0)
  })
})

describe('an answer', () => {
  it('is one of its function, or none', () => {
    expect(() => decodeAnswer(Uint8Array.of(7, 0, 0, 0, 9), add)).toThrow()
    expect(() => decodeAnswer(Uint8Array.of(7, 0, 0, 0, 1, 1), add)).toThrow('bytes behind the last value')
    expect(() => answeredCall(Uint8Array.of(7))).toThrow('it ends in the middle')
  })
})

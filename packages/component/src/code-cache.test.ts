import { Script } from 'node:vm'
import { expect, test } from 'vitest'
import { produceCodeCache } from './code-cache.js'
import { glueFileName } from './glue-file-name.js'

test('the cache is accepted under the flags that actors run with, and holds functions that never ran', () => {
  const body = Array.from(
    { length: 50 },
    (_, index) => `function never${index}(a) { return a * ${index} + ${'a + '.repeat(20)}1 }`,
  )
  const names = body.map((_, index) => `never${index}`)
  const script = `(function () { ${body.join('\n')}\nreturn { ${names.join(', ')} } })`
  const cachedData = produceCodeCache(script)
  // One character more, so that V8 does not hand out what it has just compiled.
  const lazy = new Script(`${script} `, { filename: glueFileName }).createCachedData()
  const loaded = new Script(script, { filename: glueFileName, cachedData: Buffer.from(cachedData) })
  expect(loaded.cachedDataRejected).toBe(false)
  expect(cachedData.length).toBeGreaterThan(lazy.length * 2)
})

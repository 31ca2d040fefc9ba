import { createRequire } from 'node:module'
import { Worker } from 'node:worker_threads'
import { expect, test } from 'vitest'

// In a worker of its own: what this does to a realm cannot be undone.

const attempts = `
  const key = 'constr' + 'uctor'
  const samples = [() => 0, Math.max, class {}, async () => 0, function* () {}, async function* () {}]
  return samples.map((sample) => typeof sample[key])
`

function tryIn(script: string): Promise<readonly unknown[]> {
  const worker = new Worker(script, { eval: true })
  return new Promise((resolve, reject) => {
    worker.once('message', resolve)
    worker.once('error', reject)
  })
}

test('no value leads to what makes code', async () => {
  const post = `require('node:worker_threads').parentPort.postMessage((() => {${attempts}})())`
  expect(await tryIn(post), 'without it every one leads there').toEqual(Array(6).fill('function'))
  const file = createRequire(import.meta.url)
    .resolve('@bulkhead/actor')
    .replace(/index\.js$/, 'close-code-makers.js')
  const closed = `import(${JSON.stringify(file)}).then(({ closeCodeMakers }) => { closeCodeMakers(); ${post} })`
  expect(await tryIn(closed)).toEqual(Array(6).fill('undefined'))
})

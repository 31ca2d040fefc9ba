import fs from 'node:fs'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { createTestRuntime } from '../support/test-runtime.mjs'
import { parseExactJson } from './fs-case/exact-json.mjs'
import { type FsCase, runCase } from './fs-case/run-case.mjs'

type Runtime = Awaited<ReturnType<typeof createTestRuntime>>

// Each case is a setup on the host, what a guest then does by raw calls in a real actor, and what must hold afterwards.
// `fs-attacks.json` came with the project; `fs-more.json` has the specials (FIFOs, sockets, devices), hard links and the
// operations on handles, each denial beside its allowed neighbour.
const casesDirectory = new URL('./cases/', import.meta.url)

let runtime: Runtime
beforeAll(async () => {
  runtime = await createTestRuntime()
})
afterAll(() => runtime.stop())

for (const file of ['fs-attacks.json', 'fs-more.json']) {
  const cases = parseExactJson(fs.readFileSync(new URL(file, casesDirectory), 'utf8')) as FsCase[]
  describe(file, () => {
    it.each(cases.map((one) => [one.id, one.title, one] as const))('%s %s', async (_id, _title, one) => {
      const result = await runCase(one, runtime)
      expect({ ok: result.ok, got: result.got }).toEqual({ ok: true, got: result.got })
    })
  })
}

// Each case through a real guest: an operator in a real actor, a real network service, a fake resolver, servers on loopback.
import { mkdtempSync, readFileSync, realpathSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, beforeAll, expect, it } from 'vitest'
import { networkLab } from '../support/network-lab.mjs'
import { type Lab, type NetCase, runNetCase } from './net-case/run-net-case.mjs'

const file = new URL('./cases/net-attacks.json', import.meta.url)
const cases = JSON.parse(readFileSync(file, 'utf8')) as NetCase[]

const host = realpathSync(mkdtempSync(join(tmpdir(), 'bulkhead-network-')))
let lab: Lab
beforeAll(async () => {
  lab = await networkLab('thread', host)
})
afterAll(async () => {
  await lab.close()
  rmSync(host, { recursive: true })
})

it.each(cases.map((one) => [one.id, one.title, one] as const))('%s %s', async (_id, _title, one) => {
  const { ok, got, want } = await runNetCase(one, lab)
  expect({ ok, got, want }).toEqual({ ok: true, got, want })
})

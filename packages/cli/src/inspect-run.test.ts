import { mkdtempSync, readFileSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { createRuntime } from 'bulkhead'
import { expect, it, onTestFinished } from 'vitest'
import { humanRunLog } from './human-run-log.js'
import { prepareInspector } from './inspect-run.js'
import { jsonRunLog } from './json-run-log.js'
import { recorder } from './terminal.test.support.js'

it('shows the token to a person, and to no log', async () => {
  const state = mkdtempSync(join(tmpdir(), 'bulkhead-inspect-'))
  onTestFinished(() => rmSync(state, { recursive: true, force: true }))
  const runtime = await createRuntime({ state })
  onTestFinished(() => void runtime.stop())
  const token = readFileSync(join(state, 'admin.token'), 'utf8').trim()
  for (const isTerminal of [true, false]) {
    const { terminal, out } = recorder()
    const seen = { ...terminal, stdout: { ...terminal.stdout, isTerminal } }
    const open = await prepareInspector('127.0.0.1:0', humanRunLog(seen), seen)
    const inspector = await open(runtime)
    await inspector.close()
    expect(out()).toBe(`inspect ${isTerminal ? `${inspector.url}#token=${token}` : inspector.url}\n`)
  }
})

it('tells programs where it answers', () => {
  const { terminal, out } = recorder()
  jsonRunLog(terminal).inspecting('http://127.0.0.1:7070/')
  expect(JSON.parse(out())).toEqual({ record: 'inspecting', url: 'http://127.0.0.1:7070/' })
})

it('looks at the address before anything starts', async () => {
  const { terminal } = recorder()
  const log = humanRunLog(terminal)
  await expect(prepareInspector('nowhere', log, terminal)).rejects.toMatchObject({ code: 'usage' })
  await expect(prepareInspector(true, log, terminal)).resolves.toBeTypeOf('function')
})

// The example, as a process of its own that customers talk to.
import { type ChildProcess, spawn } from 'node:child_process'
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { BulkheadError, type ErrorCode, errorCodes } from 'bulkhead'
import { beforeAll, describe, expect, it, onTestFinished } from 'vitest'
import { buildExample } from '../../../docs/examples/plug-ins-over-http/build.mjs'
import { answerTo } from '../../../docs/examples/plug-ins-over-http/statuses.mjs'
import { root } from '../command.js'

const example = join(root, 'docs/examples/plug-ins-over-http')
const customers = [
  { name: 'acme', plan: 'large', token: 'token-of-acme' },
  { name: 'globex', plan: 'large', token: 'token-of-globex' },
]

beforeAll(() => buildExample(), 120_000)

function started(script: string, args: readonly string[] = []) {
  const child = spawn(process.execPath, [join(example, script), ...args], { stdio: ['ignore', 'pipe', 'pipe'] })
  let said = ''
  for (const stream of [child.stdout, child.stderr]) stream.setEncoding('utf8').on('data', (text) => (said += text))
  const ended = new Promise<number | null>((resolve) => child.once('close', resolve))
  onTestFinished(() => void child.kill('SIGKILL'))
  return { child: child as ChildProcess, said: () => said, ended }
}

function folder(): string {
  const made = mkdtempSync(join(tmpdir(), 'bulkhead-customers-'))
  onTestFinished(() => rmSync(made, { recursive: true, force: true }))
  writeFileSync(join(made, 'customers.json'), JSON.stringify(customers))
  return made
}

async function serve(where: string) {
  const server = started('server.mjs', [join(where, 'customers.json'), where, '0'])
  const address = (): string | undefined => /^listening on (\S+)$/m.exec(server.said())?.[1]
  await expect.poll(address, { timeout: 60_000 }).toBeDefined()
  const ask = async (path: string, init: RequestInit = {}, token = 'token-of-acme') => {
    const headers = { authorization: `Bearer ${token}` }
    const response = await fetch(`${address()}${path}`, { ...init, headers })
    return { status: response.status, text: await response.text() }
  }
  const upload = (name: string, body: RequestInit['body'] & {}) => ask(`/plug-ins/${name}`, { method: 'PUT', body })
  const transform = (name: string, body: string, init: RequestInit = {}, token?: string) =>
    ask(`/plug-ins/${name}/transform`, { method: 'POST', body, ...init }, token)
  const stop = async () => {
    server.child.kill('SIGTERM')
    return await server.ended
  }
  return { ...server, ask, upload, transform, stop }
}

const guest = (name: string): Uint8Array<ArrayBuffer> =>
  Uint8Array.from(readFileSync(join(example, `guests/${name}.wasm`)))

it('does what its README says', async () => {
  const { said, ended } = started('run.mjs')
  expect(await ended).toBe(0)
  const lines = said().split('\n')
  expect(lines).toEqual(
    expect.arrayContaining([
      'acme POST /plug-ins/shout/transform → 200 TEA! (use 2)',
      'globex POST /plug-ins/shout/transform → 200 HONEY! (use 1)',
      'globex POST /plug-ins/shout/transform → 422 {"error":"guest-error","message":"there is nothing to shout"}',
      '  server: denied   acme/nosy messaging.publish billing.refunds',
      'acme POST /plug-ins/nosy/transform → 422 {"error":"guest-error","message":"I was not allowed to send that"}',
      'globex POST /plug-ins/nosy/transform → 200 a refund, please',
      'acme PUT /plug-ins/nosy → 422 {"error":"document-invalid","message":"the file is not WebAssembly"}',
      'acme PUT /plug-ins/nosy → 422 {"error":"document-invalid","message":"3 children are too many"}',
      'acme POST /plug-ins/endless/transform → 504 {"error":"call-timeout","message":"`transform` of `acme/endless` did not answer within 2 s"}',
      'mallory GET /plug-ins → 401 {"error":"unauthorized"}',
      'globex GET /readyz → 200 ok',
      '  server: stopped',
    ]),
  )
  expect(said()).not.toContain('denied   globex')
}, 120_000)

describe('the service', () => {
  it('keeps its plug-ins, and what they know, over a restart', async () => {
    const where = folder()
    const first = await serve(where)
    // At once: none of the uploads is made of a tree that lacks another one.
    const names = ['shout', 'shout-2', 'shout-3']
    const uploaded = await Promise.all(names.map((name) => first.upload(name, guest('shout'))))
    expect(uploaded.map(({ status }) => status)).toEqual([204, 204, 204])
    expect(await first.transform('shout', 'tea')).toEqual({ status: 200, text: 'TEA! (use 1)' })
    expect(await first.ask('/plug-ins/shout-2', { method: 'DELETE' })).toMatchObject({ status: 204 })
    expect(await first.stop()).toBe(0)

    const second = await serve(where)
    const { text } = await second.ask('/plug-ins')
    expect(JSON.parse(text).map(({ name }: { name: string }) => name)).toEqual(['shout', 'shout-3'])
    expect(await second.transform('shout', 'tea')).toEqual({ status: 200, text: 'TEA! (use 2)' })
    expect(await second.transform('shout-3', 'tea')).toEqual({ status: 200, text: 'TEA! (use 1)' })
    for (const name of ['shout', 'shout-3']) await second.ask(`/plug-ins/${name}`, { method: 'DELETE' })
    expect(await second.ask('/plug-ins')).toEqual({ status: 200, text: '[]' })
    expect(await second.stop()).toBe(0)
    expect(second.said()).toMatch(/stopped\n$/)
  }, 180_000)

  it('lets nobody at what is not theirs, and takes nothing that is too long', async () => {
    const { ask, upload, transform, stop } = await serve(folder())
    expect(await upload('shout', guest('shout'))).toMatchObject({ status: 204 })
    expect(await transform('shout', 'tea', {}, 'token-of-globex')).toEqual({
      status: 404,
      text: '{"error":"not-found"}',
    })
    expect(await ask('/plug-ins/shout', { method: 'DELETE' }, 'token-of-globex')).toMatchObject({ status: 204 })
    expect(await transform('shout', 'tea')).toMatchObject({ status: 200 })
    expect(await ask('/plug-ins', {}, '')).toMatchObject({ status: 401 })
    expect(await transform('..%2Fglobex', 'tea')).toMatchObject({ status: 400 })
    expect(await upload('No_Name', guest('shout'))).toMatchObject({ status: 400 })
    expect(await transform('shout', 'x'.repeat(65 * 1024))).toMatchObject({ status: 413 })
    expect(await ask('/elsewhere')).toMatchObject({ status: 404 })
    expect(await ask('/livez')).toEqual({ status: 200, text: 'ok' })
    expect(await stop()).toBe(0)
  }, 120_000)

  it('gives up a call whose customer hangs up', async () => {
    const { ask, upload, transform, said, stop } = await serve(folder())
    expect(await upload('endless', guest('endless'))).toMatchObject({ status: 204 })
    const hangUp = async (): Promise<string> => {
      const controller = new AbortController()
      const call = transform('endless', 'soon', { signal: controller.signal }).catch(() => {})
      await expect.poll(async () => (await ask('/plug-ins')).text, { timeout: 20_000 }).toContain('"running"')
      controller.abort()
      await call
      return said()
    }
    await expect.poll(hangUp, { timeout: 90_000, interval: 500 }).toContain('hung up  acme endless')
    await stop()
  }, 180_000)
})

describe('the answer to an error', () => {
  const answer = (code: ErrorCode) => answerTo(new BulkheadError(code, 'a message'), 'acme')

  it('is never that of a fault of ours with its words', () => {
    for (const code of Object.keys(errorCodes) as ErrorCode[]) {
      const { status, body } = answer(code)
      expect([400, 403, 422, 429, 500, 502, 503, 504]).toContain(status)
      if (status === 500) expect(body).toEqual({ error: code })
    }
    expect(answerTo(new Error('a secret'), 'acme')).toEqual({ status: 500, body: { error: 'internal' } })
  })

  it.each([
    ['mailbox-overloaded', 429],
    ['resource-limit-exceeded', 429],
    ['call-timeout', 504],
    ['guest-trap', 502],
    ['actor-not-running', 503],
    ['component-invalid', 422],
    ['component-quarantined', 403],
    ['internal', 500],
  ] as const)('%s is %d', (code, status) => {
    expect(answer(code).status).toBe(status)
  })
})

// Components that send HTTP requests, in a tree: what they are allowed, what is added for them, and what becomes of both.

import { mkdirSync, mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { createServer, type IncomingMessage, type Server, type ServerResponse } from 'node:http'
import type { AddressInfo } from 'node:net'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import type { HealthEvent, Runtime } from 'bulkhead'
import { afterEach, expect, it, onTestFinished } from 'vitest'
import { pinned } from '../../support/pinned.mjs'
import { createTestRuntime, guestFile } from '../../support/test-runtime.mjs'
import { until } from './serve-tree.js'

const servers: Server[] = []
afterEach(() => {
  for (const server of servers.splice(0)) {
    server.closeAllConnections()
    server.close()
  }
})

/** A server on loopback; its port. */
async function serve(answer: (request: IncomingMessage, response: ServerResponse) => void): Promise<number> {
  const server = createServer(answer)
  servers.push(server)
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve))
  return (server.address() as AddressInfo).port
}

type Fetcher = {
  readonly runtime: Runtime
  readonly folder: string
  readonly events: HealthEvent[]
  readonly denied: string[]
  readonly lines: () => readonly string[]
  /** Until it has done all that its arguments say. */
  readonly done: () => Promise<readonly string[]>
}

async function startFetcher(
  args: readonly string[],
  allowed: readonly string[],
  entry = '',
  files: Readonly<Record<string, string>> = {},
): Promise<Fetcher> {
  const folder = mkdtempSync(join(tmpdir(), 'bulkhead-fetch-'))
  mkdirSync(join(folder, 'state'), { mode: 0o700 })
  const component = guestFile('http-fetcher')
  const manifest = `[component]\nid = "fetcher"\nversion = "1.0.0"\n\n[capabilities]\nnetwork.connect = ${JSON.stringify(allowed)}\n`
  writeFileSync(join(folder, 'fetcher.component.toml'), manifest)
  for (const [name, text] of Object.entries(files)) writeFileSync(join(folder, name), text, { mode: 0o600 })
  const child = [
    ...['state = "state"', '[children.fetcher]', `component = ${JSON.stringify(component)}`],
    ...['manifest = "fetcher.component.toml"', pinned(component, manifest)],
    ...[`args = ${JSON.stringify(['fetcher', ...args])}`, entry],
  ]
  writeFileSync(join(folder, 'bulkhead.toml'), child.join('\n'))
  const events: HealthEvent[] = []
  const denied: string[] = []
  let output = ''
  const runtime = await createTestRuntime({
    tree: join(folder, 'bulkhead.toml'),
    onHealth: (event) => events.push(event),
    onOutput: ({ chunk }) => {
      output += Buffer.from(chunk).toString('utf8')
    },
    onDenied: (one) => denied.push(`${one.action} ${one.resource}`),
  })
  onTestFinished(async () => {
    await runtime.stop()
    rmSync(folder, { recursive: true, force: true })
  })
  const lines = (): readonly string[] => output.split('\n').filter((line) => line !== '')
  return {
    ...{ runtime, folder, events, denied, lines },
    done: async () => {
      await until(() => events.some(({ type }) => type === 'child.stopped'), 'the end of the fetcher')
      return lines()
    },
  }
}

it('a component fetches from the one domain that it is allowed, and from no other', async () => {
  const asked: string[] = []
  const port = await serve((request, response) => {
    asked.push(`${request.method} ${request.url} ${request.headers['x-from']}`)
    response.setHeader('trailer', 'x-end')
    if (request.url === '/moved') response.writeHead(302, { location: '/elsewhere' })
    request.on('data', (bytes) => response.write(bytes))
    request.on('end', () => {
      response.addTrailers({ 'x-end': 'yes' })
      response.end('.')
    })
  })
  const other = await serve((_, response) => response.end('other'))
  const at = `http://localhost:${port}`
  const fetcher = await startFetcher(
    [`${at}/hello`, 'POST', `${at}/sent`, 'x'.repeat(10_000), `${at}/moved`, `http://localhost:${other}/`],
    [at, `http://127.0.0.1:${port}`],
  )
  expect(await fetcher.done()).toEqual([
    `${at}/hello  200 . x-end=yes`,
    `${at}/sent  200 ${'x'.repeat(10_000)}. x-end=yes`,
    `${at}/moved  302 to /elsewhere . x-end=yes`,
    `http://localhost:${other}/  HTTP-request-denied`,
  ])
  expect(asked).toEqual(['GET /hello a component', 'POST /sent a component', 'GET /moved a component'])
  expect(fetcher.denied).toEqual([`connect http://localhost:${other}`])
})

it('a name that leads to a special address opens it only with a rule for the address', async () => {
  const port = await serve((_, response) => response.end('inner'))
  const at = `http://localhost:${port}/`
  const fetcher = await startFetcher([at], [`http://localhost:${port}`])
  expect(await fetcher.done()).toEqual([`${at}  HTTP-request-denied`])
  expect(fetcher.denied).toEqual([expect.stringMatching(/^connect http:\/\/(127\.0\.0\.1|\[[0:]+1\]):\d+$/)])
})

it('the host adds a secret to requests for one origin; the component and all that is kept of it never hold it', async () => {
  const secret = 'Bearer hunter2-hunter2'
  const seen: (string | undefined)[] = []
  const note = (request: IncomingMessage, response: ServerResponse): void => {
    seen.push(`${request.headers.authorization} ${request.headers['x-from']}`)
    response.end('fine')
  }
  const [first, second, third] = [await serve(note), await serve(note), await serve(note)]
  const at = (port: number): string => `http://127.0.0.1:${port}`
  const fetcher = await startFetcher(
    [first, second, third].map((port) => `${at(port)}/`),
    [first, second, third].map(at),
    `secrets = { API_KEY = { file = "key" }, FROM = { file = "from" } }
http.inject."${at(first)}" = { header = "Authorization", secret = "API_KEY" }
http.inject."${at(second)}" = { header = "x-from", secret = "FROM" }`,
    { key: `${secret}\n`, from: 'the-host-itself' },
  )
  expect(await fetcher.done()).toEqual([first, second, third].map((port) => `${at(port)}/  200 fine`))
  expect(seen).toEqual([`${secret} a component`, 'undefined the-host-itself', 'undefined a component'])
  const told = JSON.stringify([fetcher.events, fetcher.denied, fetcher.lines(), fetcher.runtime.children()])
  await fetcher.runtime.stop()
  const kept = readdirSync(join(fetcher.folder, 'state'), { recursive: true, withFileTypes: true })
    .filter((one) => one.isFile())
    .map((one) => readFileSync(join(one.parentPath, one.name)).toString('latin1'))
  expect(kept.length).toBeGreaterThan(0)
  for (const text of [told, ...kept]) expect(text).not.toMatch(/hunter2|the-host-itself/)
})

it('a secret that there is not is an error of the tree, with its line', async () => {
  const start = startFetcher([], ['http://a.test'], 'http.inject."http://a.test" = { header = "a", secret = "NONE" }')
  await expect(start).rejects.toMatchObject({
    findings: [{ line: 7, message: 'there is no secret `NONE`' }],
  })
})

it('a request that waits is over when its grant is taken back', async () => {
  let isAsked = false
  const port = await serve(() => {
    isAsked = true
  })
  const granted = await startFetcher([`http://127.0.0.1:${port}/late`], [`http://127.0.0.1:${port}`])
  await until(() => isAsked, 'the request')
  await granted.runtime.revoke('fetcher', `network.connect=http://127.0.0.1:${port}`)
  expect(await granted.done()).toEqual([`http://127.0.0.1:${port}/late  HTTP-request-denied`])
})

it('more requests than the quota of a child are refused', async () => {
  let reached = 0
  const port = await serve((_, response) => {
    reached++
    response.end('fine')
  })
  const at = `http://127.0.0.1:${port}`
  const fetcher = await startFetcher([`${at}/1`, `${at}/2`], [at], 'quotas = { requests = "1/h" }')
  expect(await fetcher.done()).toEqual([`${at}/1  200 fine`, `${at}/2  internal-error`])
  expect(reached).toBe(1)
})

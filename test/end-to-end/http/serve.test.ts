// A tree that answers HTTP: real guests, real sockets.

import { readFileSync } from 'node:fs'
import { Agent } from 'node:http'
import { join } from 'node:path'
import { describe, expect, it } from 'vitest'
import { hold, serviceEntry, startServiceTree, until } from './serve-tree.js'

describe('a service', () => {
  it('answers what it is asked', async () => {
    const { ask, events, port } = await startServiceTree()
    expect(events.some(({ type, child }) => type === 'child.ready' && child === 'web')).toBe(true)
    const answer = await ask('/hello')
    expect(answer).toMatchObject({ status: 200, text: `hello from 127.0.0.1:${port}\n` })
    expect(answer.headers['content-type']).toBe('text/plain')
    expect((await ask('/count')).text).toBe('2')
    expect((await ask('/count')).text).toBe('3')
  })

  it('is given method, path, host and fields of the request, and nothing that is about the connection', async () => {
    const { ask, port } = await startServiceTree()
    const headers = {
      ...{ 'X-Own': 'one', 'x-secret': 'two', connection: 'x-secret, close', te: 'trailers' },
      ...{ 'proxy-authorization': 'Basic x', 'x-forwarded-for': '10.0.0.1', forwarded: 'for=10.0.0.1' },
    }
    const { text } = await ask('/head?a=b%20c', { method: 'PATCH', headers, body: 'four' })
    const head = JSON.parse(text)
    expect(head).toMatchObject({
      ...{ method: 'patch', path: '/head?a=b%20c', scheme: 'HTTP', authority: `127.0.0.1:${port}` },
    })
    expect(head.fields).toEqual([
      ['x-own', 'one'],
      ['content-length', '4'],
      ['x-forwarded-for', '127.0.0.1'],
      ['x-forwarded-proto', 'http'],
    ])
  })

  it('chooses its status', async () => {
    const { ask } = await startServiceTree()
    for (const status of [200, 201, 404, 418, 503, 599]) {
      expect(await ask(`/status?${status}`)).toMatchObject({ status, headers: { 'x-asked': String(status) } })
    }
  })

  it('has no body where HTTP has none', async () => {
    const { ask } = await startServiceTree()
    const agent = new Agent({ keepAlive: true, maxSockets: 1 })
    expect(await ask('/status?204', { agent })).toMatchObject({ status: 204, text: '' })
    expect(await ask('/status?304', { agent })).toMatchObject({ status: 304, text: '' })
    expect(await ask('/hello', { method: 'HEAD', agent })).toMatchObject({ status: 200, text: '' })
    // On the same connection: nothing of a body was sent that is now taken for the next response.
    expect(await ask('/count', { agent })).toMatchObject({ status: 200, text: '4' })
    agent.destroy()
  })

  it('reads the trailers of a request and sends its own', async () => {
    const { port } = await startServiceTree()
    const { exchangeRaw } = await import('./serve-tree.js')
    const got = await exchangeRaw(
      port,
      'POST /trailers HTTP/1.1\r\nHost: a\r\nConnection: close\r\nTransfer-Encoding: chunked\r\nTrailer: x-check\r\n\r\n' +
        '4\r\nbody\r\n0\r\nX-Check: yes\r\nX-Forwarded-For: b\r\n\r\n',
    )
    expect(got).toContain('x-check=yes')
    expect(got).not.toContain('x-forwarded-for')
    expect(got).toMatch(/0\r\nx-sum: 42\r\n\r\n$/)
  })

  it('may answer before it has read what it was sent', async () => {
    const { ask, lines } = await startServiceTree()
    const body = new Uint8Array(300_000)
    expect(await ask('/late', { method: 'POST', body })).toMatchObject({ status: 200, text: 'first' })
    await until(() => lines().includes('late 300000'))
  })

  it('answers a hundred connections that stay open, each request its own answer', async () => {
    const { ask } = await startServiceTree({ entry: 'instances = 2' })
    const agents = Array.from({ length: 100 }, () => new Agent({ keepAlive: true, maxSockets: 1 }))
    for (let round = 0; round < 2; round++) {
      const answers = await Promise.all(
        agents.map((agent, index) => ask('/echo', { method: 'POST', body: `${round}-${index}`, agent })),
      )
      expect(answers.map(({ text }) => text)).toEqual(agents.map((_, index) => `${round}-${index}`))
    }
    for (const agent of agents) agent.destroy()
  })

  it('is as good as gone without an answer, and goes on', async () => {
    const { ask } = await startServiceTree()
    expect(await ask('/silent')).toMatchObject({ status: 500 })
    expect(await ask('/error')).toMatchObject({ status: 500 })
    await expect(ask('/half')).rejects.toThrow()
    expect((await ask('/count')).text).toBe('4')
  })
})

describe('what ends a service', () => {
  it('costs its client the answer, and nobody else', async () => {
    const { ask, events } = await startServiceTree()
    expect(await ask('/trap')).toMatchObject({ status: 502, text: '502 Bad Gateway\n' })
    await until(() => events.some(({ type }) => type === 'child.restarted'))
    expect(await ask('/count')).toMatchObject({ status: 200, text: '1' })
    await expect(ask('/trap-late')).rejects.toThrow()
    await until(async () => (await ask('/count')).status === 200)
  })

  it('loses what it had in hand, and not what waited', async () => {
    const { ask } = await startServiceTree()
    const trapped = ask('/trap')
    const waiting = await Promise.all(Array.from({ length: 20 }, () => ask('/hello')))
    expect((await trapped).status).toBe(502)
    expect(waiting.map(({ status }) => status)).toEqual(waiting.map(() => 200))
  })

  it('is its deadline: 504', async () => {
    const { ask, events } = await startServiceTree({ entry: 'deadline = "300ms"' })
    expect(await ask('/spin')).toMatchObject({ status: 504 })
    await until(() => events.some(({ type, reason }) => type === 'child.exited' && /deadline/.test(reason ?? '')))
  })

  it('never hands the same request to two, also where messages are', async () => {
    const { ask, runtime } = await startServiceTree({ entry: 'delivery = "redeliver"' })
    expect((await ask('/trap')).status).toBe(502)
    await until(async () => (await ask('/count')).text === '1')
    expect(runtime.deadLetters.list()).toEqual([])
  })
})

describe('who answers', () => {
  it('is chosen by host and path', async () => {
    const http = 'routes = { "/**" = "web", "/api/**" = "api", "/api/v2" = "web", "api.test/**" = "api" }'
    const { ask, runtime } = await startServiceTree({ http, more: serviceEntry('api') })
    const servedBy = async (path: string, host?: string) => {
      const before = runtime.httpCounters('api').served
      await ask(path, host === undefined ? {} : { headers: { host } })
      return runtime.httpCounters('api').served > before ? 'api' : 'web'
    }
    expect(await servedBy('/')).toBe('web')
    expect(await servedBy('/api')).toBe('api')
    expect(await servedBy('/api/x?y')).toBe('api')
    expect(await servedBy('/%61pi/x')).toBe('api')
    expect(await servedBy('/apis')).toBe('web')
    expect(await servedBy('/api/v2')).toBe('web')
    expect(await servedBy('/api/v2/x')).toBe('api')
    expect(await servedBy('/', 'API.test:80')).toBe('api')
    expect(await servedBy('/', 'www.api.test')).toBe('web')
  })

  it('is nobody where no route leads', async () => {
    const { ask } = await startServiceTree({ http: 'routes = { "/only" = "web" }' })
    expect((await ask('/only')).status).toBe(200)
    expect((await ask('/only/')).status).toBe(404)
    expect((await ask('/')).status).toBe(404)
  })

  it('is one of a pool, and while one is busy another', async () => {
    const { ask, runtime } = await startServiceTree({ entry: 'instances = 3' })
    const slow = Promise.all([ask('/sleep?400'), ask('/sleep?400')])
    await Promise.all(Array.from({ length: 30 }, () => ask('/hello')))
    await slow
    const served = ['web-1', 'web-2', 'web-3'].map((member) => runtime.httpCounters(member).served)
    expect(served.every((count) => count > 0)).toBe(true)
    expect(served.reduce((sum, count) => sum + count, 0)).toBe(32)
  })

  it('is a fresh instance each time, where a life is a call', async () => {
    const { ask } = await startServiceTree({ entry: 'lifetime = "call"' })
    for (let round = 0; round < 3; round++) expect(await ask('/count')).toMatchObject({ status: 200, text: '1' })
  })

  it('is woken where it sleeps', async () => {
    const { ask, events } = await startServiceTree({ entry: 'lifetime = "idle 50ms"' })
    const dormant = () => events.filter(({ type }) => type === 'child.dormant').length
    await until(() => dormant() > 0)
    expect(await ask('/count')).toMatchObject({ status: 200, text: '1' })
    await until(() => dormant() > 1)
    expect(await ask('/count')).toMatchObject({ status: 200, text: '1' })
  })
})

describe('when it cannot be answered', () => {
  it('says so at once: there is no room', async () => {
    const tree = await startServiceTree({ entry: 'deadline = "120s"' })
    const { ask, events, runtime } = tree
    const release = await hold(tree)
    const field = 'x'.repeat(12_000)
    const asked = Array.from({ length: 400 }, () => ask('/hello', { headers: { 'x-large': field } }))
    await until(() => runtime.httpCounters('web').refused > 0)
    expect(await release()).toMatch(/^HTTP\/1\.1 200 /)
    const answers = await Promise.all(asked)
    const refused = answers.filter(({ status }) => status === 503)
    expect(refused.length).toBeGreaterThan(0)
    expect(refused[0]?.headers['retry-after']).toBe('1')
    expect(answers.every(({ status }) => status === 503 || status === 200)).toBe(true)
    expect(events.some(({ type, child }) => type === 'mailbox.overloaded' && child === 'web')).toBe(true)
  })

  it('says so at once: nobody runs', async () => {
    const { ask, runtime } = await startServiceTree()
    await runtime.terminateChild('root', 'web')
    const answer = await ask('/hello')
    expect(answer).toMatchObject({ status: 503, headers: { 'retry-after': '10' } })
    await runtime.restartChild('root', 'web')
    expect((await ask('/hello')).status).toBe(200)
  })
})

describe('a tree file', () => {
  it('cannot route to who answers no requests', async () => {
    const { createTestRuntime, guestFile } = await import('../../support/test-runtime.mjs')
    const { mkdtempSync, rmSync, writeFileSync } = await import('node:fs')
    const { tmpdir } = await import('node:os')
    const folder = mkdtempSync(join(tmpdir(), 'bulkhead-http-'))
    const file = join(folder, 'bulkhead.toml')
    const component = guestFile('messages-echo')
    writeFileSync(
      file,
      `[http]\nlisten = "127.0.0.1:0"\nroutes = { "/**" = "echo" }\n[children.echo]\ncomponent = ${JSON.stringify(component)}\n`,
    )
    await expect(createTestRuntime({ tree: file })).rejects.toThrow(/bulkhead\.toml:3:\d+: .*answers no HTTP requests/)
    rmSync(folder, { recursive: true })
  })

  it('may listen on a Unix socket, which is not everybody’s, and believes a proxy there', async () => {
    const { folder, runtime } = await startServiceTree({ http: 'listen = "./http.sock"' })
    const { request } = await import('node:http')
    const { statSync } = await import('node:fs')
    const socketPath = join(folder, 'http.sock')
    expect(runtime.http).toEqual({ listen: socketPath })
    expect(statSync(socketPath).mode & 0o007).toBe(0)
    const text = await new Promise<string>((resolve, reject) => {
      const headers = { host: 'example.test', 'x-forwarded-for': '10.0.0.1' }
      const sent = request({ socketPath, path: '/head', headers }, async (response) => {
        let all = ''
        for await (const piece of response) all += piece
        resolve(all)
      })
      sent.on('error', reject)
      sent.end()
    })
    expect(JSON.parse(text).fields).toContainEqual(['x-forwarded-for', '10.0.0.1'])
    expect(readFileSync(join(folder, 'bulkhead.toml'), 'utf8')).toContain('http.sock')
  })
})

// What strangers send to the inspector, byte by byte: each refusal beside its allowed neighbour.

import { connect, type Socket } from 'node:net'
import { expect, it, onTestFinished } from 'vitest'
import { inspected, stranger } from '../../end-to-end/inspector/inspected-tree.js'

/** Sends bytes as they are; resolves with all that comes until the server closes. */
function raw(url: string, head: string | Buffer, onOpen?: (socket: Socket) => void): Promise<string> {
  const { hostname, port } = new URL(url)
  return new Promise((resolve) => {
    const socket = connect({ host: hostname, port: Number(port) })
    let told = ''
    socket.setEncoding('latin1').on('data', (chunk: string) => {
      told += chunk
    })
    socket.on('error', () => {})
    socket.on('close', () => resolve(told))
    socket.on('connect', () => {
      socket.write(head)
      onOpen?.(socket)
    })
    onTestFinished(() => void socket.destroy())
  })
}

const chunk = (bytes: number): string => `${bytes.toString(16)}\r\n${'x'.repeat(bytes)}\r\n`
const statusOf = (answer: string): number => Number(/^HTTP\/1\.1 (\d+)/.exec(answer)?.[1] ?? 0)

/** One request with these fields, and no other. */
const asked = (line: string, fields: readonly string[], body = ''): string =>
  [line, ...fields, 'Connection: close', '', body].join('\r\n')

it('answers only to names that it knows', async () => {
  const { url } = await inspected({ stranger }, { hosts: ['ops.example.com'] })
  const { port } = new URL(url)
  const status = async (host: string): Promise<number> =>
    statusOf(await raw(url, asked('GET /readyz HTTP/1.1', [`Host: ${host}`])))
  for (const host of [
    `127.0.0.1:${port}`,
    'localhost',
    'LOCALHOST:1',
    '[::1]:80',
    '10.1.2.3',
    'ops.example.com',
    'OPS.example.com.:443',
  ])
    expect(await status(host), host).toBe(200)
  for (const host of [
    'evil.example',
    'localhost.evil.example',
    'notlocalhost',
    '127.0.0.1.evil.example',
    '127.0.0.1.nip.io',
    'x.ops.example.com',
    '0x7f.1',
    '2130706433',
    '::1',
    '[127.0.0.1]',
    'localhost:80:80',
    'user@localhost',
    'localhost, localhost',
    '',
    'localhost%2eevil.example',
  ])
    expect([400, 421], host).toContain(await status(host))
})

it('takes each field that decides something at most once, and paths only as they are', async () => {
  const { url, token } = await inspected()
  const ok = 'Host: localhost'
  const get = async (line: string, ...fields: string[]): Promise<number> =>
    statusOf(await raw(url, asked(line, fields)))
  expect(await get('GET /api/tree HTTP/1.1', ok)).toBe(200)
  expect(await get('GET /api/tree HTTP/1.1', ok, 'Host: localhost')).toBe(400)
  expect(await get('GET /api/tree HTTP/1.1', ok, 'Origin: http://localhost', 'Origin: http://localhost')).toBe(400)
  const bearer = `Authorization: Bearer ${token}`
  expect(await get('GET /api/tree HTTP/1.1', ok, bearer, bearer)).toBe(400)
  expect(await get('GET /api/tree HTTP/1.1')).toBe(400)
  expect(await get('GET /api/tree HTTP/1.0')).toBe(400)
  expect(await get('GET /api/tree HTTP/1.0', ok)).toBe(200)
  for (const path of [
    '//api/tree',
    '/api//tree',
    '/api/tree/',
    '/api/./tree',
    '/api/x/../tree',
    '/..',
    '/../../etc/passwd',
    '/api%2ftree',
    '/api/%74ree',
    '/%2e%2e/etc/passwd',
    '/api\\tree',
    'http://localhost/api/tree',
    'http://evil.example/api/tree',
    '*',
    '/api/tree;x=1',
    '/api/tree%00',
    '/api/tree#x',
    '/api/tree?a="b"',
    '/api/tree?\x80',
  ])
    expect(await get(`GET ${path} HTTP/1.1`, ok), path).toBe(400)
  for (const path of [
    '/api/tree/x',
    '/API/tree',
    '/api',
    '/index.html/x',
    '/package.json',
    '/api/children/a/b/c',
    '/__proto__',
    '/api/children/constructor',
  ])
    expect(await get(`GET ${path} HTTP/1.1`, ok), path).toBe(404)
  expect(await get('CONNECT localhost:80 HTTP/1.1', ok)).not.toBe(200)
  expect(await get('GET /livez HTTP/1.1', ok, 'Upgrade: websocket', 'Connection: Upgrade')).toBe(200)
})

it('knows methods, and says which', async () => {
  const { get, order } = await inspected()
  const head = await get('/livez', { method: 'HEAD' })
  expect([head.status, await head.text()]).toEqual([200, ''])
  const authorization = (await order('/x', {})).status
  expect(authorization).toBe(404)
  // Who only asks without the token is not told what there is.
  expect((await get('/api/tree', { method: 'OPTIONS' })).status).toBe(401)
  for (const method of ['OPTIONS', 'PUT', 'DELETE', 'PATCH', 'PROPFIND']) {
    const { status, headers } = await order('/api/tree', {}, { method, body: null })
    expect([status, headers.get('allow')], method).toEqual([405, 'GET, HEAD'])
    expect(headers.get('access-control-allow-origin')).toBeNull()
  }
  const wrong = await order('/api/reviews/stranger/approve', {}, { method: 'PUT', body: null })
  expect(wrong.headers.get('allow')).toContain('POST')
})

it('lets no stream begin for who asks only for its head', async () => {
  const { get } = await inspected()
  for (let round = 0; round < 120; round++) expect((await get('/events', { method: 'HEAD' })).status).toBe(200)
  const stream = await get('/events')
  expect(stream.status).toBe(200)
  await stream.body?.cancel()
})

it('changes nothing without the token, whole and once', async () => {
  const { get, token, session } = await inspected()
  const body = '{}'
  const type = { 'content-type': 'application/json' }
  const post = (headers: Record<string, string>, path = '/api/children/stranger/stop'): Promise<Response> =>
    get(path, { method: 'POST', body, headers: { ...type, ...headers } })
  const wrong = [
    '',
    'Bearer',
    'Bearer ',
    `Bearer ${token.slice(1)}`,
    `Bearer ${token}x`,
    `Bearer ${token.toUpperCase()}`,
    `Basic ${token}`,
    token,
    `Bearer ${token} ${token}`,
    `Bearer ${'x'.repeat(10_000)}`,
  ]
  for (const authorization of wrong) {
    const { status, headers } = await post({ authorization })
    expect([status, headers.get('www-authenticate')], authorization).toEqual([401, 'Bearer realm="bulkhead"'])
  }
  expect((await post({})).status).toBe(401)
  expect((await post({}, `/api/children/stranger/stop?token=${token}`)).status).toBe(401)
  expect((await post({ cookie: `token=${token}` })).status).toBe(401)
  expect(session.state('stranger')).toBe('waiting')
  expect((await post({ authorization: `Bearer ${token}` })).status).toBe(200)
  expect(session.state('stranger')).toBe('stopped')
})

it('takes no order that a page of another origin could send', async () => {
  const { get, token, session, url } = await inspected()
  const authorization = `Bearer ${token}`
  const order = (headers: Record<string, string>, body = '{}'): Promise<string> =>
    raw(
      url,
      asked(
        'POST /api/children/stranger/stop HTTP/1.1',
        [
          ...Object.entries({
            Host: 'localhost:7',
            Authorization: authorization,
            'Content-Length': String(Buffer.byteLength(body)),
            ...headers,
          }),
        ].map(([name, value]) => `${name}: ${value}`),
        body,
      ),
    )
  const json = { 'Content-Type': 'application/json' }
  for (const type of [
    'text/plain',
    'application/x-www-form-urlencoded',
    'multipart/form-data; boundary=x',
    'application/jsonx',
    'text/plain; application/json',
    'application/json; charset=utf-16',
    '',
  ])
    expect(statusOf(await order({ 'Content-Type': type })), type).toBe(415)
  expect(statusOf(await order({ ...json, 'Content-Encoding': 'gzip' }))).toBe(415)
  for (const origin of [
    'null',
    'http://evil.example',
    'http://localhost',
    'http://localhost:8',
    'http://localhost.evil:7',
    'http://evil@localhost:7',
    'http://localhost:7/',
    'file://',
    'http://localhost:7 http://evil.example',
    'ftp://localhost:7',
  ])
    expect(statusOf(await order({ ...json, Origin: origin })), origin).toBe(403)
  for (const site of ['cross-site', 'same-site', 'nonsense', ''])
    expect(statusOf(await order({ ...json, 'Sec-Fetch-Site': site })), site).toBe(403)
  // Neither may look, from there.
  expect((await get('/api/tree', { headers: { origin: 'http://evil.example' } })).status).toBe(403)
  expect((await get('/events', { headers: { 'sec-fetch-site': 'cross-site' } })).status).toBe(403)
  expect(session.state('stranger')).toBe('waiting')
  const own = { ...json, Origin: 'http://LOCALHOST:7', 'Sec-Fetch-Site': 'same-origin' }
  expect(statusOf(await order(own))).toBe(200)
})

it('takes no more of a body than an order needs, and believes none that is not one', async () => {
  const { order, url, token } = await inspected()
  const path = '/api/reviews/stranger/deny'
  const broken = [
    '',
    '{',
    'null',
    '[]',
    '"x"',
    '{"fingerprint":1}',
    '{"fingerprint":"a","reason":"b","more":1}',
    '{"fingerprint":"a","reason":"two\\nlines"}',
    '{"fingerprint":"a","reason":"\\u001b[2J"}',
    `{"fingerprint":"a","reason":"${'x'.repeat(1_001)}"}`,
    '{"__proto__":{"reason":"x"}}',
    '\ufeff{}',
    '['.repeat(60_000),
  ]
  for (const body of broken) expect((await order(path, {}, { body })).status, body.slice(0, 50)).toBe(400)
  const large = JSON.stringify({ fingerprint: 'a', reason: 'x'.repeat(65_536) })
  expect((await order(path, {}, { body: large })).status).toBe(413)
  const fields = ['Host: localhost', `Authorization: Bearer ${token}`, 'Content-Type: application/json']
  const chunked = asked(
    `POST ${path} HTTP/1.1`,
    [...fields, 'Transfer-Encoding: chunked'],
    `${chunk(0x8000)}${chunk(0x8001)}0\r\n\r\n`,
  )
  expect(statusOf(await raw(url, chunked))).toBe(413)
  const small = '1\r\n{\r\n1\r\n}\r\n0\r\n\r\n'
  const pieces = asked('POST /api/children/stranger/stop HTTP/1.1', [...fields, 'Transfer-Encoding: chunked'], small)
  expect(statusOf(await raw(url, pieces))).toBe(200)
  // Two lengths, or a length and chunks: which of them is the body?
  for (const more of [
    ['Content-Length: 2', 'Content-Length: 3'],
    ['Content-Length: 2', 'Transfer-Encoding: chunked'],
  ])
    expect(statusOf(await raw(url, asked(`POST ${path} HTTP/1.1`, [...fields, ...more], '{}\r\n')))).toBe(400)
})

it('refuses heads that are too large, and lets go of clients that take too long', async () => {
  const { url, get } = await inspected()
  const large = await raw(url, asked('GET /livez HTTP/1.1', ['Host: localhost', `X: ${'x'.repeat(17_000)}`]))
  expect(statusOf(large)).toBe(431)
  const nothing = raw(url, '')
  const half = raw(url, 'GET /livez HTTP/1.1\r\nHost: localhost\r\n')
  const drips = raw(url, 'GET /livez HTTP/1.1\r\nHost: localhost\r\n', (socket) => {
    const timer = setInterval(() => socket.write('X: y\r\n'), 500)
    socket.on('close', () => clearInterval(timer))
  })
  // All three end by the server's own clock; a fourth is served meanwhile.
  expect((await get('/livez')).status).toBe(200)
  expect(statusOf(await half)).toBe(408)
  expect(statusOf(await drips)).toBe(408)
  await nothing
})

it('gives a slow body up', async () => {
  const { url, token } = await inspected()
  const fields = [
    'Host: localhost',
    `Authorization: Bearer ${token}`,
    'Content-Type: application/json',
    'Content-Length: 60000',
  ]
  const told = await raw(url, `${['POST /api/children/stranger/stop HTTP/1.1', ...fields].join('\r\n')}\r\n\r\n{`)
  expect(statusOf(told)).not.toBe(200)
})

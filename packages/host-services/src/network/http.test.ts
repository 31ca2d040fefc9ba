import { createServer, type IncomingMessage, type ServerResponse } from 'node:http'
import { createServer as createTls } from 'node:https'
import { createServer as createRaw, type Server, type Socket } from 'node:net'
import { afterAll, afterEach, beforeAll, describe, expect, it } from 'vitest'
import { testCertificate, testKey } from './certificate.test.support.js'
import { failure, listening, type NetworkLab, networkTable, openNetworkLab } from './network.test.support.js'

const dns = {
  'api.test': [['127.0.0.1']],
  'b.test': [['127.0.0.1']],
  'two.test': [['127.0.0.9', '127.0.0.1']],
  'secure.test': [['127.0.0.1']],
  'other.test': [['127.0.0.1']],
  'none.test': [[]],
  'slow.test': ['late' as const],
}
let lab: NetworkLab
const servers: Server[] = []
const sockets = new Set<Socket>()
beforeAll(async () => {
  lab = await openNetworkLab({ dns, authorities: [testCertificate] })
})
afterAll(() => lab.service.close())
afterEach(() => {
  for (const socket of sockets) socket.destroy()
  for (const server of servers.splice(0)) server.close()
})

function track(server: Server): Promise<number> {
  servers.push(server)
  server.on('connection', (socket: Socket) => {
    sockets.add(socket)
    socket.on('error', () => undefined)
    socket.on('close', () => sockets.delete(socket))
  })
  return listening(server)
}

const serve = (answer: (request: IncomingMessage, response: ServerResponse) => void): Promise<number> =>
  track(createServer(answer))
/** Does the same for whoever connects and says something. */
const serveRaw = (onRequest: (socket: Socket) => void): Promise<number> =>
  track(createRaw((socket) => socket.once('data', () => onRequest(socket))))

describe('an exchange', () => {
  it('goes to a granted name, spelled one way; request and response go through whole', async () => {
    const heads: (readonly [string | undefined, string | undefined, readonly string[]])[] = []
    const port = await serve((request, response) => {
      heads.push([request.method, request.url, request.rawHeaders])
      response.setHeader('x-two', ['1', '2'])
      response.setHeader('trailer', 'x-end')
      request.on('end', () => {
        response.addTrailers({ 'x-end': 'yes' })
        response.end()
      })
      request.on('data', (bytes) => response.write(bytes))
    })
    const guest = lab.guest({ connect: [`http://api.test:${port}`] })
    const fields = [
      ['X-One', 'a'],
      ['x-latin', 'é'],
    ] as const
    const handle = await guest.start(`http://API.Test.:${port}/path?q=1`, { method: 'PUT', body: 'stream', fields })
    const sent = Buffer.alloc(60_000, 'xyz')
    await guest.writeAll(handle, sent)
    await guest.ask((client) => client.shutdown(handle))
    expect(await failure(guest.ask((client) => client.write(handle, sent)))).toBe('failed: invalid-state')
    const response = await guest.until({ handle, for: 'response' }, (client) => client.response(handle))
    expect(response.status).toBe(200)
    expect(response.fields.filter(([name]) => name === 'x-two')).toEqual([
      ['x-two', '1'],
      ['x-two', '2'],
    ])
    expect((await guest.readAll(handle)).equals(sent)).toBe(true)
    expect(await guest.ask((client) => client.trailers(handle))).toEqual([['x-end', 'yes']])
    const [method, url, raw] = heads[0] ?? []
    expect([method, url]).toEqual(['PUT', '/path?q=1'])
    expect(raw?.slice(0, 2)).toEqual(['host', `api.test:${port}`])
    expect(raw?.join('\n')).toContain('X-One\na\nx-latin\n')
    expect(raw?.filter((name) => name.toLowerCase() === 'host')).toHaveLength(1)
  })

  it('follows no redirect: that is another request, decided of its own', async () => {
    let other = 0
    const target = await serve((_, response) => {
      other++
      response.end()
    })
    const port = await serve((_, response) =>
      response.writeHead(302, { location: `http://api.test:${target}/` }).end('moved'),
    )
    const guest = lab.guest({ connect: [`http://api.test:${port}`] })
    expect(await guest.get(`http://api.test:${port}/`)).toBe('302 moved')
    expect(await failure(guest.get(`http://api.test:${target}/`))).toBe('network-access-denied')
    expect(other).toBe(0)
  })

  it('tries the addresses of a name one after the other', async () => {
    const port = await serve((_, response) => response.end('here'))
    const guest = lab.guest({ connect: [`http://two.test:${port}`] })
    expect(await guest.get(`http://two.test:${port}/`)).toBe('200 here')
    const denying = lab.guest({ connect: [`http://two.test:${port}`], deny: ['127.0.0.1:*'] })
    expect(await failure(denying.get(`http://two.test:${port}/`))).toBe('failed: connection-refused')
  })

  it('uses a connection again for the same origin of the same actor, and for no other', async () => {
    const ports = new Set<number | undefined>()
    const port = await serve((request, response) => {
      ports.add(request.socket.remotePort)
      response.end(request.headers.host)
    })
    const guest = lab.guest({ connect: [`http://*.test:${port}`] })
    for (let count = 0; count < 3; count++)
      expect(await guest.get(`http://api.test:${port}/`)).toBe(`200 api.test:${port}`)
    expect(ports.size).toBe(1)
    expect(await guest.get(`http://b.test:${port}/`)).toBe(`200 b.test:${port}`)
    expect(ports.size).toBe(2)
    const other = lab.guest({ connect: [`http://api.test:${port}`] })
    await other.get(`http://api.test:${port}/`)
    expect(ports.size).toBe(3)
    // What waits is not used when the rules have moved, and a new one is not made.
    await guest.port.updateTable(networkTable({ connect: [`http://b.test:${port}`] }, 2))
    expect(await failure(guest.get(`http://api.test:${port}/`))).toBe('network-access-denied')
    expect(await guest.get(`http://b.test:${port}/`)).toBe(`200 b.test:${port}`)
  })

  it('ends when the rules move, before its response and in the middle of it', async () => {
    const port = await serve((request, response) => {
      if (request.url === '/late') return
      response.write('begun')
    })
    for (const path of ['/late', '/long']) {
      const guest = lab.guest({ connect: [`http://api.test:${port}`] })
      const handle = await guest.start(`http://api.test:${port}${path}`)
      if (path === '/long') expect(Buffer.from((await guest.read(handle)) as Uint8Array).toString()).toBe('begun')
      const waiting = guest.ask((client) => client.poll([{ handle, for: 'read' }]))
      await guest.port.updateTable(networkTable({}, 2))
      expect(await waiting).toEqual([0])
      expect(await failure(guest.read(handle))).toBe('network-access-denied')
    }
  })

  it('is bounded by its actor’s requests, exactly', async () => {
    let reached = 0
    const port = await serve((_, response) => {
      reached++
      response.end()
    })
    const guest = lab.guest(
      { connect: [`http://api.test:${port}`] },
      { requests: { rate: { amount: 20, perMs: 3_600_000 }, burst: 20 } },
    )
    const outcomes: string[] = []
    for (let count = 0; count < 30; count++) outcomes.push(await failure(guest.get(`http://api.test:${port}/`)))
    expect(outcomes.filter((outcome) => outcome === 'nothing')).toHaveLength(20)
    expect(outcomes.at(-1)).toBe('resource-limit-exceeded')
    expect(reached).toBe(20)
    // Whoever was refused has used all of it, once for each time that somebody looks.
    expect(guest.port.spent().requests).toEqual({ used: 1, limit: 1 })
    expect(guest.port.spent().requests).not.toEqual({ used: 1, limit: 1 })
    guest.port.changeRequests({ rate: { amount: 0, perMs: 1_000 } })
    expect(await failure(guest.get(`http://api.test:${port}/`))).toBe('resource-limit-exceeded')
  })

  it('is secured for the name that was granted, by an authority that is believed', async () => {
    const names: unknown[] = []
    const secure = createTls({ cert: testCertificate, key: testKey }, (request, response) => {
      names.push((request.socket as { servername?: unknown }).servername)
      response.end('secret')
    })
    const port = await track(secure)
    const guest = lab.guest({ connect: [`https://*.test:${port}`, '127.0.0.1:*'] })
    expect(await guest.get(`https://secure.test:${port}/`)).toBe('200 secret')
    expect(names).toEqual(['secure.test'])
    expect(await failure(guest.get(`https://other.test:${port}/`))).toBe('failed: tls-failed')
    expect(await failure(guest.get(`https://127.0.0.1:${port}/`))).toBe('failed: tls-failed')
    expect(await failure(guest.get(`http://secure.test:${port}/`))).toBe('network-access-denied')
    const plain = await serve((_, response) => response.end())
    const wide = lab.guest({ connect: ['https://secure.test:*'] })
    expect(await failure(wide.get(`https://secure.test:${plain}/`))).toMatch(
      /failed: (tls-failed|protocol-error|connection-reset|unknown)/,
    )
  })
})

describe('what a guest may not send', () => {
  const heads = [
    ...[
      'Host',
      'connection',
      'Transfer-Encoding',
      'upgrade',
      'Proxy-Authorization',
      'proxy-x',
      'keep-alive',
      'Expect',
      'TE',
    ].map((name) => ({ fields: [[name, 'x']] as const })),
    ...['a b', '', 'a:', 'a\r\nb', 'ä', 'a\0'].map((name) => ({ fields: [[name, 'x']] as const })),
    ...['x\r\nInjected: 1', 'x\ny', 'x\0', '\x7f', '\u0100'].map((value) => ({ fields: [['x', value]] as const })),
    ...['GET / HTTP/1.1\r\nX: 1\r\n', '', 'G T', 'CONNECT', 'connect'].map((method) => ({ method })),
  ]
  it.each(heads.map((head) => [JSON.stringify(head), head] as const))('%s', async (_name, head) => {
    let reached = 0
    const port = await track(createRaw(() => reached++))
    const guest = lab.guest({ connect: [`http://api.test:${port}`] })
    expect(await failure(guest.start(`http://api.test:${port}/`, head))).toBe('failed: invalid-argument')
    expect(await failure(guest.startUnchecked(`http://api.test:${port}/`, head))).toBe('failed: invalid-argument')
    expect(reached).toBe(0)
  })

  it('is more than 128 fields, or 64 KiB of them; so many are sent', async () => {
    const port = await serve((request, response) => response.end(String(request.rawHeaders.length)))
    const guest = lab.guest({ connect: [`http://api.test:${port}`] })
    const many = (count: number, size = 1) =>
      Array.from({ length: count }, (_, index) => [`x-${index}`, 'v'.repeat(size)] as const)
    expect(await failure(guest.start(`http://api.test:${port}/`, { fields: many(129) }))).toBe(
      'resource-limit-exceeded',
    )
    expect(await failure(guest.start(`http://api.test:${port}/`, { fields: many(2, 40_000) }))).toBe(
      'resource-limit-exceeded',
    )
    expect(await guest.get(`http://api.test:${port}/`, { fields: many(128) })).toMatch(/^200 2\d\d$/)
  })

  it.each([
    'user@api.test:$P',
    'api.test:$P@evil.test',
    'api.test%20:$P',
    'api.test:$P?@b',
    '0x7f.1:$P',
    '2130706433:$P',
    '127.1:$P',
    'api.test:65979',
    'api.test:0',
    'api.test:',
    '',
    '[::1',
    'api.test:$P#x',
    'evil.test\\@api.test:$P',
  ])('is an authority like %s', async (authority) => {
    const port = await serve((_, response) => response.end())
    const guest = lab.guest({ connect: ['*:*'] })
    const written = authority.replace('$P', String(port))
    expect(await failure(guest.start('http://x/', { authority: written }))).toBe('failed: invalid-argument')
  })

  it.each(['x', '', '/a b', '/a\r\nX: 1', '//\n', '/ä'])('is a path like %j', async (path) => {
    const guest = lab.guest({ connect: ['*:*'] })
    expect(await failure(guest.start('http://api.test/', { path }))).toBe('failed: invalid-argument')
    expect(await failure(guest.startUnchecked('http://api.test/', { path }))).toBe('failed: invalid-argument')
  })
})

describe('a server that means no good', () => {
  const raw: readonly (readonly [string, string, string | RegExp])[] = [
    ['no HTTP', 'hello\r\n\r\n', 'failed: protocol-error'],
    ['a reset', '', 'failed: connection-reset'],
    ['endless headers', `HTTP/1.1 200 OK\r\n${'x: y\r\n'.repeat(40_000)}`, 'failed: protocol-error'],
    ['many headers', `HTTP/1.1 200 OK\r\n${'x: y\r\n'.repeat(2_000)}\r\n`, 'resource-limit-exceeded'],
    ['one long header', `HTTP/1.1 200 OK\r\nx: ${'y'.repeat(100_000)}\r\n\r\n`, 'failed: protocol-error'],
    ['two lengths', 'HTTP/1.1 200 OK\r\ncontent-length: 1\r\ncontent-length: 2\r\n\r\nab', 'failed: protocol-error'],
    [
      'length and chunks',
      'HTTP/1.1 200 OK\r\ncontent-length: 1\r\ntransfer-encoding: chunked\r\n\r\n0\r\n\r\n',
      'failed: protocol-error',
    ],
    [
      'less than it said',
      'HTTP/1.1 200 OK\r\ncontent-length: 10\r\n\r\nab',
      /failed: (connection-reset|protocol-error)/,
    ],
    ['a chunk that is none', 'HTTP/1.1 200 OK\r\ntransfer-encoding: chunked\r\n\r\nzz\r\n', 'failed: protocol-error'],
    ['an upgrade', 'HTTP/1.1 101 Switching\r\nupgrade: x\r\nconnection: upgrade\r\n\r\n', /failed: /],
  ]
  it.each(raw)('%s', async (_name, bytes, expected) => {
    const port = await serveRaw((socket) => socket.end(bytes))
    const guest = lab.guest({ connect: [`http://api.test:${port}`] })
    expect(await failure(guest.get(`http://api.test:${port}/`))).toMatch(expected)
    // And the service goes on.
    const good = await serve((_, response) => response.end('good'))
    expect(await lab.guest({ connect: [`http://api.test:${good}`] }).get(`http://api.test:${good}/`)).toBe('200 good')
  })

  it('that never stops is stopped at the bound', async () => {
    const port = await serve((_, response) => {
      const more = (): void => {
        while (response.write(Buffer.alloc(16_384))) if (response.destroyed) return
        response.once('drain', more)
      }
      more()
    })
    const guest = lab.guest({ connect: [`http://api.test:${port}`] }, { responseBytesMax: 1_000_000 })
    expect(await failure(guest.get(`http://api.test:${port}/`))).toBe('resource-limit-exceeded')
    const exact = await serve((_, response) => response.end(Buffer.alloc(1_000_000)))
    const fits = lab.guest({ connect: [`http://api.test:${exact}`] }, { responseBytesMax: 1_000_000 })
    expect((await fits.get(`http://api.test:${exact}/`)).length).toBe(1_000_004)
  })

  it('that is slow is waited for as long as the guest said, and no longer', async () => {
    const port = await serve((request, response) => {
      if (request.url === '/body') response.write('begun')
    })
    const guest = lab.guest({ connect: [`http://*.test:${port}`] })
    expect(await failure(guest.get(`http://api.test:${port}/head`, { firstByteMs: 200 }))).toBe('failed: timeout')
    expect(await failure(guest.get(`http://api.test:${port}/body`, { betweenBytesMs: 200 }))).toBe('failed: timeout')
    expect(await failure(guest.get(`http://none.test:${port}/`))).toBe('failed: name-unresolvable')
    const waiting = await guest.start(`http://slow.test:${port}/`)
    expect(await guest.ask((client) => client.response(waiting))).toBeUndefined()
    expect(await failure(guest.ask((client) => client.read(waiting, 1)))).toBe('failed: invalid-state')
    await guest.ask((client) => client.close(waiting))
  })
})

it('connections that wait count, and those whose guest has closed them in the middle do not', async () => {
  const port = await serve((_, response) => response.write('begun'))
  const guest = lab.guest({ connect: [`http://api.test:${port}`] }, { connectionsMax: 2 })
  for (let count = 0; count < 5; count++) {
    const handle = await guest.start(`http://api.test:${port}/`)
    await guest.read(handle)
    await guest.ask((client) => client.close(handle))
    await new Promise((resolve) => setTimeout(resolve, 20))
  }
  const [one, two] = [await guest.start(`http://api.test:${port}/`), await guest.start(`http://api.test:${port}/`)]
  await guest.read(one)
  await guest.read(two)
  expect(await failure(guest.get(`http://api.test:${port}/`))).toBe('resource-limit-exceeded')
})

it('no proxy of the environment is asked', async () => {
  let proxied = 0
  const proxy = await serve((_, response) => {
    proxied++
    response.end('proxied')
  })
  const port = await serve((_, response) => response.end('direct'))
  const before = { ...process.env }
  for (const name of ['HTTP_PROXY', 'http_proxy', 'ALL_PROXY', 'NODE_USE_ENV_PROXY'])
    process.env[name] = `http://127.0.0.1:${proxy}`
  const fresh = await openNetworkLab({ dns })
  process.env = before
  expect(await fresh.guest({ connect: [`http://api.test:${port}`] }).get(`http://api.test:${port}/`)).toBe('200 direct')
  expect(proxied).toBe(0)
  await fresh.service.close()
})

import { createServer, type IncomingMessage, type Server } from 'node:http'
import { afterAll, beforeAll, expect, it } from 'vitest'
import { checkInjections } from './http-injection.js'
import { failure, listening, type NetworkLab, openNetworkLab } from './network.test.support.js'

let lab: NetworkLab
const servers: Server[] = []
const heads: IncomingMessage['rawHeaders'][] = []
let port: number
beforeAll(async () => {
  lab = await openNetworkLab({ dns: { 'api.test': [['127.0.0.1']], 'b.test': [['127.0.0.1']] } })
  const server = createServer((request, response) => {
    heads.push(request.rawHeaders)
    if (request.url === '/moved') response.writeHead(302, { location: `http://b.test:${port}/` })
    response.end()
  })
  servers.push(server)
  port = await listening(server)
})
afterAll(async () => {
  for (const server of servers) server.close()
  await lab.service.close()
})

const key = { header: 'Authorization', value: 'Bearer s3cret' }
const lastHead = (): string => (heads.at(-1) ?? []).join('\n')

it('adds a header field to requests for one origin, however it is spelled, instead of the guest’s own', async () => {
  const guest = lab.guest(
    { connect: [`http://*.test:${port}`, `http://127.0.0.1:${port}`] },
    { inject: [{ origin: `http://API.test:${port}`, ...key }] },
  )
  const fields = [
    ['authorization', 'of the guest'],
    ['x-own', 'a'],
  ] as const
  await guest.get(`http://api.test.:${port}/moved`, { fields })
  expect(lastHead()).toContain('x-own\na')
  expect(lastHead()).toContain('Authorization\nBearer s3cret')
  expect(lastHead()).not.toContain('of the guest')
  for (const other of [`http://b.test:${port}/`, `http://127.0.0.1:${port}/`]) {
    await guest.get(other, { fields })
    expect(lastHead()).toContain('authorization\nof the guest')
    expect(lastHead()).not.toContain('s3cret')
  }
})

it('has no method by which a server would send back what it got', async () => {
  const guest = lab.guest(
    { connect: [`http://*.test:${port}`] },
    { inject: [{ origin: `http://api.test:${port}`, ...key }] },
  )
  for (const method of ['TRACE', 'trace', 'TRACK'])
    expect(await failure(guest.get(`http://api.test:${port}/`, { method }))).toBe('failed: invalid-argument')
  expect(await guest.get(`http://b.test:${port}/`, { method: 'TRACE' })).toBe('200 ')
})

it.each([
  [{ origin: 'https://a.test/', header: 'x', value: 'v' }, 'is not an origin'],
  [{ origin: 'ftp://a.test', header: 'x', value: 'v' }, 'is not an origin'],
  [{ origin: 'https://*.test', header: 'x', value: 'v' }, 'the authority is not a host'],
  [{ origin: 'https://a.test', header: 'Host', value: 'v' }, 'is not a header that can be added'],
  [{ origin: 'https://a.test', header: 'content-length', value: '1' }, 'is not a header that can be added'],
  [{ origin: 'https://a.test', header: 'x', value: 's3cret\r\nx: y' }, 'cannot stand in a header'],
])('refuses %j', (injection, message) => {
  expect(() => checkInjections([injection])).toThrow(message)
  expect(() => checkInjections([injection])).not.toThrow('s3cret')
  const one = { origin: 'https://a.test', header: 'x', value: 'v' }
  expect(checkInjections([one, { ...one, header: 'y' }]).get('https://a.test:443')).toHaveLength(2)
})

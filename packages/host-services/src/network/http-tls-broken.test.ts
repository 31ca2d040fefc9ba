import { createServer, type Server } from 'node:net'
import { Duplex } from 'node:stream'
import { TLSSocket } from 'node:tls'
import { afterAll, beforeAll, expect, it, vi } from 'vitest'
import { testCertificate, testKey } from './certificate.test.support.js'
import { failure, listening, type NetworkLab, openNetworkLab } from './network.test.support.js'

/** A record that no key of theirs has sealed. */
const garbage = Buffer.concat([Buffer.from([0x17, 0x03, 0x03, 0x00, 0x20]), Buffer.alloc(32, 0x5a)])

let lab: NetworkLab
let server: Server
beforeAll(async () => {
  lab = await openNetworkLab({ dns: { 'secure.test': [['127.0.0.1']] }, authorities: [testCertificate] })
  server = createServer((socket) => {
    socket.on('error', () => undefined)
    const wire = new Duplex({
      read: () => undefined,
      write: (chunk: Buffer, _encoding, done) => {
        socket.write(Buffer.concat([chunk, garbage]))
        done()
      },
    })
    const secured = new TLSSocket(wire, { isServer: true, key: testKey, cert: testCertificate })
    secured.on('error', () => undefined)
    socket.on('data', (bytes) => wire.push(bytes))
  })
})
afterAll(async () => {
  server.close()
  await lab.service.close()
})

it('an exchange ends when its server breaks TLS in the same breath in which it has agreed to it', async () => {
  const port = await listening(server)
  const guest = lab.guest({ connect: [`https://secure.test:${port}`] }, { connectionsMax: 1 })
  const thread = lab.thread()
  for (let round = 0; round < 3; round++) {
    expect(await failure(guest.get(`https://secure.test:${port}/`))).toMatch(/^failed: /)
  }
  expect(lab.thread()).toBe(thread)
  await vi.waitFor(() => expect(guest.port.spent().connections.used).toBe(0), 20_000)
})

// Servers on loopback that a test file needs beside its guests; all of them end with the file.

import { type AddressInfo, createServer, type Server, type Socket } from 'node:net'
import { afterAll } from 'vitest'

const servers: Server[] = []
const held = new Set<Socket>()
afterAll(() => {
  for (const socket of held) socket.destroy()
  for (const server of servers) server.close()
})

/** Its port, one that was free. */
export async function listening(server: Server): Promise<number> {
  servers.push(server)
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve))
  return (server.address() as AddressInfo).port
}

/** The port of a server that takes connections, holds them open and says nothing. */
export function listeningInSilence(): Promise<number> {
  return listening(createServer((socket) => void held.add(socket.on('error', () => {}))))
}

// A process that may open no more files, for real: in a shell with a limit.
import { spawnSync } from 'node:child_process'
import { createRequire } from 'node:module'
import { dirname, join } from 'node:path'
import { pathToFileURL } from 'node:url'
import { expect, it } from 'vitest'

const built = dirname(createRequire(import.meta.url).resolve('@bulkhead/host-services'))
const script = `
import { closeSync, openSync } from 'node:fs'
import { createServer } from 'node:net'
import { at, failure, listening, openNetworkLab } from ${JSON.stringify(pathToFileURL(join(built, 'network', 'network.test.support.js')).href)}
const server = createServer((socket) => socket.pipe(socket))
const port = await listening(server)
const lab = await openNetworkLab()
const guest = lab.guest({ connect: ['127.0.0.1:*', 'udp://127.0.0.1:*'], bind: ['127.0.0.1:*'] }, { connectionsMax: 1000 })
const before = await guest.connect(at('127.0.0.1', port))
const taken = []
try { for (;;) taken.push(openSync('/dev/null')) } catch {}
const said = []
said.push(await failure(guest.connect(at('127.0.0.1', port))))
said.push(await failure(guest.get('http://127.0.0.1:' + port + '/')))
const listener = await guest.ask((client) => client.bind(at('127.0.0.1', 1 + port % 60000 + 2000)))
said.push(await failure(guest.until({ handle: listener, for: 'write' }, (client) => client.bound(listener))))
said.push(await failure(guest.ask((client) => client.openUdp('ipv4')).then(async (socket) => {
  await guest.ask((client) => client.send(socket, [{ remote: at('127.0.0.1', port), bytes: new Uint8Array(1) }]))
  await guest.until({ handle: socket, for: 'write' }, (client) => client.bound(socket))
})))
await guest.writeAll(before, new Uint8Array(3))
said.push((await guest.read(before)).length)
for (const descriptor of taken) closeSync(descriptor)
const after = await guest.connect(at('127.0.0.1', port))
said.push(after > before)
await lab.service.close()
console.log(JSON.stringify(said))
process.exit()
`

it('refuses what needs another one, keeps what is open, and goes on when there is room', () => {
  const line = `ulimit -n 120 && exec ${process.execPath} --input-type=module -e "$SCRIPT"`
  const { stdout, stderr } = spawnSync('sh', ['-c', line], {
    env: { PATH: process.env['PATH'], SCRIPT: script },
    encoding: 'utf8',
    timeout: 20_000,
  })
  expect(stderr).toBe('')
  const limit = 'failed: socket-limit'
  expect(JSON.parse(stdout)).toEqual([limit, limit, limit, limit, 3, true])
})

// Every case through the real service: a real thread, real servers on loopback, a resolver that answers from the case.

import { readFileSync } from 'node:fs'
import { createServer, type ServerResponse } from 'node:http'
import type { Server } from 'node:net'
import { afterAll, expect, it } from 'vitest'
import type { HttpField } from './http-head.js'
import {
  at,
  failure,
  listening,
  type NetworkLab,
  networkTable,
  openNetworkLab,
  type TestGuest,
} from './network.test.support.js'

type Operation = {
  readonly op: string
  readonly name?: string
  readonly host?: string
  readonly port?: string | number
  readonly path?: string
  readonly method?: string
  readonly url?: string
  readonly headers?: Readonly<Record<string, string>>
  readonly headerCount?: number
  readonly body?: string
  readonly follow?: boolean
  readonly count?: number
  readonly of?: Operation
}
type Case = {
  readonly id: string
  readonly title: string
  readonly grants: { readonly connect: readonly string[]; readonly listen: readonly string[] }
  readonly dns: Readonly<Record<string, readonly (readonly string[])[]>>
  readonly servers: readonly { readonly name: string; readonly routes?: Readonly<Record<string, string>> }[]
  readonly guestOps: readonly Operation[]
  readonly expect: 'allowed' | 'denied'
  readonly mustNotReach: readonly string[]
  readonly note?: string
}

const cases: readonly Case[] = JSON.parse(
  readFileSync(new URL('../../../../test/hostile/cases/net-attacks.json', import.meta.url), 'utf8'),
)

/** Where the first request is granted and only what follows is not: how often the first server is reached. */
const granted: Readonly<Record<string, number>> = { NET079: 1, NET081: 1, NET099: 1, NET103: 100, NET111: 1 }

/** One service for all cases with the same answers of the resolver. */
const labs = new Map<string, Promise<NetworkLab>>()
afterAll(async () => {
  for (const lab of labs.values()) await (await lab).service.close()
})

function labFor(dns: Case['dns'], special: 'real' | 'loopback-is-not'): Promise<NetworkLab> {
  const key = JSON.stringify([dns, special])
  const lab = labs.get(key) ?? openNetworkLab({ dns, special })
  labs.set(key, lab)
  return lab
}

it.each(cases.map((one) => [`${one.id} ${one.title}`, one] as const))('%s', async (_name, one) => {
  const hits = new Map<string, number>()
  const servers: Server[] = []
  const ports: number[] = []
  for (const { name, routes = {} } of one.servers) {
    const server = createServer((request, response) => {
      hits.set(name, (hits.get(name) ?? 0) + 1)
      answer(fill(routes[request.url ?? ''] ?? ''), response)
    })
    servers.push(server)
    ports.push(await listening(server))
  }
  // A port at which nobody listens, where the case has fewer servers than ports.
  while (ports.length < 2) {
    const server = createServer()
    ports.push(await listening(server))
    server.close()
  }
  const fill = (text: string): string => text.replaceAll('$P1', String(ports[0])).replaceAll('$P2', String(ports[1]))
  const special = one.note?.includes('blockPrivate=true') === true ? 'real' : 'loopback-is-not'
  const lab = await labFor(one.dns, special)
  const askedBefore = lab.asked()
  const rules = { connect: one.grants.connect.map(fill), bind: one.grants.listen.map(fill) }
  const requests = one.id === 'NET103' ? { rate: { amount: 100, perMs: 3_600_000 }, burst: 100 } : undefined
  const guest = lab.guest(rules, { responseBytesMax: 1_000_000, ...(requests === undefined ? {} : { requests }) })
  const outcomes: string[] = []
  for (const operation of one.guestOps) outcomes.push(await failure(perform(guest, operation, fill)))
  expect(outcomes.at(-1) === 'nothing' ? 'allowed' : 'denied', outcomes.join()).toBe(one.expect)
  if (one.expect === 'denied') checkUnreached(one, hits)
  if (one.mustNotReach.includes('the fake resolver')) expect(lab.asked()).toBe(askedBefore)
  for (const server of servers) server.close()
  await guest.port.gone()
})

function checkUnreached(one: Case, hits: ReadonlyMap<string, number>): void {
  const [first] = one.servers
  for (const { name } of one.servers)
    expect(hits.get(name) ?? 0, name).toBe(name === first?.name ? (granted[one.id] ?? 0) : 0)
}

function answer(route: string, response: ServerResponse): void {
  const [, status, location] = /^(30\d) (.*)$/.exec(route) ?? []
  if (location !== undefined) response.writeHead(Number(status), { location }).end()
  else if (route === 'endless body') fillWithoutEnd(response)
  else response.end('reached')
}

function fillWithoutEnd(response: ServerResponse): void {
  while (!response.destroyed && response.write(Buffer.alloc(16_384)));
  if (!response.destroyed) response.once('drain', () => fillWithoutEnd(response))
}

async function perform(guest: TestGuest, operation: Operation, fill: (text: string) => string): Promise<void> {
  const host = operation.host ?? ''
  const port = Number(fill(String(operation.port)))
  switch (operation.op) {
    case 'resolve':
      await guest.addresses(operation.name ?? '')
      return
    case 'tcp-connect':
      await guest.connect(at(await addressOf(guest, host), port))
      return
    case 'udp-send': {
      const socket = await guest.ask((client) => client.openUdp('ipv4'))
      await guest.ask((client) => client.send(socket, [{ remote: at(host, port), bytes: new Uint8Array(1) }]))
      return
    }
    case 'tcp-listen':
      // A socket's path is no address: there is no way to say it.
      await guest.listen(at(host, port))
      return
    case 'revoke':
      await guest.port.updateTable(networkTable({}, 2))
      return
    case 'repeat':
      for (let count = 0; count < Math.min(operation.count ?? 0, 130); count++) {
        if (operation.of !== undefined) await perform(guest, operation.of, fill)
      }
      return
    case 'http':
      await exchange(guest, operation, fill(operation.url ?? ''), fill)
      return
    default:
      throw new Error(`an operation \`${operation.op}\` is not known`)
  }
}

async function addressOf(guest: TestGuest, host: string): Promise<string> {
  if (/^[\d.]+$/.test(host)) return host
  const [address = ''] = await guest.addresses(host)
  return address
}

/** As a guest's own URL parser might split it, the most trusting one; what has no scheme of ours there is no way to say. */
async function exchange(
  guest: TestGuest,
  operation: Operation,
  url: string,
  fill: (text: string) => string,
): Promise<void> {
  const [, scheme = '', authority = '', path = ''] = /^([\w+.-]+):\/\/([^/]*)(.*)$/s.exec(url) ?? []
  if (!/^https?$/i.test(scheme)) throw new Error('there is no such scheme')
  const many = Array.from({ length: operation.headerCount ?? 0 }, (_, index): HttpField => [`x-${index}`, '1'])
  const handle = await guest.start(`${scheme.toLowerCase()}://${authority}${path}`, {
    method: operation.method ?? 'GET',
    fields: [...Object.entries(operation.headers ?? {}), ...many],
    body: operation.body === undefined ? 'none' : 'stream',
  })
  const { fields } = await guest.until({ handle, for: 'response' }, (client) => client.response(handle))
  const body = await guest.readAll(handle)
  const location = fields.find(([name]) => name === 'location')?.[1]
  if (operation.follow === true && location !== undefined) await exchange(guest, { op: 'http' }, location, fill)
  else if (String(body) !== 'reached') throw new Error(`it answered ${body}`)
}

// One case: servers on loopback, a resolver that answers from the case, the guest's operations in a real actor, and whom none
// of it may have reached.
import { once } from 'node:events'
import { createServer } from 'node:http'

/**
 * @typedef {{ op: string, url?: string, port?: string | number, of?: GuestOp, [key: string]: unknown }} GuestOp
 * @typedef {{ id: string, title: string, grants: { connect: string[], listen: string[] }, dns: Record<string, string[][]>,
 *   servers: { name: string, routes?: Record<string, string> }[], guestOps: GuestOp[], expect: 'allowed' | 'denied',
 *   mustNotReach: string[], note?: string }} NetCase
 * @typedef {Awaited<ReturnType<typeof import('../../support/network-lab.mjs').networkLab>>} Lab
 * @typedef {{ id: string, ok: boolean, got: unknown, want: unknown }} CaseResult
 */

/**
 * Cases whose first request is granted, so that it reaches the first server: how often it does.
 *
 * @type {Readonly<Record<string, number>>}
 */
const reached = { NET079: 1, NET081: 1, NET099: 1, NET103: 100, NET111: 1 }
/** A case that repeats is repeated no more often than it takes to see where it ends. */
const roundsMax = 130

/** @param {NetCase} one @param {Lab} lab @returns {Promise<CaseResult>} */
export async function runNetCase(one, lab) {
  /** @type {Map<string, number>} */
  const hits = new Map()
  /** @type {import('node:http').Server[]} */
  const servers = []
  /** @type {number[]} */
  const ports = []
  const fill = (/** @type {string} */ text) =>
    text.replaceAll('$P1', String(ports[0])).replaceAll('$P2', String(ports[1]))
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
  try {
    const { outcomes, asked } = await lab.run({
      allow: [
        ...one.grants.connect.map((pattern) => `connect ${withPort(fill(pattern))}`),
        ...one.grants.listen.map((pattern) => `bind ${fill(pattern)}`),
      ],
      ops: one.guestOps.map((op) => filled(op, fill)),
      dns: one.dns,
      special: one.note?.includes('blockPrivate=true') === true ? 'real' : 'loopback-is-not',
      channel: {
        responseBytesMax: 1_000_000,
        ...(one.id === 'NET103' ? { requests: { rate: { amount: 100, perMs: 3_600_000 }, burst: 100 } } : {}),
      },
      onHeld: ({ update, goOn }) => {
        update([], 2)
        goOn()
      },
    })
    const last = outcomes.at(-1)
    const got = {
      verdict: outcomes.length === one.guestOps.length && isDone(last?.ok) ? 'allowed' : 'denied',
      reached: one.servers.map(({ name }) => hits.get(name) ?? 0),
      asked: one.mustNotReach.includes('the fake resolver') ? asked : 0,
      outcomes,
    }
    const want = { verdict: one.expect, reached: expectedHits(one, got.reached), asked: 0 }
    const ok = JSON.stringify({ ...got, outcomes: undefined }) === JSON.stringify(want)
    return { id: one.id, ok, got, want }
  } finally {
    for (const server of servers) server.close()
  }
}

/** Whoever was answered got the whole answer; what has no answer was at least done. @param {unknown} ok */
function isDone(ok) {
  return ok !== undefined && (typeof ok !== 'string' || ok === 'reached' || ok === 'sent' || ok.includes(':'))
}

/** @param {NetCase} one @param {number[]} got */
function expectedHits(one, got) {
  return one.expect === 'allowed' ? got : got.map((_, index) => (index === 0 ? (reached[one.id] ?? 0) : 0))
}

/** @param {GuestOp} op @param {(text: string) => string} fill @returns {GuestOp} */
function filled(op, fill) {
  const { url, port, of, op: name } = op
  if (name === 'revoke') return { op: 'hold' }
  if (name === 'repeat' && of !== undefined) return { op: 'repeat', count: roundsMax, of: filled(of, fill) }
  return {
    ...op,
    ...(url === undefined ? {} : { url: fill(url) }),
    ...(port === undefined ? {} : { port: Number(fill(String(port))) }),
  }
}

/** In these cases no port means any. @param {string} pattern */
function withPort(pattern) {
  return pattern.includes(':') ? pattern : `${pattern}:*`
}

/** @param {string} route @param {import('node:http').ServerResponse} response */
function answer(route, response) {
  const [, status, location = ''] = /^(30\d) (.*)$/.exec(route) ?? []
  if (status !== undefined) response.writeHead(Number(status), { location }).end()
  else if (route === 'endless body') fillWithoutEnd(response)
  else response.end('reached')
}

/** @param {import('node:http').ServerResponse} response */
function fillWithoutEnd(response) {
  while (!response.destroyed && response.write(Buffer.alloc(16_384)));
  if (!response.destroyed) response.once('drain', () => fillWithoutEnd(response))
}

/** @param {import('node:http').Server} server */
async function listening(server) {
  server.listen(0, '127.0.0.1')
  await once(server, 'listening')
  const address = server.address()
  if (address === null || typeof address === 'string') throw new Error('it listens at no port')
  return address.port
}

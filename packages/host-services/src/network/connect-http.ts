import type { Socket } from 'node:net'
import type { IpAddress } from '@bulkhead/capability'
import { addressesTriedMax, connectMs } from '../limits.js'
import { addressText, type Endpoint } from './addresses.js'
import type { Connections } from './connections.js'
import type { NetworkGate, Verdict } from './gate.js'
import type { HttpConnection, HttpConnections } from './http-connections.js'
import type { CheckedHead } from './http-head.js'
import { networkError, networkErrorFrom } from './network-error.js'
import type { NetworkPowers } from './network-powers.js'
import type { PinTable } from './pin-table.js'

export type HttpConnectPowers = {
  readonly powers: NetworkPowers
  /** All addresses of the authority, which was granted. */
  readonly addresses: () => Promise<readonly IpAddress[]>
  readonly judge: (remote: Endpoint) => Verdict
  readonly gate: NetworkGate
  readonly connections: Connections
  readonly pins: PinTable
  readonly http: HttpConnections
}

/**
 * Connects to an address of an authority: to one that was judged itself, whatever else the name leads to. Where none of them
 * may be connected to, the refusal of the first is the answer.
 *
 * @throws {BulkheadError} `network-access-denied`, `network-failed`, `resource-limit-exceeded`.
 */
export async function connectHttp(
  head: CheckedHead,
  signal: AbortSignal,
  using: HttpConnectPowers,
): Promise<HttpConnection> {
  const { gate, judge } = using
  const all = (await using.addresses()).map((address) => ({ address, port: head.port }))
  const [first] = all
  const allowed = all.filter((remote) => judge(remote).kind === 'granted').slice(0, addressesTriedMax)
  if (allowed.length === 0 && first !== undefined) gate.require(judge(first))
  let failure: unknown = networkError('name-unresolvable', 'the authority has no address')
  for (const remote of allowed) {
    try {
      return await connectTo(remote, head, signal, using)
    } catch (error) {
      failure = error
      if (signal.aborted) break
    }
  }
  throw networkErrorFrom(failure)
}

async function connectTo(
  remote: Endpoint,
  { request, host, origin }: CheckedHead,
  signal: AbortSignal,
  { powers, gate, judge, connections, pins, http }: HttpConnectPowers,
): Promise<HttpConnection> {
  // The rules may have moved while an address before this one was tried.
  const uncount = connections.count(gate.require(judge(remote)))
  const unhold = pins.hold(addressText(remote.address))
  const release = (): void => {
    uncount()
    unhold()
  }
  const socket = powers.connect(remote)
  const onAbort = (): void => {
    socket.destroy(networkError('connection-reset', 'it is not wanted any more'))
  }
  signal.addEventListener('abort', onAbort, { once: true })
  try {
    await connected(socket, request.connectMs)
    const name = host.kind === 'name' ? host.name : addressText(host)
    const whole = request.scheme === 'https' ? await powers.secure(socket, name) : socket
    if (signal.aborted || judge(remote).kind === 'denied')
      throw networkError('connection-reset', 'it is not wanted any more')
    return http.adopt(origin, remote, whole, release)
  } catch (error) {
    socket.destroy()
    release()
    throw error
  } finally {
    signal.removeEventListener('abort', onAbort)
  }
}

function connected(socket: Socket, wantedMs: number): Promise<void> {
  if (wantedMs > 0) socket.setTimeout(Math.min(wantedMs, connectMs))
  return new Promise((resolve, reject) => {
    socket.once('timeout', () => socket.destroy(networkError('timeout', 'the connection was not made in time')))
    // Stays for the socket's life: an error that nobody listens for would end the service.
    socket.on('error', reject)
    socket.once('connect', resolve)
  })
}

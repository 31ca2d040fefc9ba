import type { Socket } from 'node:net'
import type { IpAddress } from '@bulkhead/capability'
import { addressesTriedMax } from '../limits.js'
import { addressText, type Endpoint } from './addresses.js'
import type { Connections } from './connections.js'
import type { NetworkGate, Verdict } from './gate.js'
import type { HttpConnection, HttpConnections } from './http-connections.js'
import { type HttpPhase, httpErrorFrom } from './http-error.js'
import type { CheckedHead } from './http-head.js'
import { networkError } from './network-error.js'
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
 * may be connected to, the refusal of the first is the answer. What the request says of the time for it binds all of it, from
 * the look-up of the name to the certificate.
 *
 * @throws {BulkheadError} `network-access-denied`, `network-failed`, `resource-limit-exceeded`.
 */
export async function connectHttp(
  head: CheckedHead,
  signal: AbortSignal,
  using: HttpConnectPowers,
): Promise<HttpConnection> {
  const progress: Progress = { phase: 'look-up' }
  const late = new AbortController()
  const { connectMs: wantedMs } = head.request
  const cancel = wantedMs === 0 ? undefined : using.powers.clock.after(wantedMs, () => late.abort())
  try {
    const work = connectToAny(head, AbortSignal.any([signal, late.signal]), progress, using)
    return await Promise.race([work, lateness(late.signal)])
  } catch (error) {
    throw httpErrorFrom(error, progress.phase)
  } finally {
    cancel?.()
  }
}

/** Where a connection has come to. */
type Progress = { phase: HttpPhase }

/** Never resolves. */
function lateness(signal: AbortSignal): Promise<never> {
  return new Promise((_, reject) => {
    signal.addEventListener('abort', () => reject(networkError('timeout', 'the connection was not made in time')))
  })
}

async function connectToAny(
  head: CheckedHead,
  signal: AbortSignal,
  progress: Progress,
  using: HttpConnectPowers,
): Promise<HttpConnection> {
  const { gate, judge } = using
  const all = (await using.addresses()).map((address) => ({ address, port: head.port }))
  const [first] = all
  const allowed = all.filter((remote) => judge(remote).kind === 'granted').slice(0, addressesTriedMax)
  if (allowed.length === 0 && first !== undefined) gate.require(judge(first))
  let failure: unknown = networkError('name-unresolvable', 'the authority has no address')
  for (const remote of allowed) {
    if (signal.aborted) break
    try {
      return await connectTo(remote, head, signal, progress, using)
    } catch (error) {
      failure = error
    }
  }
  throw failure
}

async function connectTo(
  remote: Endpoint,
  { request, host, origin }: CheckedHead,
  signal: AbortSignal,
  progress: Progress,
  { powers, gate, judge, connections, pins, http }: HttpConnectPowers,
): Promise<HttpConnection> {
  // The rules may have moved while an address before this one was tried.
  const uncount = connections.count(gate.require(judge(remote)))
  const unhold = pins.hold(addressText(remote.address))
  const release = (): void => {
    uncount()
    unhold()
  }
  progress.phase = 'connect'
  const socket = powers.connect(remote)
  const onAbort = (): void => {
    socket.destroy(networkError('connection-reset', 'it is not wanted any more'))
  }
  signal.addEventListener('abort', onAbort, { once: true })
  try {
    await connected(socket)
    progress.phase = 'secure'
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

function connected(socket: Socket): Promise<void> {
  return new Promise((resolve, reject) => {
    socket.once('timeout', () => socket.destroy(networkError('timeout', 'the connection was not made in time')))
    // Stays for the socket's life: an error that nobody listens for would end the service.
    socket.on('error', reject)
    socket.once('connect', resolve)
  })
}

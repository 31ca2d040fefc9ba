import { isIP, isIPv4 } from 'node:net'
import { BulkheadError } from 'bulkhead'

export type InspectorAddress = {
  readonly host: string
  /** 0: one that is free. */
  readonly port: number
  /** Only this machine can reach it. */
  readonly isLoopback: boolean
}

/**
 * Reads `127.0.0.1:7070`, `[::1]:7070`, `localhost:7070`, or a port alone, which is one of loopback.
 *
 * @throws {BulkheadError} `usage`
 */
export function inspectorAddress(text: string): InspectorAddress {
  const [, bracketed, plain = '127.0.0.1', digits = ''] = /^(?:\[([^\]]+)\]:|([^:[\]]+):)?(\d{1,5})$/.exec(text) ?? []
  const host = bracketed ?? (plain === 'localhost' ? '127.0.0.1' : plain)
  const port = Number(digits)
  if (digits === '' || port > 65_535 || isIP(host) !== (bracketed === undefined ? 4 : 6)) {
    throw new BulkheadError('usage', `\`${text}\` is not an address to listen on`, {
      hint: 'an IP address and a port, such as `127.0.0.1:7070` or `[::1]:7070`',
    })
  }
  return { host, port, isLoopback: isIPv4(host) ? host.startsWith('127.') : /^[0:]*:0*1$/.test(host) }
}

/** As a browser asks for it; who listens on all addresses can be asked for on loopback. */
export function urlOf(host: string, port: number): string {
  if (host === '0.0.0.0') return `http://127.0.0.1:${port}/`
  return isIPv4(host) ? `http://${host}:${port}/` : `http://[${host === '::' ? '::1' : host}]:${port}/`
}

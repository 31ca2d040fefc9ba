import { type HostCandidate, parseHostCandidate } from '@bulkhead/capability'

const defaultPorts: Readonly<Partial<Record<string, number>>> = { http: 80, https: 443 }

/** A host that was asked for, taken apart. `host` is as patterns write it: a normalised name, or an address. */
export type AskedHost = {
  readonly protocol: HostCandidate['protocol']
  readonly host: string
  /** Absent for addresses, which no wildcard covers. */
  readonly name?: string
  readonly port?: number
}

/** `undefined` for what no rule could mean. */
export function askedHost(resource: string): AskedHost | undefined {
  const candidate = parseHostCandidate(resource)
  if (candidate === undefined) return undefined
  const { protocol, host, port } = candidate
  const place = { protocol, ...(port !== undefined && { port }) }
  if (host.kind === 'name') return { ...place, host: host.name, name: host.name }
  return { ...place, host: addressText(resource) }
}

/** A pattern for one host or for `*.parent`, with the port as short as it can be said. */
export function connectPattern({ protocol, port }: Pick<AskedHost, 'protocol' | 'port'>, host: string): string {
  const scheme = protocol === 'tcp' ? '' : `${protocol}://`
  if (port === undefined) return `${scheme}${host}:*`
  return defaultPorts[protocol] === port ? `${scheme}${host}` : `${scheme}${host}:${port}`
}

function addressText(resource: string): string {
  const scheme = resource.indexOf('://')
  const text = scheme === -1 ? resource : resource.slice(scheme + 3)
  if (text.startsWith('[')) return text.slice(0, text.indexOf(']') + 1)
  const colon = text.indexOf(':')
  if (colon === -1) return text
  return text.includes(':', colon + 1) ? `[${text}]` : text.slice(0, colon)
}

/** `a.b.c` → `b.c`, `c`. */
export function* ancestorsOf(host: string): Generator<string> {
  for (let dot = host.indexOf('.'); dot !== -1; dot = host.indexOf('.', dot + 1)) yield host.slice(dot + 1)
}

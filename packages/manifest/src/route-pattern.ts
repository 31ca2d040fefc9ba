import { isIP } from 'node:net'
import { quote } from '@bulkhead/document'
import { routeCharactersMax } from './limits.js'

/**
 * Which requests a route takes. `/api/**` is `/api` and all below it; every other path is that path alone. A query is no
 * part of it.
 */
export type RoutePattern = {
  /** Lower-cased, without a port; absent: whatever host is asked. */
  readonly host?: string
  /** Of `/api/**` it is `/api`; of `/**` it is empty. */
  readonly path: string
  readonly isPrefix: boolean
}

export type RouteProblem = { readonly message: string; readonly hint: string }

const form = 'write "/api/**", "/health", or the same behind a host: "api.example.com/**"'
const hostName = /^[a-z0-9]([a-z0-9-]{0,61}[a-z0-9])?(\.[a-z0-9]([a-z0-9-]{0,61}[a-z0-9])?)*$/

/**
 * Reads the key of a route.
 *
 * @example
 * ```ts
 * parseRoutePattern('Api.example.com/v1/**') // { host: 'api.example.com', path: '/v1', isPrefix: true }
 * ```
 */
export function parseRoutePattern(written: string): RoutePattern | RouteProblem {
  const slash = written.indexOf('/')
  if (slash === -1 || written.length > routeCharactersMax) return problem('this is no route')
  const isPrefix = written.endsWith('/**')
  const path = written.slice(slash, isPrefix ? -'/**'.length : undefined)
  const wrong = /[^A-Za-z0-9\-._~!$&'()+,;=:@/]/u.exec(path)?.[0]
  if (wrong !== undefined) {
    const meant = wrong === '*' ? 'stands only at the end, as `/**`' : 'cannot stand in the path of a route'
    return problem(`${quote(wrong)} ${meant}`)
  }
  // A request that spells its path so is refused before routes are looked at.
  if (/\/\.{1,2}(\/|$)/.test(path)) return problem('`.` and `..` are no segments of a route')
  if (path.includes('//')) return problem('a segment of the route is empty')
  if (isPrefix && path.endsWith('/')) return problem('a segment of the route is empty')
  const host = slash === 0 ? undefined : hostIn(written.slice(0, slash))
  if (host === null) return problem(`${quote(written.slice(0, slash))} is no host`)
  return { ...(host === undefined ? {} : { host }), path, isPrefix }
}

function hostIn(written: string): string | null {
  const bare = written.toLowerCase()
  if (bare.startsWith('[')) return bare.endsWith(']') && isIP(bare.slice(1, -1)) === 6 ? bare : null
  return hostName.test(bare) && bare.length <= 253 ? bare : null
}

function problem(message: string): RouteProblem {
  return { message, hint: form }
}

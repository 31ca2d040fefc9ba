// A second opinion for the property tests: recursive or by regular expression, slow, and sharing no code with what it
// judges. It reads rules as they are written and answers for one resource at a time.
import type { Action, GrantLimits, Layer, Request } from '@bulkhead/vocabulary'
import type { TableSpec } from './capability-table.js'
import type { Grant, PlainRule } from './grant.js'

/** The grammars of the kinds, said a second time. */
const grammars: Readonly<Record<string, string>> = {
  filesystem: 'path',
  process: 'path',
  crate: 'path',
  network: 'host',
  storage: 'namespace',
  messaging: 'topic',
  signal: 'topic',
  environment: 'name',
  badge: 'name',
  token: 'exact',
}

export type SlowAnswer = {
  readonly verdict: 'granted' | 'denied'
  readonly layer: Layer
  readonly limits?: GrantLimits
}

/** What a table of this specification has to answer, for a well-formed request. */
export function slowAnswer(spec: TableSpec, request: Request): SlowAnswer {
  const { resource, hostPath } = request
  const files = request.kind === 'filesystem'
  const host = files ? hostPath : resource
  if (host !== undefined && refusesSlowly(spec, spec.forbidden, { ...request, resource: host }))
    return denied('forbidden')
  if (refusesSlowly(spec, spec.deny, request)) return denied('deny')
  const operator = allowing(spec, spec.operator, request)
  const refused = refusingLayer(spec, request)
  if (refused !== undefined && operator.length === 0) return denied(refused)
  if (spec.roles !== undefined) {
    if (refusesSlowly(spec, spec.roles.deny, request)) return denied('role')
    if (!spec.roles.allow.some((rule) => allowsSlowly(spec, rule, request))) return denied('role')
  }
  const lists = operator.length > 0 ? [operator] : spec.layers.map(({ grants }) => allowing(spec, grants, request))
  const limits = request.action === 'resolve' ? {} : limitsOf(lists)
  const layer = refused === undefined ? (spec.layers[0]?.layer ?? 'manifest') : 'operator'
  return { verdict: 'granted', layer, ...(Object.keys(limits).length === 0 ? {} : { limits }) }
}

export type Whose = Pick<TableSpec, 'componentId'>

/** Whether a rule that allows answers the request: `write` lets create, and a name may be resolved that may be connected to. */
export function allowsSlowly(whose: Whose, rule: PlainRule, request: Request): boolean {
  if (rule.kind !== request.kind) return false
  const actions = [`${request.action}`]
  if (request.kind === 'filesystem' && request.action === 'create') actions.push('write')
  if (request.kind === 'network' && request.action === 'resolve') actions.push('connect')
  return actions.includes(rule.action) && matchesSlowly(whose, rule, request)
}

/** Whether some rule that refuses answers the request: `write` refuses creating; `connect` does not refuse resolving. */
export function refusesSlowly(whose: Whose, rules: readonly PlainRule[], request: Request): boolean {
  return rules.some((rule) => {
    if (rule.kind !== request.kind) return false
    const creating = request.kind === 'filesystem' && request.action === 'create' && rule.action === 'write'
    return (rule.action === request.action || creating) && matchesSlowly(whose, rule, request)
  })
}

/** Whether the grants allow the request, and within which limits: those of the most generous that matches. */
export function slowPermission(
  whose: Whose,
  lists: readonly (readonly Grant[])[],
  request: Request,
): GrantLimits | undefined {
  const matching = lists.map((grants) => allowing(whose, grants, request))
  if (matching.some((grants) => grants.length === 0)) return undefined
  return request.action === 'resolve' ? {} : limitsOf(matching)
}

function denied(layer: Layer): SlowAnswer {
  return { verdict: 'denied', layer }
}

function allowing(whose: Whose, grants: readonly Grant[], request: Request): readonly Grant[] {
  return grants.filter((grant) => allowsSlowly(whose, grant, request))
}

function refusingLayer(spec: TableSpec, request: Request): Layer | undefined {
  if (spec.layers.length === 0) return 'manifest'
  const missing = spec.layers.find(({ grants }) => allowing(spec, grants, request).length === 0)
  if (missing !== undefined) return missing.layer
  if (request.kind !== 'storage') return undefined
  const name = spelledOut(request.resource, spec)
  if (new RegExp(`^component:${spec.componentId}(:|$)`).test(name)) return undefined
  const layers: readonly string[] = spec.layers.map(({ layer }) => layer)
  const enough = /^shared(:|$)/.test(name) ? ['approval'] : ['approval', 'policy']
  return enough.some((layer) => layers.includes(layer)) ? undefined : 'approval'
}

/** For each limit: in each list the largest, or none where a rule has none; of the lists the smallest. */
function limitsOf(lists: readonly (readonly Grant[])[]): GrantLimits {
  const result: { maxFileSizeBytes?: number; connections?: number } = {}
  for (const name of ['maxFileSizeBytes', 'connections'] as const) {
    const perList = lists.map((grants) => Math.max(...grants.map(({ limits }) => limits?.[name] ?? Infinity)))
    const least = Math.min(...perList)
    if (least !== Infinity) result[name] = least
  }
  return result
}

function matchesSlowly(whose: Whose, rule: PlainRule, { action, resource }: Request): boolean {
  switch (grammars[rule.kind]) {
    case 'path':
      return slowPathMatches(rule.pattern, resource)
    case 'host':
      return slowHostMatches(rule.pattern, resource, action)
    case 'namespace':
      return slowNameSpaceMatches(spelledOut(rule.pattern, whose), spelledOut(resource, whose))
    case 'topic':
      return slowTopicMatches(rule.pattern, resource)
    case 'name':
      return byExpression(rule.pattern.replace(/\*$/, '\0'), '[^]*').test(resource)
    default:
      return rule.pattern === resource
  }
}

export function slowPathMatches(pattern: string, path: string): boolean {
  return slowSegments(splitSlowly(pattern), splitSlowly(path))
}

function splitSlowly(text: string): string[] {
  return text === '/' ? [] : text.slice(1).split('/')
}

function slowSegments(pattern: readonly string[], path: readonly string[]): boolean {
  const [first, ...rest] = pattern
  if (first === undefined) return path.length === 0
  if (first === '**') return slowSegments(rest, path) || (path.length > 0 && slowSegments(pattern, path.slice(1)))
  const [head, ...tail] = path
  return head !== undefined && slowCharacters(first, head) && slowSegments(rest, tail)
}

function slowCharacters(pattern: string, text: string): boolean {
  if (pattern === '') return text === ''
  if (pattern[0] === '*') {
    return slowCharacters(pattern.slice(1), text) || (text !== '' && slowCharacters(pattern, text.slice(1)))
  }
  if (text === '') return false
  if (pattern[0] === '[') {
    const close = pattern.indexOf(']', 2)
    const body = pattern.slice(1, close)
    const member = body[0] === '!' ? !body.slice(1).includes(text[0] ?? '') : body.includes(text[0] ?? '')
    return member && slowCharacters(pattern.slice(close + 1), text.slice(1))
  }
  return (pattern[0] === '?' || pattern[0] === text[0]) && slowCharacters(pattern.slice(1), text.slice(1))
}

/** The pattern letter by letter, but for NUL, which stands for `any`. */
function byExpression(pattern: string, any: string): RegExp {
  const literal = pattern.replace(/[.*+?^${}()|[\]\\]/g, '\\$&')
  return new RegExp(`^${literal.replaceAll('\0', any)}$`, 'u')
}

function slowNameSpaceMatches(pattern: string, name: string): boolean {
  const rest = pattern.replace(/(^|:)\*$/, '$1\x01')
  const expression = byExpression(rest.replace(/(?<=^|:)\*(?=:)/g, '\0'), '[^:]+')
  return new RegExp(expression.source.replace('\x01', '[^]+'), 'u').test(name)
}

function spelledOut(name: string, whose: Whose): string {
  return name.replace(/^self(?=:|$)/, `component:${whose.componentId}`)
}

function slowTopicMatches(pattern: string, topic: string): boolean {
  const tokens = topic.split('.')
  const wanted = pattern.split('.')
  if (wanted.at(-1) === '>') {
    const head = wanted.slice(0, -1)
    return tokens.length > head.length && head.every((token, at) => token === '*' || token === tokens[at])
  }
  return tokens.length === wanted.length && wanted.every((token, at) => token === '*' || token === tokens[at])
}

type SlowHost = { readonly protocol: string; readonly host: string; readonly port: string | undefined }

function splitHost(text: string): SlowHost {
  const match = /^(?:([a-z]+):\/\/)?(\[[^\]]*\](?:\/\d+)?|[^:]*)(?::(.+))?$/.exec(text)
  const protocol = match?.[1] ?? 'tcp'
  const usual: Record<string, string> = { http: '80', https: '443' }
  return { protocol, host: match?.[2] ?? '', port: match?.[3] ?? usual[protocol] }
}

function slowHostMatches(pattern: string, resource: string, action: Action): boolean {
  const rule = splitHost(pattern)
  const asked = splitHost(resource)
  if (!slowHostNamed(rule.host, asked.host)) return false
  if (action === 'resolve') return true
  const protocols: Record<string, readonly string[]> = { tcp: ['tcp', 'http', 'https'] }
  if (!(protocols[rule.protocol] ?? [rule.protocol]).includes(asked.protocol)) return false
  const [from, to] = rule.port === undefined || rule.port === '*' ? ['1', '65535'] : rule.port.split('-')
  return Number(asked.port) >= Number(from) && Number(asked.port) <= Number(to ?? from)
}

function slowHostNamed(rule: string, host: string): boolean {
  if (rule === '*') return true
  const ruleBits = addressBits(rule.replace(/\/\d+/, ''))
  const hostBits = addressBits(host)
  if (ruleBits === undefined || hostBits === undefined) {
    if (ruleBits !== hostBits) return false
    return rule.startsWith('*.') ? host.endsWith(rule.slice(1)) : rule === host
  }
  const length = Number(/\/(\d+)/.exec(rule)?.[1] ?? ruleBits.length)
  return ruleBits.length === hostBits.length && ruleBits.slice(0, length) === hostBits.slice(0, length)
}

/** The address as zeros and ones; knows the IPv6 addresses `[::]` and `[::N]` only. */
function addressBits(host: string): string | undefined {
  if (/^\d+(\.\d+){3}$/.test(host)) {
    return host
      .split('.')
      .map((part) => Number(part).toString(2).padStart(8, '0'))
      .join('')
  }
  const six = /^\[::(\d*)\]$/.exec(host)
  return six === null ? undefined : Number(`0${six[1]}`).toString(2).padStart(128, '0')
}

// A second opinion for the property tests: recursive, slow, and sharing no code with what it judges. Its alphabets are
// tiny on purpose, so that every candidate can be enumerated.
import type { Action, Layer } from '@bulkhead/vocabulary'
import fc from 'fast-check'
import type { TableSpec } from './capability-table.js'
import type { Grant } from './grant.js'

export const origin = { document: 'test', line: 1 }

const names = ['a', 'b', 'ab', 'ba']

/** All canonical paths of at most `depth` segments over the tiny alphabet. */
export function enumeratePaths(depth: number): string[] {
  const all = ['/']
  let last = ['']
  for (let level = 0; level < depth; level++) {
    last = last.flatMap((path) => names.map((name) => `${path}/${name}`))
    all.push(...last)
  }
  return all
}

export const segmentArbitrary = fc.constantFrom(
  'a',
  'b',
  'ab',
  '*',
  '**',
  '?',
  'a*',
  '*b',
  '[ab]',
  '[!a]',
  '?*',
  '[!b]b',
)

export const pathPatternArbitrary = fc
  .array(segmentArbitrary, { maxLength: 4 })
  .map((segments) => `/${segments.join('/')}`)

export const pathArbitrary = fc
  .array(fc.constantFrom(...names), { maxLength: 3 })
  .map((segments) => `/${segments.join('/')}`)

export const fileActions = ['read', 'write', 'create', 'delete', 'execute'] as const

export const fileGrantArbitrary: fc.Arbitrary<Grant> = fc.record({
  kind: fc.constant('filesystem' as const),
  action: fc.constantFrom(...fileActions),
  pattern: pathPatternArbitrary,
  origin: fc.constant(origin),
})

export const fileTableArbitrary: fc.Arbitrary<TableSpec> = fc.record({
  version: fc.constant(1),
  componentId: fc.constant('tiny'),
  forbidden: fc.array(fileGrantArbitrary, { maxLength: 1 }),
  deny: fc.array(fileGrantArbitrary, { maxLength: 2 }),
  layers: fc.array(
    fc.record({
      layer: fc.constantFrom<Layer>('manifest', 'policy', 'ceiling'),
      grants: fc.array(fileGrantArbitrary, { maxLength: 6 }),
    }),
    { maxLength: 2 },
  ),
  operator: fc.array(fileGrantArbitrary, { maxLength: 1 }),
})

export function slowPathMatches(pattern: string, path: string): boolean {
  return slowSegments(splitSlowly(pattern), splitSlowly(path))
}

export function slowFileAllowed(
  grants: readonly Pick<Grant, 'action' | 'pattern'>[],
  action: Action,
  path: string,
): boolean {
  return grants.some(
    (grant) =>
      (grant.action === action || (action === 'create' && grant.action === 'write')) &&
      slowPathMatches(grant.pattern, path),
  )
}

export function slowFileVerdict(spec: TableSpec, action: Action, path: string, hostPath: string): string {
  if (slowFileAllowed(spec.forbidden, action, hostPath)) return 'denied forbidden'
  if (slowFileAllowed(spec.deny, action, path)) return 'denied deny'
  const missing = spec.layers.find(({ grants }) => !slowFileAllowed(grants, action, path))
  if (missing === undefined && spec.layers.length > 0) return `granted ${spec.layers[0]?.layer}`
  if (slowFileAllowed(spec.operator, action, path)) return 'granted operator'
  return `denied ${missing?.layer ?? 'manifest'}`
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

import type { Request } from '@bulkhead/vocabulary'
import { describe, expect, it } from 'vitest'
import { compileTable, type TableSpec } from './capability-table.js'
import { explainRequest } from './explain-request.js'
import type { Grant } from './grant.js'
import { parseCapability } from './parse-capability.js'

const grants = (document: string, ...texts: string[]): Grant[] =>
  texts.map((text, index) => ({ ...parseCapability(text), origin: { document, line: index + 1 } }))
const empty: TableSpec = { version: 1, componentId: 'ingest', forbidden: [], deny: [], layers: [], operator: [] }
const told = (spec: Partial<TableSpec>, request: Request) =>
  explainRequest(compileTable({ ...empty, ...spec }), request).steps.map(
    ({ layer, answer, rule, decides }) =>
      `${layer} ${answer}${rule === undefined ? '' : ` ${rule.pattern}`}${decides ? ' !' : ''}`,
  )
const reading = (resource: string): Request => ({ kind: 'filesystem', action: 'read', resource })
const layers: TableSpec['layers'] = [
  { layer: 'manifest', grants: grants('Component.toml', 'filesystem.read=/data/**') },
  { layer: 'policy', grants: grants('ingest.policy.toml', 'filesystem.read=/data/in/**') },
]

describe('explainRequest', () => {
  it('shows each list in the order in which it is asked, and where the verdict fell', () => {
    expect(told({ layers }, reading('/data/in/a'))).toEqual([
      'forbidden silent',
      'deny silent',
      'manifest allows /data/** !',
      'policy allows /data/in/**',
      'operator silent',
    ])
    expect(told({ layers }, reading('/data/out'))).toEqual([
      'forbidden silent',
      'deny silent',
      'manifest allows /data/**',
      'policy refuses !',
      'operator silent',
    ])
  })

  it('shows what would have had the next word', () => {
    const deny = grants('ingest.policy.toml', 'filesystem.read=/data/in/secret')
    const roles = { allow: grants('roles.csv', 'filesystem.read=/data/**'), deny: [] }
    expect(told({ layers, deny, roles }, reading('/data/in/secret'))).toEqual([
      'forbidden silent',
      'deny refuses /data/in/secret !',
      'manifest allows /data/**',
      'policy allows /data/in/**',
      'operator silent',
      'role allows /data/**',
    ])
  })

  it('shows the operator, and the roles that are asked after it', () => {
    const operator = grants('bulkhead grant', 'filesystem.read=/etc/hosts')
    expect(told({ operator }, reading('/etc/hosts'))).toEqual([
      'forbidden silent',
      'deny silent',
      'manifest refuses',
      'operator allows /etc/hosts !',
    ])
    const roles = { allow: [], deny: grants('roles.csv', 'filesystem.read=/etc/**') }
    expect(told({ operator, roles }, reading('/etc/hosts')).slice(-2)).toEqual([
      'operator allows /etc/hosts',
      'role refuses /etc/** !',
    ])
    expect(told({ operator, roles: { allow: [], deny: [] } }, reading('/etc/hosts')).at(-1)).toBe('role refuses !')
  })

  it('shows the forbidden list, matched against the host path', () => {
    const forbidden = grants('forbidden list', 'filesystem.read=/etc/shadow')
    const request = { ...reading('/data/in/shadow'), hostPath: '/etc/shadow' }
    expect(told({ layers, forbidden }, request)[0]).toBe('forbidden refuses /etc/shadow !')
  })

  it('shows the approval that a foreign name space needs', () => {
    const manifest = [{ layer: 'manifest', grants: grants('Component.toml', 'storage.read=shared:*') }] as const
    const request: Request = { kind: 'storage', action: 'read', resource: 'shared:k' }
    expect(told({ layers: manifest }, request).slice(2)).toEqual([
      'manifest allows shared:*',
      'approval refuses !',
      'operator silent',
    ])
    expect(told({ layers: manifest }, { ...request, resource: 'self:k' }).slice(2)).toEqual([
      'manifest refuses !',
      'operator silent',
    ])
  })

  it('says of each rule its limits, and of the decision those in force', () => {
    const limited = (document: string, maxFileSizeBytes: number): Grant[] =>
      grants(document, 'filesystem.write=/out/**').map((grant) => ({ ...grant, limits: { maxFileSizeBytes } }))
    const table = compileTable({
      ...empty,
      layers: [
        { layer: 'manifest', grants: limited('Component.toml', 9) },
        { layer: 'policy', grants: limited('ingest.policy.toml', 4) },
      ],
    })
    const { decision, steps } = explainRequest(table, { kind: 'filesystem', action: 'write', resource: '/out/x' })
    expect(decision).toMatchObject({ verdict: 'granted', limits: { maxFileSizeBytes: 4 } })
    expect(steps.map(({ limits }) => limits?.maxFileSizeBytes)).toEqual([undefined, undefined, 9, 4, undefined])
    expect(structuredClone(steps)).toEqual(steps)
  })

  it('has no steps for what is not well formed', () => {
    const { decision, steps } = explainRequest(compileTable({ ...empty, layers }), reading('/data/../etc'))
    expect(steps).toEqual([])
    expect(decision).toMatchObject({ verdict: 'denied', reason: 'the path is not canonical' })
    expect(explainRequest(compileTable(empty), undefined as unknown as Request)).toMatchObject({
      decision: { verdict: 'denied', layer: 'error' },
      steps: [],
    })
  })
})

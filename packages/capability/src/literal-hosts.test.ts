import { expect, it } from 'vitest'
import { compileTable } from './capability-table.js'
import { Decider } from './decider.js'
import { literalHostsOnly } from './literal-hosts.js'

const origin = { document: 'test' }
const rule = (pattern: string) => ({ kind: 'network', action: 'connect', pattern, origin }) as const

it('keeps what refuses, and of what allows what names an address or a block', () => {
  const table = compileTable({
    version: 1,
    componentId: 'one',
    forbidden: [],
    deny: [rule('10.0.0.9:*')],
    layers: [
      { layer: 'manifest', grants: [rule('*:80'), rule('10.0.0.0/8:80'), rule('api.example.com:80')] },
      { layer: 'policy', grants: [rule('10.0.0.0/16:*'), rule('*:*')] },
    ],
    operator: [],
  })
  const [whole, literal] = [new Decider(table), new Decider(literalHostsOnly(table))]
  const verdicts = (resource: string) =>
    [whole, literal].map((decider) => decider.decide({ kind: 'network', action: 'connect', resource }).verdict)
  expect(verdicts('tcp://10.0.0.1:80')).toEqual(['granted', 'granted'])
  // Each list that is asked must name it so: the policy's `*` does not.
  expect(verdicts('tcp://10.1.0.1:80')).toEqual(['granted', 'denied'])
  expect(verdicts('tcp://192.168.0.1:80')).toEqual(['granted', 'denied'])
  expect(verdicts('tcp://api.example.com:80')).toEqual(['granted', 'denied'])
  expect(verdicts('tcp://10.0.0.9:80')).toEqual(['denied', 'denied'])
})

import { describe, expect, it } from 'vitest'
import { diffPolicies } from './diff-policies.js'
import { parsePolicy } from './parse-policy.js'

const policy = (text: string) => parsePolicy(text, { file: 'p.toml' })
const nothing = { added: [], removed: [], changed: [] }

describe('diffPolicies', () => {
  it('finds nothing between a policy and itself in another order or format', () => {
    const one = policy('description = "x"\nallow.filesystem.read = ["/a/**", "/b/**"]\nlimits.memory = "1MiB"\n')
    const other = policy('description = "x"\nlimits.memory = "1024KiB"\nallow.filesystem.read = ["/b/**", "/a/**"]\n')
    const rules = '[{ uri: fs:///b, access: [read] }, { uri: fs:///a, access: [read] }]'
    const yaml = `version: "1.0"\ndescription: x\npermissions: { storage: { allow: ${rules} }, resources: { memory: 1 } }\n`
    for (const same of [one, other, parsePolicy(yaml, { file: 'p.yaml' })]) {
      expect(diffPolicies(one, same)).toEqual({
        same: true,
        allow: nothing,
        deny: nothing,
        limits: [],
        shared: { components: { added: [], removed: [] }, allow: nothing, deny: nothing },
      })
    }
  })

  it('says what came, what went and what has other limits, in order, as plain JSON', () => {
    const from = policy(`description = "x"
[allow]
network.connect = ["z:1", { pattern = "b:1", connections = 1 }, "c:1"]
filesystem.read = ["/gone"]
[limits]
memory = "1MiB"
`)
    const to = policy(`[allow]
network.connect = ["c:1", { pattern = "b:1", connections = 2 }, "a:1"]
environment.read = ["A"]
[deny]
filesystem.read = ["/b", "/a"]
[limits]
handles = 0
[shared]
components = ["b", "a"]
allow.messaging.publish = ["x"]
`)
    const diff = diffPolicies(from, to)
    expect(diff).toEqual({
      same: false,
      description: { from: 'x', to: null },
      allow: {
        added: [
          { kind: 'network', action: 'connect', pattern: 'a:1' },
          { kind: 'environment', action: 'read', pattern: 'A' },
        ],
        removed: [
          { kind: 'filesystem', action: 'read', pattern: '/gone' },
          { kind: 'network', action: 'connect', pattern: 'z:1' },
        ],
        changed: [
          { kind: 'network', action: 'connect', pattern: 'b:1', from: { connections: 1 }, to: { connections: 2 } },
        ],
      },
      deny: {
        ...nothing,
        added: [
          { kind: 'filesystem', action: 'read', pattern: '/a' },
          { kind: 'filesystem', action: 'read', pattern: '/b' },
        ],
      },
      limits: [
        { name: 'memoryBytes', from: 1024 ** 2, to: null },
        { name: 'handles', from: null, to: 0 },
      ],
      shared: {
        components: { added: ['a', 'b'], removed: [] },
        allow: { ...nothing, added: [{ kind: 'messaging', action: 'publish', pattern: 'x' }] },
        deny: nothing,
      },
    })
    expect(JSON.parse(JSON.stringify(diff))).toEqual(diff)
    expect(diffPolicies(to, from).allow.changed[0]).toMatchObject({ from: { connections: 2 }, to: { connections: 1 } })
  })

  it('takes a limit that came for a change', () => {
    const [bare, limited] = ['"/a"', '{ pattern = "/a", max_file_size = "1B" }'].map((rule) =>
      policy(`allow.filesystem.write = [${rule}]`),
    )
    if (bare === undefined || limited === undefined) throw new Error('two policies were made')
    expect(diffPolicies(bare, limited).allow.changed).toEqual([
      { kind: 'filesystem', action: 'write', pattern: '/a', from: null, to: { maxFileSizeBytes: 1 } },
    ])
    expect(diffPolicies(limited, bare).allow.changed[0]?.to).toBeNull()
  })
})

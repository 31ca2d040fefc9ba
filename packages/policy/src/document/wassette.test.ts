import { CapabilitySet, findRefusing } from '@bulkhead/capability'
import { describe, expect, it } from 'vitest'
import { parsePolicy } from './parse-policy.js'
import { findingsOf, rulesOf } from './policy.test.support.js'

const file = 'p.yaml'

function policyOf(permissions: string) {
  return parsePolicy(`version: "1.0"\npermissions:\n${permissions.replace(/^/gm, '  ')}\n`, { file })
}

function rules(permissions: string): readonly string[] {
  return rulesOf(policyOf(permissions))
}

describe("Wassette's documents", () => {
  it('load unchanged and mean what they say', () => {
    const text = `$schema: https://example.com/policy-v1.0.schema.json
# a comment
version: "1.0"
description: "Permission policy for ingest"
permissions:
  storage:                       # Wassette's word for files
    allow: [{ uri: "fs:///data/in/**", access: ["read", "write"] }]
    deny:  [{ uri: "fs:///data/in/secret/**", access: ["read"] }]
  network: { allow: [{ host: "*.example.com", ports: [443], protocols: ["https"] }, { cidr: "10.20.0.0/16" }] }
  environment: { allow: [{ key: "INGEST_MODE" }] }
  resources: { limits: { cpu: "500m", memory: "64Mi" } }
`
    const policy = parsePolicy(text, { file })
    expect(rulesOf(policy)).toEqual([
      '+filesystem.read /data/in/**',
      '+filesystem.write /data/in/**',
      '+filesystem.delete /data/in/**',
      '+network.connect https://*.example.com:443',
      '+network.connect 10.20.0.0/16:*',
      '+network.connect udp://10.20.0.0/16:*',
      '+environment.read INGEST_MODE',
      '-filesystem.read /data/in/secret/**',
    ])
    expect(policy).toMatchObject({
      format: 'wassette',
      description: 'Permission policy for ingest',
      limits: { cpuPercent: 50, memoryBytes: 64 * 1024 ** 2 },
      warnings: [],
    })
    expect(policy.allow[0]?.origin).toEqual({ document: file, line: 7, column: 20 })
  })

  it.each(['permissions:', 'permissions: {}', 'permissions: { storage: ~, network: { allow: ~, deny: [] } }'])(
    '%s grants nothing',
    (permissions) => {
      expect(rulesOf(parsePolicy(`version: "1.2"\ndescription:\n${permissions}\n`, { file }))).toEqual([])
    },
  )
})

describe('a storage rule', () => {
  it.each([
    ['fs:///data', '/data/**'],
    ['fs:///data/', '/data/**'],
    ['fs:///data/**', '/data/**'],
    ['fs:///data/*', '/data/*'],
    ['fs:///data/*.csv', '/data/*.csv'],
    ['fs://work/agent/**', '/work/agent/**'],
    ['fs://work/readonly.txt', '/work/readonly.txt/**'],
    ['fs:///', '/**'],
  ])('%s is %s', (uri, pattern) => {
    expect(rules(`storage: { allow: [{ uri: "${uri}", access: [read] }] }`)).toEqual([`+filesystem.read ${pattern}`])
  })

  it('of a single file opens that file and no other', () => {
    const { allow } = policyOf('storage: { allow: [{ uri: "fs:///data/a.txt", access: [read] }] }')
    const check = (resource: string) => CapabilitySet.of(allow).check({ kind: 'filesystem', action: 'read', resource })
    expect(check('/data/a.txt')).toBeDefined()
    expect(check('/data/b.txt')).toBeUndefined()
    expect(check('/data')).toBeUndefined()
  })

  it('writes by creating and deleting too; a word said twice counts once', () => {
    expect(rules('storage: { allow: [{ uri: "fs:///a/*", access: [write, read, write, delete] }] }')).toEqual([
      '+filesystem.write /a/*',
      '+filesystem.delete /a/*',
      '+filesystem.read /a/*',
    ])
    const { allow } = policyOf('storage: { allow: [{ uri: "fs:///a", access: [write] }] }')
    const check = (action: 'create' | 'read') =>
      CapabilitySet.of(allow).check({ kind: 'filesystem', action, resource: '/a/b' })
    expect(check('create')).toBeDefined()
    expect(check('read')).toBeUndefined()
  })

  it('knows the narrower words as well', () => {
    expect(rules('storage: { deny: [{ uri: "fs:///a/*", access: [create, delete, execute] }] }')).toEqual([
      '-filesystem.create /a/*',
      '-filesystem.delete /a/*',
      '-filesystem.execute /a/*',
    ])
  })

  it('of another scheme grants nothing and says so; as a deny it is refused', () => {
    const { allow, warnings } = policyOf('storage: { allow: [{ uri: "http://x", access: [read] }] }')
    expect(allow).toEqual([])
    expect(warnings).toEqual([
      expect.objectContaining({ line: 3, column: 29, message: expect.stringContaining('nothing') }),
    ])
    const text = 'version: "1.0"\npermissions: { storage: { deny: [{ uri: "http://x", access: [read] }] } }\n'
    expect(findingsOf(text, file).findings).toEqual(['2:41 `http://x` does not name files'])
  })

  it('that stands twice counts once, with a warning', () => {
    const rule = '{ uri: "fs:///a", access: [write] }'
    const { allow, warnings } = policyOf(`storage: { allow: [${rule}, ${rule}] }`)
    expect(allow).toHaveLength(2)
    expect(warnings.map(({ message }) => message)).toEqual(['`/a/**` is listed twice'])
  })
})

describe('a network rule', () => {
  it.each([
    ['host: api.example.com', ['api.example.com:*', 'udp://api.example.com:*']],
    ['host: api.example.com, protocols: [tcp]', ['api.example.com:*']],
    [
      'host: api.example.com, protocols: [https], ports: [443, 8443]',
      ['https://api.example.com:443', 'https://api.example.com:8443'],
    ],
    [
      'host: api.example.com, protocols: [http, https, http]',
      ['http://api.example.com:*', 'https://api.example.com:*'],
    ],
    ['host: "https://example.com/"', ['https://example.com:*']],
    ['host: "HTTPS://example.com:8443"', ['https://example.com:8443']],
    ['host: "localhost:8080", protocols: [tcp]', ['localhost:8080']],
    ['host: "*", protocols: [tcp], ports: [53]', ['*:53']],
    ['host: 127.0.0.1, protocols: [tcp]', ['127.0.0.1:*']],
    ['host: "::1", protocols: [tcp]', ['[::1]:*']],
    ['host: "[::1]", protocols: [tcp]', ['[::1]:*']],
    ['host: "[::1]:80", protocols: [tcp]', ['[::1]:80']],
    ['host: "fe80::a:1", protocols: [tcp]', ['[fe80::a:1]:*']],
    ['cidr: 10.0.0.0/8, ports: [5432], protocols: [tcp]', ['10.0.0.0/8:5432']],
    ['cidr: "fd00::/8", protocols: [tcp]', ['[fd00::]/8:*']],
  ])('{ %s }', (rule, patterns) => {
    expect(rules(`network: { allow: [{ ${rule} }] }`)).toEqual(patterns.map((pattern) => `+network.connect ${pattern}`))
  })

  it('that denies a whole host denies looking it up too', () => {
    expect(rules('network: { deny: [{ host: "*.evil.com" }, { host: a.b, ports: [1], protocols: [tcp] }] }')).toEqual([
      '-network.connect *.evil.com:*',
      '-network.connect udp://*.evil.com:*',
      '-network.resolve *.evil.com',
      '-network.connect a.b:1',
    ])
    expect(rules('network: { deny: [{ host: "tcp://a.b" }, { cidr: 10.0.0.0/8 }] }')).not.toContainEqual(
      expect.stringContaining('resolve'),
    )
  })

  it('that denies the URL of a page denies its host, however it is reached', () => {
    expect(rules('network: { deny: [{ host: "https://evil.com" }, { host: "http://a.b:8080/" }] }')).toEqual([
      '-network.connect evil.com:*',
      '-network.connect udp://evil.com:*',
      '-network.resolve evil.com',
      '-network.connect a.b:8080',
      '-network.connect udp://a.b:8080',
    ])
    expect(rules('network: { deny: [{ host: "https://a.b", protocols: [https] }] }')).toEqual([
      '-network.connect https://a.b:*',
    ])
  })

  it('opens the names that it lists and no others', () => {
    const { allow } = policyOf('network: { allow: [{ host: api.example.com }] }')
    const check = (resource: string) => CapabilitySet.of(allow).check({ kind: 'network', action: 'resolve', resource })
    expect(check('api.example.com')).toBeDefined()
    expect(check('example.com')).toBeUndefined()
  })

  it('denies addresses inside a wider allow', () => {
    const { allow, deny } = policyOf(
      'network: { allow: [{ cidr: 10.1.0.0/16, ports: [1] }], deny: [{ cidr: 10.0.0.0/8 }] }',
    )
    expect(allow.every((grant) => findRefusing(deny, grant) !== undefined)).toBe(true)
  })

  it('of defaults grants nothing and says so', () => {
    const { allow, warnings } = policyOf('network: { allow: [{ defaults: true }] }')
    expect(allow).toEqual([])
    expect(warnings).toEqual([expect.objectContaining({ line: 3, column: 24 })])
  })
})

describe('limits', () => {
  it.each([
    ['limits: { cpu: "500m" }', { cpuPercent: 50 }],
    ['limits: { cpu: "1" }', { cpuPercent: 100 }],
    ['limits: { cpu: 2 }', { cpuPercent: 200 }],
    ['limits: { cpu: 0.5 }', { cpuPercent: 50 }],
    ['limits: { cpu: "0.255" }', { cpuPercent: 25 }],
    ['limits: { cpu: "0.29" }', { cpuPercent: 29 }],
    ['cpu: 50.0', { cpuPercent: 50 }],
    ['cpu: 75', { cpuPercent: 75 }],
    ['cpu: 75, limits: { cpu: "500m" }', { cpuPercent: 50 }],
    ['limits: { memory: "64Mi" }', { memoryBytes: 64 * 1024 ** 2 }],
    ['limits: { memory: "1Gi" }', { memoryBytes: 1024 ** 3 }],
    ['limits: { memory: "512Ki" }', { memoryBytes: 512 * 1024 }],
    ['limits: { memory: "100M" }', { memoryBytes: 100_000_000 }],
    ['limits: { memory: "1048576" }', { memoryBytes: 1024 ** 2 }],
    ['limits: { memory: 64 }', { memoryBytes: 64 * 1024 ** 2 }],
    ['memory: 512', { memoryBytes: 512 * 1024 ** 2 }],
    ['memory: 512, limits: { memory: "1Gi" }', { memoryBytes: 512 * 1024 ** 2 }],
    ['limits: ~, cpu: ~, memory: ~, io: ~', {}],
  ])('%s', (limits, expected) => {
    const policy = policyOf(`resources: { ${limits} }`)
    expect(policy.limits).toEqual(expected)
    expect(policy.warnings).toEqual([])
  })

  it.each(['memory: 8192', 'limits: { memory: "8Gi" }'])('%s is as much as there can be', (limits) => {
    const { limits: read, warnings } = policyOf(`resources: { ${limits} }`)
    expect(read).toEqual({ memoryBytes: 4 * 1024 ** 3 })
    expect(warnings.map(({ message }) => message)).toEqual(['no linear memory is that large'])
  })
})

describe('what is known and not enforced is a warning, with its place', () => {
  it('other sandboxes, operations a second, channels', () => {
    const { warnings, allow } = policyOf(
      [
        'ipc: { allow: [{ uri: "pipe://x" }] }',
        'runtime: { docker: { security: { privileged: true } }, hyperlight: , wasm: { engine: v8 } }',
        'resources: { io: 1000 }',
      ].join('\n'),
    )
    expect(allow).toEqual([])
    expect(warnings.map(({ line, column, message }) => `${line}:${column} ${message}`)).toEqual([
      '3:3 `ipc` is not enforced',
      '4:14 `runtime.docker` is not enforced',
      '4:72 `runtime.wasm` is not enforced',
      '5:16 `resources.io` is not enforced',
    ])
  })
})

describe('what a document may not say', () => {
  const at = (permissions: string) => `version: "1.0"\npermissions: { ${permissions} }\n`
  it.each([
    [
      'storage: { allow: [{ uri: /data, access: [read] }] }',
      '2:42 `/data` does not name files',
      'storage: { allow: [{ uri: "fs:///data", access: [read] }] }',
    ],
    [
      'storage: { allow: [{ uri: "fs://", access: [read] }] }',
      '2:42 `fs://` names no path',
      'storage: { allow: [{ uri: "fs:///", access: [read] }] }',
    ],
    [
      'storage: { allow: [{ uri: "fs:///a/../b", access: [read] }] }',
      '2:51 in the pattern `fs:///a/../b`: the pattern holds the segment `..`',
      'storage: { allow: [{ uri: "fs:///a/b", access: [read] }] }',
    ],
    [
      'storage: { allow: [{ uri: "fs://a/**.txt", access: [read] }] }',
      '2:50 in the pattern `fs://a/**.txt`: `**` is glued to other characters',
      'storage: { allow: [{ uri: "fs://a/*.txt", access: [read] }] }',
    ],
    [
      'storage: { allow: [{ uri: "fs:///{a,b}", access: [read] }] }',
      '2:49 in the pattern `fs:///{a,b}`: `{` is not allowed outside a class',
      'storage: { allow: [{ uri: "fs:///[ab]", access: [read] }] }',
    ],
    ['storage: { allow: [{ uri: "fs:///a", access: [] }] }', '2:61 the list is empty', 'storage: { allow: [] }'],
    [
      'storage: { allow: [{ uri: "fs:///a", access: [admin] }] }',
      '2:62 `admin` is not known here',
      'storage: { allow: [{ uri: "fs:///a", access: [execute] }] }',
    ],
    [
      'storage: { allow: [{ uri: "fs:///a", access: [READ] }] }',
      '2:62 `READ` is not known here',
      'storage: { allow: [{ uri: "fs:///a", access: [read] }] }',
    ],
    [
      'storage: { allow: [{ uri: "fs:///a" }] }',
      '2:35 `access` is missing',
      'storage: { deny: [{ uri: "fs:///a", access: [read] }] }',
    ],
    [
      'storage: { allow: { uri: "fs:///a" } }',
      '2:34 a table stands where a list of storage rules belongs',
      'storage: { allow: }',
    ],
    ['storage: [read]', '2:25 a list stands where a table of `allow` and `deny` belongs', 'storage: {}'],
    [
      'network: { allow: [{ ports: [443] }] }',
      '2:35 the rule names nobody',
      'network: { allow: [{ host: a.b, ports: [443] }] }',
    ],
    [
      'network: { allow: [{ host: a.b, cidr: 10.0.0.0/8 }] }',
      '2:35 the rule has both `host` and `cidr`',
      'network: { allow: [{ host: a.b }, { cidr: 10.0.0.0/8 }] }',
    ],
    [
      'network: { allow: [{ host: "" }] }',
      '2:44 in the pattern ``: the pattern has no host',
      'network: { allow: [{ host: a }] }',
    ],
    [
      'network: { allow: [{ host: "exam*ple.com" }] }',
      '2:48 in the pattern `exam*ple.com`: `*` must stand alone or as the whole first label',
      'network: { allow: [{ host: "*.example.com" }] }',
    ],
    [
      'network: { allow: [{ host: 10.0.0.0/8 }] }',
      '2:43 `10.0.0.0/8` is a block of addresses',
      'network: { allow: [{ cidr: 10.0.0.0/8 }] }',
    ],
    [
      'network: { allow: [{ cidr: 10.0.0.1 }] }',
      '2:43 `10.0.0.1` is not a block of addresses',
      'network: { allow: [{ host: 10.0.0.1 }] }',
    ],
    [
      'network: { allow: [{ cidr: 10.0.0.0/33 }] }',
      '2:51 in the pattern `10.0.0.0/33`: `/33` is not a prefix length',
      'network: { allow: [{ cidr: 10.0.0.0/32 }] }',
    ],
    [
      'network: { allow: [{ cidr: "fd00::/8/64" }] }',
      '2:51 in the pattern `fd00::/8/64`: `/8/64` is not a prefix length',
      'network: { allow: [{ cidr: "fd00::/8" }] }',
    ],
    [
      `network: { allow: [{ host: a.b, protocols: [${'tcp, '.repeat(16)}udp] }] }`,
      '2:59 a list of 17 is too long',
      `network: { allow: [{ host: a.b, protocols: [${'tcp, '.repeat(15)}udp] }] }`,
    ],
    [
      'network: { allow: [{ cidr: 010.0.0.0/8 }] }',
      '2:43 in the pattern `010.0.0.0/8`: `010.0.0.0/8` is not an IPv4 block',
      'network: { allow: [{ cidr: 10.0.0.0/8 }] }',
    ],
    [
      'network: { allow: [{ host: "https://a.b/c" }] }',
      '2:43 `https://a.b/c` holds more than a host: paths are not told apart',
      'network: { allow: [{ host: "https://a.b" }] }',
    ],
    [
      'network: { allow: [{ host: "ftp://a.b" }] }',
      '2:43 `ftp://a.b` has an unknown protocol',
      'network: { allow: [{ host: "udp://a.b" }] }',
    ],
    [
      'network: { allow: [{ host: "https://u@a.b" }] }',
      '2:43 `https://u@a.b` holds more than a host: paths are not told apart',
      'network: { allow: [{ host: "https://u.a.b" }] }',
    ],
    [
      'network: { allow: [{ host: "https://a.b", protocols: [http] }] }',
      '2:43 `https://a.b` says another protocol than `protocols`',
      'network: { allow: [{ host: "https://a.b", protocols: [https] }] }',
    ],
    [
      'network: { allow: [{ host: "a.b:1", ports: [2] }] }',
      '2:43 `a.b:1` says a port beside `ports`',
      'network: { allow: [{ host: "a.b:1" }] }',
    ],
    [
      'network: { allow: [{ host: a.b, ports: [0] }] }',
      '2:56 0 is out of range',
      'network: { allow: [{ host: a.b, ports: [1] }] }',
    ],
    [
      'network: { allow: [{ host: a.b, ports: [65536] }] }',
      '2:56 65536 is out of range',
      'network: { allow: [{ host: a.b, ports: [65535] }] }',
    ],
    [
      'network: { allow: [{ host: a.b, ports: ["443"] }] }',
      '2:56 text stands where a whole number belongs',
      'network: { allow: [{ host: a.b, ports: [443] }] }',
    ],
    [
      'network: { allow: [{ host: a.b, ports: [443.5] }] }',
      '2:56 a number with a fraction stands where a whole number belongs',
      'network: { allow: [{ host: a.b, ports: [443] }] }',
    ],
    ['network: { allow: [{ host: a.b, ports: [] }] }', '2:55 the list is empty', 'network: { allow: [{ host: a.b }] }'],
    [
      'network: { allow: [{ host: a.b, protocols: [ftp] }] }',
      '2:60 `ftp` is not known here',
      'network: { allow: [{ host: a.b, protocols: [tcp] }] }',
    ],
    [
      'network: { allow: [{ defaults: false }] }',
      '2:47 `false` stands where `true` belongs',
      'network: { allow: [{ defaults: true }] }',
    ],
    ['network: { deny: [{ defaults: true }] }', '2:34 `defaults` names no host', 'network: { deny: [{ host: a.b }] }'],
    [
      'environment: { allow: [{ key: "INGEST_*" }] }',
      '2:54 in the pattern `INGEST_*`: a variable has no wildcards in this format',
      'environment: { allow: [{ key: "INGEST" }] }',
    ],
    [
      'environment: { allow: [{ key: "A=B" }] }',
      '2:48 in the pattern `A=B`: `=` is not allowed in a variable name',
      'environment: { deny: [{ key: "A" }] }',
    ],
    [
      'environment: { allow: [PATH] }',
      '2:39 text stands where a table of `key` belongs',
      'environment: { allow: [{ key: PATH }] }',
    ],
    [
      'resources: { limits: { cpu: "500x" } }',
      '2:44 `500x` is no number of processors',
      'resources: { limits: { cpu: "500m" } }',
    ],
    ['resources: { limits: { cpu: "9m" } }', '2:44 `9m` is out of range', 'resources: { limits: { cpu: "10m" } }'],
    [
      'resources: { limits: { cpu: true } }',
      '2:44 `true` stands where processors as `"500m"` or `"1"` belongs',
      'resources: { limits: { cpu: 1 } }',
    ],
    [
      'resources: { limits: { cpu: .nan } }',
      '2:44 a number with a fraction stands where processors as `"500m"` or `"1"` belongs',
      'resources: { limits: { cpu: 1.0 } }',
    ],
    ['resources: { limits: { memory: 64MB } }', '2:47 `64MB` is not a size', 'resources: { limits: { memory: 64M } }'],
    ['resources: { limits: { memory: 0 } }', '2:47 `0` is out of range', 'resources: { limits: { memory: 1 } }'],
    ['resources: { limits: { memory: -1 } }', '2:47 `-1` is not a size', 'resources: { limits: { memory: 1 } }'],
    [
      'resources: { limits: { memory: 1.5 } }',
      '2:47 a number with a fraction stands where a size as `"64Mi"` belongs',
      'resources: { limits: { memory: 1 } }',
    ],
    ['resources: { cpu: 0 }', '2:34 `0` is out of range', 'resources: { cpu: 1 }'],
    ['resources: { cpu: "50" }', '2:34 text stands where percent of one core belongs', 'resources: { cpu: 50 }'],
    ['runtime: { podman: {} }', '2:27 unknown key `podman`', 'runtime: { docker: {} }'],
    ['tools: {}', '2:16 unknown key `tools`', 'ipc: {}'],
  ])('%s', (permissions, finding, neighbour) => {
    expect(findingsOf(at(permissions), file)).toMatchObject({ code: 'policy-validation-failed', findings: [finding] })
    expect(findingsOf(at(neighbour), file).findings).toEqual([])
  })

  it.each([
    ['version: "2.1"', '1:10 the version `2.1` is not known'],
    ['version: "1"', '1:10 the version `1` is not known'],
    ['version: "1.0 "', '1:10 the version `1.0 ` is not known'],
    ['version: ""', '1:10 the version `` is not known'],
  ])('%s', (version, finding) => {
    expect(findingsOf(`${version}\npermissions: {}\n`, file)).toMatchObject({
      code: 'policy-invalid-format',
      findings: [finding],
    })
  })

  it('all of it is said at once', () => {
    const text =
      'version: 1.0\ndescription: 3\npermissions:\n  storage: { allow: [{ uri: "x", acces: [] }] }\n  netwrok: {}\n'
    const { findings, hints } = findingsOf(text, file)
    expect(findings).toEqual([
      '1:10 a number with a fraction stands where a version in quotes, as `"1.0"` belongs',
      '2:14 a whole number stands where a description belongs',
      '4:22 `access` is missing',
      '4:29 `x` does not name files',
      '4:34 unknown key `acces`',
      '5:3 unknown key `netwrok`',
    ])
    expect(hints.at(-1)).toContain('did you mean `network`?')
  })
})

describe('version 2.0', () => {
  const text = `version: "2.0"
scope: workflow
components: [ingest, t/enrich]
permissions: { environment: { allow: [{ key: A }] } }
shared_permissions:
  storage:
    allow: [{ uri: "fs:///shared", access: [read] }]
    deny: [{ uri: "fs:///shared/secret", access: [read] }]
`

  it('adds what several components share', () => {
    const policy = parsePolicy(text, { file })
    expect(rulesOf(policy)).toEqual(['+environment.read A'])
    expect(policy.shared?.components).toEqual(['ingest', 't/enrich'])
    expect(rulesOf(policy.shared ?? { allow: [], deny: [] })).toEqual([
      '+filesystem.read /shared/**',
      '-filesystem.read /shared/secret/**',
    ])
  })

  it.each([
    ['scope: workflow', 'scope: component', '2:8 `component` is not known here'],
    ['scope: workflow\n', '', '1:1 `scope` is missing'],
    ['components: [ingest, t/enrich]', 'components: []', '3:13 the list is empty'],
    ['  storage:', '  resources: {}\n  storage:', '6:3 unknown key `resources`'],
  ])('%s is not %s', (right, wrong, finding) => {
    expect(findingsOf(text.replace(right, wrong), file).findings).toEqual([finding])
  })

  it('version 1.0 does not have it', () => {
    expect(findingsOf(text.replace('2.0', '1.0'), file).findings).toEqual([
      '2:1 unknown key `scope`',
      '3:1 unknown key `components`',
      '5:1 unknown key `shared_permissions`',
    ])
  })
})

import { defineKinds } from '@bulkhead/capability'
import { documentBytesMax } from '@bulkhead/document'
import { describe, expect, it } from 'vitest'
import { rulesMax, schemasKeptMax } from './limits.js'
import { formatOf, parsePolicy } from './parse-policy.js'
import { findingsOf, rulesOf } from './policy.test.support.js'

const file = 'p.toml'
const sample = `# ingest.policy.toml
description = "ingest, production"
[allow]
filesystem.read = ["/data/in/**"]
filesystem.write = [{ pattern = "/data/out/**", max_file_size = "10MiB" }]
network.connect = [{ pattern = "https://*.example.com", connections = 8 }, "10.20.0.0/16:5432"]
[deny]
filesystem.read = ["/data/in/secret/**"]
network.connect = ["vault.example.com:*"]
[limits]
memory = "64MiB"
`

describe('a native policy', () => {
  it('says what its document says, each rule with its place', () => {
    const policy = parsePolicy(sample, { file })
    expect(rulesOf(policy)).toEqual([
      '+filesystem.read /data/in/**',
      '+filesystem.write /data/out/** {"maxFileSizeBytes":10485760}',
      '+network.connect https://*.example.com {"connections":8}',
      '+network.connect 10.20.0.0/16:5432',
      '-filesystem.read /data/in/secret/**',
      '-network.connect vault.example.com:*',
    ])
    expect(policy).toMatchObject({
      file,
      format: 'native',
      description: 'ingest, production',
      limits: { memoryBytes: 64 * 1024 ** 2 },
      warnings: [],
    })
    expect(policy.allow.map(({ origin }) => [origin.document, origin.line, origin.column])).toEqual([
      [file, 4, 20],
      [file, 5, 33],
      [file, 6, 32],
      [file, 6, 76],
    ])
    expect(policy.shared).toBeUndefined()
  })

  it('is frozen to its leaves', () => {
    const policy = parsePolicy(sample, { file })
    const inner = [policy.allow, policy.allow[1]?.limits, policy.allow[0]?.origin, policy.limits, policy.warnings]
    expect(inner.every((one) => Object.isFrozen(one))).toBe(true)
  })

  it('that is empty allows nothing', () => {
    expect(parsePolicy('', { file })).toMatchObject({ allow: [], deny: [], limits: {} })
  })

  it('may limit what this version enforces, zero included', () => {
    const text = '[limits]\nmemory = "0B"\ncpu = "150%"\ndeadline = "2s"\nhandles = 0\nmessages = "5/m"\n'
    expect(parsePolicy(text, { file }).limits).toEqual({
      memoryBytes: 0,
      cpuPercent: 150,
      deadlineMs: 2000,
      handles: 0,
      messagesPerHour: 300,
    })
  })

  it('may be shared', () => {
    const text = '[shared]\ncomponents = ["a", "t/b"]\n[shared.allow]\nmessaging.publish = ["x.*"]\n'
    const { shared } = parsePolicy(text, { file })
    expect(shared?.components).toEqual(['a', 't/b'])
    expect(rulesOf(shared ?? { allow: [], deny: [] })).toEqual(['+messaging.publish x.*'])
  })

  it('speaks of the custom kinds that it is told of', () => {
    const kinds = defineKinds([{ name: 'crm-contact', grammar: 'name', actions: ['find'] }])
    const text = '[allow]\ncrm-contact.find = ["customer-*"]\n'
    expect(rulesOf(parsePolicy(text, { file, kinds }))).toEqual(['+crm-contact.find customer-*'])
    expect(findingsOf(text, file).findings).toEqual(['2:1 unknown key `crm-contact`'])
  })

  it('is read alike for any number of components', () => {
    const read = (componentId: string) => parsePolicy('[allow]\nstorage.read = ["self:*"]\n', { file, componentId })
    for (let index = 0; index <= schemasKeptMax; index++) read(`c${index}`)
    expect(rulesOf(read('c0'))).toEqual(['+storage.read self:*'])
  })

  it('may have as many rules as there may be, and not one more', () => {
    const list = (count: number) => Array.from({ length: count }, (_, index) => `"/d${index}"`).join()
    expect(parsePolicy(`[allow]\nfilesystem.read = [${list(rulesMax)}]`, { file }).allow).toHaveLength(rulesMax)
    const inOne = findingsOf(`[allow]\nfilesystem.read = [${list(rulesMax + 1)}]`, file)
    expect(inOne.findings).toEqual([`2:19 a list of ${rulesMax + 1} is too long`])
    const inAll = findingsOf(`allow.process.spawn = ["/x"]\ndeny.filesystem.read = [${list(rulesMax)}]`, file)
    expect(inAll).toMatchObject({
      code: 'policy-validation-failed',
      findings: [`1:1 ${rulesMax + 1} rules are too many`],
    })
  })
})

describe('what a native policy may not say', () => {
  it.each([
    ['an unknown table', '[alow]', '1:2 unknown key `alow`', '[allow]'],
    [
      'an unknown kind',
      'allow.filesytem.read = ["/a"]',
      '1:7 unknown key `filesytem`',
      'allow.filesystem.read = ["/a"]',
    ],
    ['an unknown action', 'allow.process.run = ["/a"]', '1:15 unknown key `run`', 'allow.process.spawn = ["/a"]'],
    [
      'an unknown key of a rule',
      'allow.process.spawn = [{ pattern = "/a", why = "x" }]',
      '1:42 unknown key `why`',
      'allow.process.spawn = [{ pattern = "/a" }]',
    ],
    ['a version', 'version = "1.0"', '1:1 unknown key `version`', 'description = "1.0"'],
    ['a prototype', '__proto__.polluted = true', '1:1 unknown key `__proto__`', 'description = "__proto__"'],
    [
      'a nested prototype',
      'allow.__proto__.read = ["/a"]',
      '1:7 unknown key `__proto__`',
      'allow.filesystem.read = ["/__proto__"]',
    ],
    [
      'a constructor',
      'allow.constructor.read = ["/a"]',
      '1:7 unknown key `constructor`',
      'allow.storage.read = ["constructor"]',
    ],
    [
      'a bad pattern',
      'allow.filesystem.read = ["a/b"]',
      '1:27 in the pattern `a/b`: `a/b` is not absolute',
      'allow.filesystem.read = ["/a/b"]',
    ],
    [
      'a bad pattern in a table',
      'allow.filesystem.read = [{ pattern = "/a/../b" }]',
      '1:42 in the pattern `/a/../b`: the pattern holds the segment `..`',
      'allow.filesystem.read = [{ pattern = "/b" }]',
    ],
    [
      'a host without port',
      'deny.network.connect = ["a.b"]',
      '1:29 in the pattern `a.b`: the pattern says no port',
      'deny.network.connect = ["a.b:*"]',
    ],
    [
      'an empty pattern',
      'allow.messaging.publish = [""]',
      '1:29 in the pattern ``: the pattern is empty',
      'allow.messaging.publish = [">"]',
    ],
    [
      'a control character',
      'allow.environment.read = ["A\\u0007"]',
      '1:29 in the pattern `A\\u{7}`: the pattern holds the control character U+0007',
      'allow.environment.read = ["A"]',
    ],
    ['an empty list', 'allow.environment.read = []', '1:26 the list is empty', 'allow.environment.read = ["A"]'],
    [
      'a pattern alone',
      'allow.environment.read = "A"',
      '1:26 text stands where a list of patterns belongs',
      'allow.environment.read = ["A"]',
    ],
    [
      'a number as a rule',
      'allow.environment.read = [1]',
      '1:27 a whole number stands where a pattern in quotes, or `{ pattern }` belongs',
      'allow.environment.read = ["1"]',
    ],
    [
      'a date as a rule',
      'allow.environment.read = [1979-05-27]',
      '1:27 a date or time stands where a pattern in quotes, or `{ pattern }` belongs',
      'allow.environment.read = ["1979-05-27"]',
    ],
    [
      'a rule without pattern',
      'allow.environment.read = [{}]',
      '1:27 `pattern` is missing',
      'allow.environment.read = [{ pattern = "A" }]',
    ],
    [
      'a number as a pattern',
      'allow.environment.read = [{ pattern = 1 }]',
      '1:39 a whole number stands where a pattern in quotes belongs',
      'allow.environment.read = [{ pattern = "1" }]',
    ],
    [
      'a rule that stands twice',
      'deny.environment.read = ["A", { pattern = "A" }]',
      '1:43 the pattern `A` is listed twice',
      'deny.environment.read = ["A", { pattern = "B" }]',
    ],
    [
      'a file size for reading',
      'allow.filesystem.read = [{ pattern = "/a", max_file_size = "1B" }]',
      '1:44 unknown key `max_file_size`',
      'allow.filesystem.create = [{ pattern = "/a", max_file_size = "1B" }]',
    ],
    [
      'a file size in a deny',
      'deny.filesystem.write = [{ pattern = "/a", max_file_size = "1B" }]',
      '1:44 unknown key `max_file_size`',
      'allow.filesystem.write = [{ pattern = "/a", max_file_size = "1B" }]',
    ],
    [
      'a size in megabytes',
      'allow.filesystem.write = [{ pattern = "/a", max_file_size = "1MB" }]',
      '1:61 `1MB` is not a size as `"10MiB"` (B, KiB, MiB, GiB, TiB)',
      'allow.filesystem.write = [{ pattern = "/a", max_file_size = "1MiB" }]',
    ],
    [
      'connections to bind',
      'allow.network.bind = [{ pattern = "*:1", connections = 1 }]',
      '1:42 unknown key `connections`',
      'allow.network.connect = [{ pattern = "*:1", connections = 0 }]',
    ],
    [
      'connections below none',
      'allow.network.connect = [{ pattern = "*:1", connections = -1 }]',
      '1:59 -1 is out of range',
      'allow.network.connect = [{ pattern = "*:1", connections = 65536 }]',
    ],
    [
      'too many connections',
      'allow.network.connect = [{ pattern = "*:1", connections = 65537 }]',
      '1:59 65537 is out of range',
      'allow.network.connect = [{ pattern = "*:1", connections = 65536 }]',
    ],
    [
      'half a connection',
      'allow.network.connect = [{ pattern = "*:1", connections = 1.5 }]',
      '1:59 a number with a fraction stands where a whole number belongs',
      'allow.network.connect = [{ pattern = "*:1", connections = 1 }]',
    ],
    ['a limit out of range', 'limits.memory = "5GiB"', '1:17 `5GiB` is out of range', 'limits.memory = "4GiB"'],
    ['no processor', 'limits.cpu = "0%"', '1:14 `0%` is out of range', 'limits.cpu = "1%"'],
    [
      'a limit of another type',
      'limits.memory = 64',
      '1:17 a whole number stands where a size as `"64MiB"` (B, KiB, MiB, GiB) belongs',
      'limits.memory = "64B"',
    ],
    [
      'a limit in another unit',
      'limits.network = "100/s"',
      '1:18 `100/s` is not a rate as `"64KiB/s"` (s, m, h)',
      'limits.network = "100B/s"',
    ],
    ['a limit out of range', 'limits.storage = "2TiB"', '1:18 `2TiB` is out of range', 'limits.storage = "1TiB"'],
    ['a blank description', 'description = " "', '1:15 the text is blank', 'description = "x"'],
    [
      'NUL in the description',
      'description = "a\\u0000"',
      '1:15 a description holds a NUL character',
      'description = "a"',
    ],
    [
      'a long description',
      `description = "${'x'.repeat(2001)}"`,
      '1:15 a description of 2001 characters is too long',
      `description = "${'x'.repeat(2000)}"`,
    ],
    [
      'shared rules for nobody',
      '[shared]\nallow.process.spawn = ["/a"]',
      '1:2 `components` is missing',
      '[shared]\ncomponents = ["a"]',
    ],
    ['an empty list of components', 'shared.components = []', '1:21 the list is empty', 'shared.components = ["a"]'],
    [
      'a component that cannot be',
      'shared.components = ["A"]',
      '1:22 `A` is not the id of a component',
      'shared.components = ["a/b"]',
    ],
    [
      'a component twice',
      'shared.components = ["a", "a"]',
      '1:21 the component `a` is listed twice',
      'shared.components = ["a", "b"]',
    ],
    [
      'a duplicate in a shared list',
      'shared.components = ["a"]\nshared.deny.process.spawn = ["/a", "/a"]',
      '2:36 the pattern `/a` is listed twice',
      'shared.components = ["a"]',
    ],
  ])('%s', (_, text, finding, neighbour) => {
    expect(findingsOf(text, file)).toMatchObject({ code: 'policy-validation-failed', findings: [finding] })
    expect(findingsOf(neighbour, file).findings).toEqual([])
    expect(Reflect.ownKeys(Object.prototype)).not.toContain('polluted')
  })

  it('all of it is said at once, with the nearest names', () => {
    const text =
      'descripton = "x"\n[allow]\nfilesystem.raed = ["a"]\nstorage = 3\nnetwork.connect = ["a", "b:1", "b:1"]\n'
    const { findings, hints } = findingsOf(text, file)
    expect(findings).toEqual([
      '1:1 unknown key `descripton`',
      '3:12 unknown key `raed`',
      '4:11 a whole number stands where a table of the actions of `storage` belongs',
      '5:22 in the pattern `a`: the pattern says no port',
      '5:32 the pattern `b:1` is listed twice',
    ])
    expect(hints[1]).toBe('did you mean `read`? known: `read`, `write`, `create`, `delete`, `execute`')
  })
})

describe('the format of a policy', () => {
  it('is told by the name of its file, or said', () => {
    expect([formatOf('a.policy.toml'), formatOf('A.YAML'), formatOf('a.yml')]).toEqual([
      'native',
      'wassette',
      'wassette',
    ])
    expect(parsePolicy('', { file: 'policy', format: 'native' }).format).toBe('native')
    expect(findingsOf('', 'policy.json')).toMatchObject({
      code: 'policy-invalid-format',
      findings: ['1:1 `policy.json` does not tell whether it is TOML or YAML'],
    })
  })

  it.each([
    ['not TOML', 'allow = ', 'p.toml', '1:9 not TOML: '],
    ['not YAML', 'a: [', 'p.yaml', '1:5 not YAML: '],
    ['YAML in a TOML file', 'version: "1.0"\n', 'p.toml', '1:'],
    ['TOML in a YAML file', '[allow]\n', 'p.yaml', '1:1 the document is not a table'],
    ['not UTF-8', Buffer.from([0xc0, 0xc1]), 'p.yaml', '1:1 the document is not UTF-8'],
    ['not UTF-8', Buffer.from([0xc0, 0xc1]), 'p.toml', '1:1 the document is not UTF-8'],
    ['too large', `#${' '.repeat(documentBytesMax)}`, 'p.toml', '1:1 the document is too large'],
    ['too large', `#${' '.repeat(documentBytesMax)}`, 'p.yaml', '1:1 the document is too large'],
    [
      'two documents',
      'version: "1.0"\npermissions:\n---\nversion: "1.0"\n',
      'p.yaml',
      '3:1 a second document begins here',
    ],
    ['an alias bomb', 'a: &a [x]\nb: &b [*a, *a]\nc: [*b, *b]\n', 'p.yaml', '1:4 `&a` is an anchor'],
  ])('%s', (_, text, name, finding) => {
    const { code, findings } = findingsOf(text, name)
    expect(code).toBe('policy-invalid-format')
    expect(findings[0]).toContain(finding)
  })

  it('a document as large as may be is read', () => {
    expect(findingsOf(`#${' '.repeat(documentBytesMax - 1)}`, 'p.toml').code).toBe('accepted')
  })
})

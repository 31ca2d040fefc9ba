import { createHash } from 'node:crypto'
import { DocumentError } from '@bulkhead/document'
import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { descriptionCharactersMax, patternsPerActionMax } from './limits.js'
import { manifestDigest } from './manifest-digest.js'
import { parseManifest } from './parse-manifest.js'

const header = '[component]\nid = "ingest"\nversion = "1.2.0"\n'

// The example of the format's own description, with one request of every kind.
const full = `[component]
id = "ingest"
version = "1.2.0-rc.1+build.5"
description = "Reads drops, publishes orders"
kind = "actor"

[capabilities]
filesystem.read = ["/data/in/**"]
filesystem.delete = ["/data/in/**"]
messaging.publish = ["orders.*"]
storage.read = ["self:*"]
storage.write = ["self:*"]
network.connect = [{ pattern = "https://api.example.com", optional = true, why = "currency rates" }, "10.0.0.0/8:5432"]
network.resolve = ["api.example.com"]
environment.read = [{ pattern = "INGEST_*", optional = false }]
process.spawn = ["/usr/bin/true"]

[quotas]
memory = "64MiB"
storage = "100MiB"
messages = "1000/s"
network = "10MiB/s"
requests = "100/m"
cpu = "50%"
deadline = "30s"
logs = "64KiB/s"
handles = 0
`

const parse = (text: string | Uint8Array) => parseManifest(text, { file: 'Component.toml' })

function findings(text: string | Uint8Array): readonly string[] {
  try {
    parse(text)
  } catch (error) {
    if (error instanceof DocumentError) {
      return error.findings.map(({ line, column, message }) => `${line}:${column} ${message}`)
    }
    throw error
  }
  return []
}

function isDeepFrozen(value: unknown): boolean {
  return (
    typeof value !== 'object' || value === null || (Object.isFrozen(value) && Object.values(value).every(isDeepFrozen))
  )
}

describe('parseManifest', () => {
  it('digests the exact bytes: a space more is another manifest', () => {
    const bytes = new TextEncoder().encode(header)
    expect(parse(bytes).digest).toBe(parse(header).digest)
    expect(parse(bytes).digest).toBe(manifestDigest(bytes))
    expect(parse(`${header} `).digest).not.toBe(parse(header).digest)
  })

  it('reads everything that the format has', () => {
    const manifest = parse(full)
    expect(manifest.component).toEqual({
      id: 'ingest',
      version: '1.2.0-rc.1+build.5',
      description: 'Reads drops, publishes orders',
      kind: 'actor',
    })
    expect(manifest.capabilities).toHaveLength(10)
    expect(manifest.capabilities.find(({ kind }) => kind === 'network')).toEqual({
      kind: 'network',
      action: 'connect',
      pattern: 'https://api.example.com',
      origin: { document: 'Component.toml', line: 13, column: 32 },
      optional: true,
      why: 'currency rates',
    })
    expect(manifest.digest).toBe(`sha256:${createHash('sha256').update(full).digest('hex')}`)
    expect(manifest.capabilitiesAt).toEqual({ line: 7, column: 2 })
    expect(manifest.quotas).toEqual({
      memoryBytes: 64 * 1024 ** 2,
      storageBytes: 100 * 1024 ** 2,
      messages: { amount: 1000, perMs: 1000 },
      network: { amount: 10 * 1024 ** 2, perMs: 1000 },
      requests: { amount: 100, perMs: 60_000 },
      cpuPercent: 50,
      deadlineMs: 30_000,
      logs: { amount: 64 * 1024, perMs: 1000 },
      handles: 0,
    })
    expect(isDeepFrozen(manifest)).toBe(true)
  })

  it('asks for nothing where nothing is asked for', () => {
    const manifest = parse(header)
    expect(manifest.capabilities).toEqual([])
    expect(manifest.quotas).toEqual({})
    expect(manifest.capabilitiesAt).toEqual({ line: 1, column: 2 })
    expect(parse(`${header}[capabilities]\n`).capabilities).toEqual([])
  })

  it('reads dotted keys, nested tables and inline tables alike', () => {
    const bare = (text: string) => parse(header + text).capabilities.map(({ origin, ...grant }) => grant)
    const dotted = bare('[capabilities]\nfilesystem.read = ["/a"]\nfilesystem.write = ["/b"]\n')
    expect(dotted).toHaveLength(2)
    expect(bare('[capabilities.filesystem]\nread = ["/a"]\nwrite = ["/b"]\n')).toEqual(dotted)
    expect(bare('[capabilities]\nfilesystem = { read = ["/a"], write = ["/b"] }\n')).toEqual(dotted)
  })

  it('takes bytes as it takes text', () => {
    expect(parse(new TextEncoder().encode(full))).toEqual(parse(full))
  })

  it('says everything at once', () => {
    const text = `[component]
id = "Ingest"
verison = "1.0.0"
[capabilities]
filesytem.read = ["/x"]
filesystem.raed = ["/x"]
filesystem.read = ["/a", "/b", "/a"]
filesystem.write = []
network.connect = ["example.com"]
crm.read = ["x"]
[quotas]
memory = "5GiB"
cpu = "0%"
`
    expect(findings(text)).toEqual([
      '1:2 `version` is missing',
      '2:6 `Ingest` is not a component id',
      '3:1 unknown key `verison`',
      '5:1 unknown capability kind `filesytem`',
      '6:12 unknown filesystem action `raed`',
      '7:32 the pattern `/a` is listed twice',
      '8:20 the list is empty',
      '9:32 in the pattern `example.com`: the pattern says no port',
      '10:1 unknown capability kind `crm`',
      '12:10 `5GiB` is out of range',
      '13:7 `0%` is out of range',
    ])
  })

  it('names the nearest name', () => {
    expect(() => parse(`${header}[capabilities]\nfilesytem.read = ["/x"]\n`)).toThrowError(
      /did you mean `filesystem`\?/,
    )
    expect(() => parse(`${header}[capabilities]\nfilesystem.raed = ["/x"]\n`)).toThrowError(/did you mean `read`\?/)
  })

  it('points at the character of a pattern that is wrong, escapes counted', () => {
    const at = (pattern: string) => findings(`${header}[capabilities]\nfilesystem.read = [${pattern}]\n`)
    expect(at('"/data/[b-a]"')).toEqual([expect.stringMatching(/^5:2[78] /)])
    expect(at('"/data/../x"')).toEqual([expect.stringMatching(/^5:27 /)])
    expect(at('"\\u002fdata/../x"')).toEqual([expect.stringMatching(/^5:32 /)])
    expect(at('{ pattern = "/data/../x", optional = true }')).toEqual([expect.stringMatching(/^5:39 /)])
  })

  it('wants a port of what it may connect to, not of what it may resolve', () => {
    const at = (line: string) => findings(`${header}[capabilities]\n${line}\n`)
    expect(at('network.connect = ["a.example:*", "https://a.example", "udp://a.example:53"]')).toEqual([])
    expect(at('network.bind = ["127.0.0.1"]')).toHaveLength(1)
    expect(at('network.resolve = ["*.example"]')).toEqual([])
  })

  it.each([
    ['filesystem.read', '"data"'],
    ['process.spawn', '"true"'],
    ['network.connect', '"0x7f.1:80"'],
    ['storage.read', '"a::b"'],
    ['messaging.publish', '"a..b"'],
    ['messaging.subscribe', '"a.>.b"'],
    ['environment.read', '"A*B"'],
    ['filesystem.read', '{ patern = "/x" }'],
    ['filesystem.read', '{ optional = true }'],
    ['filesystem.read', '{ pattern = 1 }'],
    ['filesystem.read', '{ pattern = "/x", optional = "yes" }'],
    ['filesystem.read', '{ pattern = "/x", why = 5 }'],
    ['filesystem.read', '["/x"]'],
  ])('refuses `%s = [%s]`', (key, item) => {
    expect(findings(`${header}[capabilities]\n${key} = [${item}]\n`).length).toBeGreaterThan(0)
  })

  it.each(['1', '1.0', '1.0.0.0', 'v1.0.0', '01.0.0', '1.0.0-', '1.0.0-01', ' 1.0.0', ''])(
    'refuses version `%s`',
    (version) => {
      expect(findings(`[component]\nid = "a"\nversion = "${version}"\n`)).toHaveLength(1)
    },
  )

  it.each([
    'memory = "64"',
    'memory = 64',
    'memory = "64 MiB"',
    'memory = "-1MiB"',
    'memory = "64MB"',
    'storage = "2TiB"',
    'messages = "1000"',
    'messages = "10/d"',
    'messages = "1000001/s"',
    'network = "10MiB"',
    'requests = "1.5/s"',
    'cpu = 50',
    'cpu = "50"',
    'deadline = "0s"',
    'deadline = "25d"',
    'deadline = 30',
    'logs = "64KiB"',
    'handles = "256"',
    'handles = -1',
    'handles = 65537',
    'handles = nan',
    'memroy = "1MiB"',
    'memory = "unlimited"',
  ])('refuses the quota `%s`', (quota) => {
    expect(findings(`${header}[quotas]\n${quota}\n`)).toHaveLength(1)
  })

  it.each([
    'memory = "0B"',
    'memory = "4GiB"',
    'messages = "0/s"',
    'handles = 65536',
    'cpu = "200%"',
    'deadline = "24d"',
  ])('takes the quota `%s`', (quota) => {
    expect(findings(`${header}[quotas]\n${quota}\n`)).toEqual([])
  })

  it('has bounds on text and lists', () => {
    const described = (length: number) => `${header}description = "${'a'.repeat(length)}"\n`
    expect(findings(described(descriptionCharactersMax))).toEqual([])
    expect(findings(described(descriptionCharactersMax + 1))).toHaveLength(1)
    const listed = (count: number) => {
      const patterns = Array.from({ length: count }, (_, index) => `"/${index}"`)
      return `${header}[capabilities]\nfilesystem.read = [${patterns.join()}]\n`
    }
    expect(findings(listed(patternsPerActionMax))).toEqual([])
    expect(findings(listed(patternsPerActionMax + 1))).toHaveLength(1)
  })

  it('throws nothing but DocumentError, whatever is done to a manifest', () => {
    const edit = fc.record({
      at: fc.nat(full.length),
      remove: fc.nat(12),
      insert: fc.oneof(
        fc.string({ unit: 'binary', maxLength: 4 }),
        fc.constantFrom('"', '[', ']', '{', '}', '=', '\n', '.', ',', '__proto__', '/../', '*', '\\u0000', '1', '-'),
      ),
    })
    fc.assert(
      fc.property(fc.array(edit, { minLength: 1, maxLength: 4 }), (edits) => {
        findings(
          edits.reduce((text, { at, remove, insert }) => text.slice(0, at) + insert + text.slice(at + remove), full),
        )
      }),
      { numRuns: 500 },
    )
    fc.assert(fc.property(fc.uint8Array({ maxLength: 100 }), (bytes) => void findings(bytes)))
  })

  it('throws nothing but DocumentError, whatever values its keys have', () => {
    const value = fc.constantFrom(
      '1',
      '1.5',
      'inf',
      'true',
      '""',
      '"\\u0000"',
      '[]',
      '[[]]',
      '{}',
      '1979-05-27',
      '[{}]',
      '"/a"',
    )
    const key = fc.constantFrom(
      'component',
      'component.id',
      'component.x',
      'capabilities',
      'capabilities.filesystem',
      'capabilities.filesystem.read',
      'capabilities.storage.read',
      'capabilities.__proto__',
      'quotas',
      'quotas.memory',
      '"1"',
    )
    fc.assert(
      fc.property(fc.array(fc.tuple(key, value), { maxLength: 6 }), (pairs) => {
        findings(pairs.map(([name, written]) => `${name} = ${written}\n`).join(''))
      }),
      { numRuns: 500 },
    )
  })
})

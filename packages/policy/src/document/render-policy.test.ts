import { CapabilitySet, type Grant } from '@bulkhead/capability'
import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { convertPolicy } from './convert-policy.js'
import { diffPolicies } from './diff-policies.js'
import { parsePolicy } from './parse-policy.js'
import type { Policy } from './policy.js'
import { rulesOf } from './policy.test.support.js'
import { anyPolicy, speakablePolicy } from './policy-arbitrary.test.support.js'
import { renderPolicy } from './render-policy.js'

const native = (text: string) => parsePolicy(text, { file: 'p.toml' })
const wassette = (text: string) => parsePolicy(text, { file: 'p.yaml' })

/** A policy without the places of its rules, in the words of the test. */
function said({ description, allow, deny, limits, shared }: Policy) {
  const sharedRules = shared === undefined ? undefined : [shared.components, rulesOf(shared)]
  return { description, rules: rulesOf({ allow, deny }), limits, shared: sharedRules }
}

describe('renderPolicy', () => {
  it('renders what parses to the same policy', () => {
    fc.assert(
      fc.property(anyPolicy, (policy) => {
        const text = renderPolicy(policy)
        expect(said(native(text))).toEqual(said(policy))
        expect(renderPolicy(native(text))).toBe(text)
        expect(diffPolicies(policy, native(text)).same).toBe(true)
      }),
    )
  })

  it('has one form, whatever the order of the document', () => {
    const text = `description = "x"

[allow]
filesystem.read = ["/b", "/a"]
filesystem.write = [{ pattern = "/out/**", max_file_size = "10MiB" }]
network.connect = [{ pattern = "https://a.b", connections = 0 }]

[deny]
environment.read = ["SECRET"]

[limits]
memory = "64MiB"
cpu = "50%"
deadline = "90s"
handles = 3

[shared]
components = ["a", "b"]

[shared.allow]
messaging.publish = ["x"]
`
    expect(renderPolicy(native(text))).toBe(text)
    const mixed = `[shared]
allow.messaging.publish = [{ pattern = "x" }]
components = ["a", "b"]
[limits]
handles = 3
deadline = "90000ms"
cpu = "50%"
memory = "65536KiB"
[deny]
environment.read = ["SECRET"]
[allow.network]
connect = [{ connections = 0, pattern = "https://a.b" }]
[allow.filesystem]
write = [{ pattern = "/out/**", max_file_size = "10240KiB" }]
read = ["/b", "/a"]
`
    expect(renderPolicy(native(`description = "x"\n${mixed}`))).toBe(text)
    expect(renderPolicy(native(''))).toBe('')
  })

  it('breaks long lists into lines', () => {
    const patterns = Array.from({ length: 12 }, (_, index) => `/a/long/path/${index}`)
    const text = renderPolicy(native(`allow.filesystem.read = ${JSON.stringify(patterns)}`))
    expect(text.split('\n')).toHaveLength(16)
    expect(native(text).allow.map(({ pattern }) => pattern)).toEqual(patterns)
  })
})

describe('convertPolicy', () => {
  it('to native: says the same, with the warnings on top', () => {
    const policy = wassette(`version: "1.0"
description: "two\\nlines"
permissions:
  storage: { allow: [{ uri: fs:///in, access: [write] }], deny: [{ uri: "fs:///in/*.key", access: [read] }] }
  network: { deny: [{ host: evil.com }] }
  resources: { limits: { cpu: "500m", memory: 64Mi }, io: 3 }
`)
    const text = convertPolicy(policy, 'native')
    expect(text.split('\n')[0]).toMatch(/^# line 6: `resources\.io` is not enforced; /)
    expect(said(native(text))).toEqual(said(policy))
  })

  it('to Wassette: says the same', () => {
    fc.assert(
      fc.property(speakablePolicy, (policy) => {
        const back = wassette(convertPolicy(policy, 'wassette'))
        expect(back.warnings).toEqual([])
        expect(back.description).toBe(policy.description)
        expect(back.limits).toEqual(policy.limits)
        expect(back.shared?.components).toEqual(policy.shared?.components)
        for (const side of ['allow', 'deny'] as const) {
          expectSameMeaning(back[side], policy[side])
          expectSameMeaning(back.shared?.[side] ?? [], policy.shared?.[side] ?? [])
        }
      }),
    )
  })

  it.each([
    'filesystem.read = ["/a/**", "/b/*.csv"]',
    'filesystem.write = ["/**"]\nfilesystem.delete = ["/**"]',
    'filesystem.write = ["/a/*"]\nfilesystem.create = ["/a/*"]\nfilesystem.delete = ["/a/*"]',
    'filesystem.create = ["/a/*"]\nfilesystem.execute = ["/a/*"]',
    'network.connect = ["https://a.b", "a.b:22", "udp://a.b:*", "[::1]:1", "10.0.0.0/8:*"]',
    'network.connect = ["a.b:*", "udp://a.b:*", "http://a.b"]',
    'network.connect = ["HTTPS://a.b", "Udp://A.b:53", "TCP://[2001:db8::/32]:1"]',
    'environment.read = ["A"]',
  ])('to Wassette: %s', (rules) => {
    for (const side of ['allow', 'deny']) {
      const policy = native(`[${side}]\n${rules}\n`)
      const back = wassette(convertPolicy(policy, 'wassette'))
      expectSameMeaning(back.allow, policy.allow)
      expectSameMeaning(back.deny, policy.deny)
    }
  })

  it('to Wassette: a host that is denied whole is one rule', () => {
    const text = 'deny.network.connect = ["a.b:*", "udp://a.b:*"]\ndeny.network.resolve = ["a.b"]\n'
    expect(convertPolicy(native(text), 'wassette')).toContain('- { host: "a.b" }\n')
  })

  it('to Wassette: many ports take several rules', () => {
    const ports = Array.from({ length: 100 }, (_, index) => `a.b:${index + 1}`)
    const policy = native(`allow.network.connect = ${JSON.stringify(ports)}`)
    const back = wassette(convertPolicy(policy, 'wassette'))
    expect(back.allow.map(({ pattern }) => pattern)).toEqual(ports)
  })

  it.each([
    'allow.filesystem.read = ["/a"]',
    'allow.filesystem.write = ["/a/**"]',
    'allow.filesystem.write = [{ pattern = "/a/**", max_file_size = "1B" }]',
    'allow.network.connect = ["a.b:1-2"]',
    'allow.network.connect = [{ pattern = "a.b:1", connections = 1 }]',
    'allow.network.bind = ["*:8080"]',
    'allow.network.resolve = ["a.b"]',
    'allow.environment.read = ["A_*"]',
    'allow.storage.read = ["self:*"]',
    'allow.messaging.publish = ["x"]',
    'deny.process.spawn = ["/a"]',
    'limits.memory = "0B"',
    'limits.deadline = "1s"',
    'limits.handles = 1',
    'shared.components = ["a"]\nshared.allow.messaging.publish = ["x"]',
  ])('to Wassette: has no words for %s', (text) => {
    expect(() => convertPolicy(native(text), 'wassette')).toThrowError(
      /^p\.toml:\d+:\d+: Wassette's format has no words for/,
    )
  })
})

/** Each side covers the other: the same requests match. */
function expectSameMeaning(one: readonly Grant[], other: readonly Grant[]): void {
  const [left, right] = [CapabilitySet.of(one), CapabilitySet.of(other)]
  expect([left.covers(right), right.covers(left)]).toEqual([true, true])
}

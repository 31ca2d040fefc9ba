import { type Action, builtinActionsOf, type Kind, kinds } from '@bulkhead/vocabulary'
import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { type DraftRequest, draftManifest } from './draft-manifest.js'
import { parseManifest } from './parse-manifest.js'

const header = { id: 'ingest', version: '0.1.0' }

describe('draftManifest', () => {
  it('renders in an order of its own', () => {
    const text = draftManifest({
      ...header,
      description: 'a "draft"\n',
      kind: 'command',
      grants: [
        { kind: 'environment', action: 'read', pattern: 'TZ', optional: true, why: 'time zone' },
        { kind: 'filesystem', action: 'write', pattern: '/out/b' },
        { kind: 'filesystem', action: 'read', pattern: '/in' },
        { kind: 'filesystem', action: 'write', pattern: '/out/a' },
      ],
      suggestions: [
        { kind: 'filesystem', action: 'read', pattern: '/x' },
        { kind: 'filesystem', action: 'read', pattern: '/y' },
      ],
    })
    expect(text).toBe(`[component]
id = "ingest"
version = "0.1.0"
description = "a \\"draft\\"\\n"
kind = "command"

[capabilities]
filesystem.read = ["/in"]
filesystem.write = [
  "/out/a",
  "/out/b",
]
environment.read = [{ pattern = "TZ", optional = true, why = "time zone" }]
# filesystem.read = [
#   "/x",
#   "/y",
# ]
`)
    expect(parseManifest(text, { file: 'draft' }).capabilities).toHaveLength(4)
  })

  it('does not depend on the order in which it was asked', () => {
    const grants: DraftRequest[] = ['/c', '/a', '/b', '/a'].map((pattern) => ({
      kind: 'filesystem',
      action: 'read',
      pattern,
    }))
    expect(draftManifest({ ...header, grants: [...grants].reverse() })).toBe(draftManifest({ ...header, grants }))
  })

  it('keeps as needed what is asked for as needed and as optional', () => {
    const one = { kind: 'filesystem', action: 'read', pattern: '/a' } as const
    const needed = draftManifest({ ...header, grants: [one] })
    expect(draftManifest({ ...header, grants: [one, { ...one, optional: true }] })).toBe(needed)
    expect(draftManifest({ ...header, grants: [{ ...one, optional: true }, one] })).toBe(needed)
  })

  it('cuts words that are longer than a manifest may hold', () => {
    const text = draftManifest({ ...header, description: `${'😀'.repeat(5000)}\0`, grants: [] })
    expect(() => parseManifest(text, { file: 'draft' })).not.toThrow()
  })

  it('keeps as a comment what no pattern can say', () => {
    const grants: DraftRequest[] = [
      { kind: 'filesystem', action: 'read', pattern: '/a\nfilesystem.write = ["/**"]' },
      { kind: 'network', action: 'connect', pattern: 'no-port.example' },
    ]
    const text = draftManifest({ ...header, grants })
    expect(text).toContain('# no pattern can say network.connect "no-port.example"')
    expect(parseManifest(text, { file: 'draft' }).capabilities).toEqual([])
  })

  it('says so when it asks for nothing', () => {
    expect(draftManifest({ ...header, grants: [] })).toContain('# asks for nothing')
  })

  it('passes parseManifest with exactly what it was given', () => {
    const uses = kinds.flatMap((kind: Kind) => {
      const actions: readonly Action[] = builtinActionsOf(kind)
      return actions.map((action) => ({ kind, action }))
    })
    const pattern = fc.oneof(
      fc.string({ unit: 'grapheme' }).map((text) => `/${text}`),
      fc.string({ unit: 'binary' }),
      fc.constantFrom('/data/**', 'a:*', 'host:80', 'x.>', 'NAME', '/"\\\u007f\ufeff', '/[{]'),
    )
    const grant = fc.record(
      {
        use: fc.constantFrom(...uses),
        pattern,
        optional: fc.boolean(),
        why: fc.string({ unit: 'binary', maxLength: 20 }),
      },
      { requiredKeys: ['use', 'pattern'] },
    )
    fc.assert(
      fc.property(fc.array(grant, { maxLength: 8 }), fc.string({ unit: 'binary' }), (written, description) => {
        const grants = written.map(({ use, ...others }) => ({ ...use, ...others }))
        const text = draftManifest({ ...header, description, grants })
        const manifest = parseManifest(text, { file: 'draft' })
        const unsayable = text.split('\n').filter((line) => line.startsWith('# no pattern can say')).length
        const distinct = new Set(grants.map(({ kind, action, pattern: one }) => `${kind}.${action} ${one}`)).size
        expect(manifest.capabilities.length + unsayable).toBe(distinct)
        for (const { kind, action, pattern: one } of manifest.capabilities) {
          expect(grants).toContainEqual(expect.objectContaining({ kind, action, pattern: one }))
        }
      }),
    )
  })
})

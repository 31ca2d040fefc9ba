import { describe, expect, it } from 'vitest'
import { findConflicts } from './find-conflicts.js'
import { conflictsMax } from './limits.js'
import { parsePolicy } from './parse-policy.js'

function conflicts(text: string, file = 'p.toml'): readonly string[] {
  return findConflicts(parsePolicy(text, { file }), { componentId: 'ingest' }).map(
    ({ line, column, message }) => `${line}:${column} ${message}`,
  )
}

describe('findConflicts', () => {
  it.each([
    [
      'an allow under a deny',
      'allow.filesystem.read = ["/a/b/**"]\ndeny.filesystem.read = ["/a/**"]',
      ['1:26 `/a/b/**` never has an effect: `/a/**` is denied in line 2'],
    ],
    ['an allow partly under a deny', 'allow.filesystem.read = ["/a/**"]\ndeny.filesystem.read = ["/a/b/**"]', []],
    [
      'creating under a deny of writing',
      'allow.filesystem.create = ["/a/b"]\ndeny.filesystem.write = ["/a/**"]',
      ['1:28 `/a/b` never has an effect: `/a/**` is denied in line 2'],
    ],
    ['reading under a deny of writing', 'allow.filesystem.read = ["/a/b"]\ndeny.filesystem.write = ["/a/**"]', []],
    ['looking up under a deny of connecting', 'allow.network.resolve = ["a.b"]\ndeny.network.connect = ["a.b:1"]', []],
    [
      'an address on the forbidden list',
      'allow.network.connect = ["169.254.169.254:80"]',
      ['1:26 `169.254.169.254:80` never has an effect: the forbidden list has `169.254.169.254:*`'],
    ],
    ['a neighbour of it', 'allow.network.connect = ["169.254.169.253:80"]', []],
    [
      'a file on the forbidden list',
      'allow.filesystem.read = ["/etc/shadow"]',
      [
        '1:26 `/etc/shadow` does nothing for the file of the host that is named so: the forbidden list has `/etc/shadow`',
      ],
    ],
    [
      'a duplicate in other letters',
      'allow.network.connect = ["a.b:1", "A.B.:1"]',
      ['1:35 `A.B.:1` says the same as `a.b:1` in line 1'],
    ],
    [
      'whose name space it is',
      'allow.storage.read = ["component:ingest:x", "self:x", "component:other:x"]',
      ['1:45 `self:x` says the same as `component:ingest:x` in line 1'],
    ],
    [
      'a shadowed rule',
      'deny.filesystem.read = ["/a/b", "/a/**"]',
      ['1:25 `/a/b` does nothing: `/a/**` in line 1 covers it'],
    ],
    ['the same path for other actions', 'allow.filesystem.read = ["/a/b"]\nallow.filesystem.write = ["/a/**"]', []],
    [
      'a narrow rule without the limit of the wide one',
      'allow.filesystem.write = ["/a/b", { pattern = "/a/**", max_file_size = "1B" }]',
      [],
    ],
    [
      'a narrow rule with a limit inside a wide one without',
      'allow.filesystem.write = [{ pattern = "/a/b", max_file_size = "1B" }, "/a/**"]',
      ['1:39 `/a/b` does nothing: `/a/**` in line 1 covers it'],
    ],
    [
      'shared rules among themselves',
      'allow.filesystem.read = ["/a"]\n[shared]\ncomponents = ["a"]\nallow.filesystem.read = ["/a"]\ndeny.filesystem.read = ["/a"]',
      ['4:26 `/a` never has an effect: `/a` is denied in line 5'],
    ],
  ])('%s', (_, text, found) => {
    expect(conflicts(text)).toEqual(found)
  })

  it('looks at Wassette documents alike', () => {
    const rule = (uri: string) => `{ uri: "${uri}", access: [read] }`
    const text = `version: "1.0"\npermissions: { storage: { allow: [${rule('fs:///a/b')}, ${rule('fs:///a')}] } }\n`
    expect(conflicts(text, 'p.yaml')).toEqual(['2:42 `/a/b/**` does nothing: `/a/**` in line 2 covers it'])
  })

  it('lists so many and counts the others', () => {
    const patterns = Array.from({ length: conflictsMax + 3 }, (_, index) => `/a/${index}`)
    const found = conflicts(`allow.filesystem.read = ${JSON.stringify(['/a/**', ...patterns])}`)
    expect(found).toHaveLength(conflictsMax + 1)
    expect(found.at(-1)).toContain('3 more warnings are not listed')
  })

  it('compares no longer than it may, and says so', () => {
    const long = (count: number) =>
      Array.from({ length: count }, (_, index) => `/**${'/*'.repeat(100)}/**${'/*'.repeat(100)}/${index}`)
    const found = conflicts(`allow.filesystem.read = ${JSON.stringify([...long(550), '/x', '/x/**'])}`)
    expect(found).toEqual(['1:1 not all rules were compared with each other'])
    expect(conflicts(`allow.filesystem.read = ${JSON.stringify([...long(5), '/x', '/x/**'])}`)).toHaveLength(1)
  })

  it('compares what no author would call many', () => {
    const patterns = Array.from({ length: 1000 }, (_, index) => `/data/in/${index}/**`)
    expect(conflicts(`allow.filesystem.read = ${JSON.stringify(patterns)}`)).toEqual([])
  })
})

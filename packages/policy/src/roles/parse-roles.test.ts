import { defineKinds } from '@bulkhead/capability'
import { DocumentError, type Finding } from '@bulkhead/document'
import { describe, expect, it } from 'vitest'
import { comparedNamesMax, roleWarningsMax } from './limits.js'
import { parseRoles } from './parse-roles.js'

const file = 'roles.csv'

function refusal(text: string | Uint8Array): DocumentError {
  try {
    parseRoles(text, { file })
  } catch (error) {
    if (error instanceof DocumentError) return error
    throw error
  }
  throw new Error('the document was accepted')
}

function findings(text: string | Uint8Array): readonly Finding[] {
  return refusal(text).findings
}

describe('a role file', () => {
  it('is read with the place of each rule', () => {
    const roles = parseRoles(
      [
        '# readers',
        '',
        'p, role:reader, filesystem:read, /data/**',
        'p, component:eu/ingest, network:connect, "https://api.example.com", deny\r',
        'g, component:eu/ingest, role:reader',
      ].join('\n'),
      { file },
    )
    expect(roles).toEqual({
      file,
      rules: [
        {
          subject: 'role:reader',
          kind: 'filesystem',
          actions: ['read'],
          pattern: '/data/**',
          effect: 'allow',
          origin: { document: file, line: 3, column: 34 },
        },
        {
          subject: 'component:eu/ingest',
          kind: 'network',
          actions: ['connect'],
          pattern: 'https://api.example.com',
          effect: 'deny',
          origin: { document: file, line: 4, column: 43 },
        },
      ],
      memberships: [
        { member: 'component:eu/ingest', role: 'role:reader', origin: { document: file, line: 5, column: 25 } },
      ],
      warnings: [],
    })
    expect(Object.isFrozen(roles.rules[0]?.origin)).toBe(true)
  })

  it('may be empty, and then gives nobody anything', () => {
    expect(parseRoles('', { file })).toMatchObject({ rules: [], memberships: [], warnings: [] })
  })

  it('takes `*` for every action of a kind', () => {
    const [rule] = parseRoles('p, role:keeper, storage:*, self:*', { file }).rules
    expect(rule?.actions).toEqual(['read', 'write', 'delete'])
  })

  it('takes custom kinds, and only registered ones', () => {
    const kinds = defineKinds([{ name: 'crm-contact', grammar: 'name', actions: ['find', 'update'] }])
    const text = 'p, role:sales, crm-contact:find, customer-*'
    expect(parseRoles(text, { file, kinds }).rules[0]).toMatchObject({ kind: 'crm-contact', actions: ['find'] })
    expect(parseRoles(text.replace('find', '*'), { file, kinds }).rules[0]?.actions).toEqual(['find', 'update'])
    expect(findings(text)).toMatchObject([{ line: 1, column: 16, message: 'there is no kind `crm-contact`' }])
  })

  it.each([
    ['p2, role:a, filesystem:read, /a', 1, 'there is no section `p2`', 'p, subject'],
    ['g2, role:a, role:b', 1, 'there is no section `g2`', 'g, member'],
    ['P, role:a, filesystem:read, /a', 1, 'there is no section `P`', 'p, subject'],
    ['"p, role:a, filesystem:read, /a"', 2, 'there is no section', 'p, subject'],
    ['p, role:a, filesystem:read', 1, '2 fields stand behind `p`', 'pattern'],
    ['p', 1, '0 fields stand behind `p`', 'pattern'],
    ['p, role:a, filesystem:read, /a, allow, x', 1, '5 fields stand behind `p`', 'double quotes'],
    ['g, role:a', 1, '1 fields stand behind `g`', 'g, member, role'],
    ['g, component:a, role:b, tenant', 1, '3 fields stand behind `g`', 'domains'],
    ['p, role:a, filesytem:read, /a', 12, 'there is no kind `filesytem`', '`filesystem`'],
    ['p, role:a, filesystem:raed, /a', 23, 'there is no action `raed` of filesystem', '`read`'],
    ['p, role:a, *:read, /a', 12, 'there is no kind `*`', 'filesystem'],
    ['p, role:a, filesystem.read, /a', 12, 'is not `kind:action`', 'filesystem:read'],
    ['p, role:a, , /a', 12, 'is not `kind:action`', 'filesystem:read'],
    ['p, role:a, filesystem:read, /a/../b', 32, '..', ''],
    ['p, role:a, filesystem:read, "/a,b/""[c"', 37, '[', ''],
    ['p, role:a, filesystem:read, data', 29, 'not absolute', ''],
    ['p, role:a, network:connect, api.example.com', 44, 'says no port', ':443'],
    ['p, role:a, network:*, api.example.com', 38, 'says no port', ':443'],
    ['p, role:a, filesystem:read, /a, permit', 33, '`permit` is not an effect', '`allow`, `deny`'],
    ['p, role:a, filesystem:read, /a, alow', 33, '`alow` is not an effect', 'did you mean `allow`'],
    ['p, role:a, filesystem:read, /a,', 32, '`` is not an effect', '`deny`'],
    ['p, ingest, filesystem:read, /a', 4, '`ingest` is not a subject', '`component:ingest` or `role:ingest`'],
    ['p, In gest, filesystem:read, /a', 4, 'is not a subject', '`component:<child id>`'],
    ['p, roles:a, filesystem:read, /a', 4, '`roles` is not a kind of subject', '`role`'],
    ['p, role:A, filesystem:read, /a', 9, '`A` is not the name of a role', 'lower-case'],
    ['p, role:a/b, filesystem:read, /a', 9, '`a/b` is not the name of a role', 'lower-case'],
    ['p, component:a/b/c, filesystem:read, /a', 14, '`a/b/c` is not a child id', 'tenant/'],
    ['p, component:, filesystem:read, /a', 14, '`` is not a child id', 'lower-case'],
    ['g, role:a, component:b', 12, '`component:b` is not a role', 'only a role has members'],
    ['g, role:a, b', 12, '`b` is not a subject', '`role:b`'],
    ['p, role:a, filesystem:read, /a"b', 31, 'a quote stands inside', 'twice'],
    ['p, role:a, filesystem:read, /a\0b', 31, 'NUL', 'remove'],
    ['# a comment with \0', 18, 'NUL', 'remove'],
  ])('%j is refused at column %i: %s', (line, column, message, hint) => {
    const [finding, ...others] = findings(`# first\n${line}`)
    expect(others).toEqual([])
    expect(finding).toMatchObject({ file, line: 2, column })
    expect(finding?.message).toContain(message)
    expect(finding?.hint).toContain(hint)
  })

  it.each([
    'p, role:a, network:connect, api.example.com:*',
    'p, role:a, network:resolve, api.example.com',
    'p, role:a, network:connect, https://api.example.com',
    'p, role:a, filesystem:read, "/a,b/c"',
    'p, component:a/b, filesystem:read, /a, deny',
    'g, role:a, role:b',
  ])('%j is accepted', (line) => {
    const { rules, memberships } = parseRoles(line, { file })
    expect(rules.length + memberships.length).toBe(1)
  })

  it('reports everything at once, in the order of the text', () => {
    const text = ['g, role:x, role:x', 'p, a, b, c', 'p, role:a, filesystem:read, a, x', 'q'].join('\n')
    const error = refusal(text)
    expect(error.code).toBe('document-invalid')
    expect(error.findings.map(({ line, column }) => [line, column])).toEqual([
      [1, 12],
      [2, 4],
      [2, 7],
      [3, 29],
      [3, 32],
      [4, 1],
    ])
  })

  it('counts what it does not list', () => {
    const error = refusal('q\n'.repeat(150))
    expect(error.findings).toHaveLength(101)
    expect(error.findings.at(-1)?.message).toBe('50 more findings are not listed')
  })

  it('refuses what is too large or not UTF-8, and takes what is just small enough', () => {
    const line = 'p, role:a, filesystem:read, /a\n'
    const comment = `#${'x'.repeat(256 * 1024 - line.length - 2)}\n`
    expect(parseRoles(line + comment, { file }).rules).toHaveLength(1)
    expect(findings(`${line}${comment}\n`)).toMatchObject([{ message: 'the document is too large' }])
    expect(findings(new Uint8Array([0x70, 0x0a, 0xff]))).toMatchObject([{ line: 2, column: 1 }])
  })
})

describe('roles that contain each other', () => {
  it.each([
    ['g, role:a, role:a', ['1:12 roles contain each other: role:a → role:a']],
    ['g, role:a, role:b\ng, role:b, role:a', ['2:12 roles contain each other: role:a → role:b → role:a']],
    [
      'g, component:c, role:a\ng, role:a, role:b\ng, role:b, role:c\ng, role:c, role:b\ng, role:x, role:x',
      ['4:12 roles contain each other: role:b → role:c → role:b', '5:12 roles contain each other: role:x → role:x'],
    ],
  ])('%j is a `role-cycle`', (text, expected) => {
    const error = refusal(text)
    expect(error.code).toBe('role-cycle')
    expect(error.findings.map(({ line, column, message }) => `${line}:${column} ${message}`)).toEqual(expected)
  })

  it('are not those that meet again further down', () => {
    const text =
      'g, role:a, role:b\ng, role:a, role:c\ng, role:b, role:d\ng, role:c, role:d\np, role:d, environment:read, A'
    expect(parseRoles(text, { file }).memberships).toHaveLength(4)
  })

  it('may be ten links deep, not eleven', () => {
    const links = (count: number): string =>
      Array.from({ length: count }, (_, n) => `g, ${n === 0 ? 'component:x' : `role:r${n}`}, role:r${n + 1}`).join('\n')
    expect(parseRoles(`${links(10)}\np, role:r10, environment:read, A`, { file }).memberships).toHaveLength(10)
    const [finding, ...others] = findings(links(12))
    expect(others).toEqual([])
    expect(finding).toMatchObject({ line: 2, message: expect.stringContaining('role:r1 → role:r2 → role:r3') })
  })

  it('are found whatever the depth', () => {
    const deep = Array.from({ length: 5000 }, (_, n) => `g, role:r${n}, role:r${n + 1}`).join('\n')
    const [cycle, ...others] = findings(`${deep}\ng, role:r5000, role:r0`)
    expect(others).toEqual([])
    expect(cycle?.message).toBe(
      'roles contain each other: role:r0 → role:r1 → role:r2 → role:r3 → role:r4 → role:r5 → 4990 more → role:r4996 → role:r4997 → role:r4998 → role:r4999 → role:r5000 → role:r0',
    )
    expect(findings(deep)).toHaveLength(1)
  })
})

describe('warnings of a role file', () => {
  it('of nothing but slips of the pen do not take one with every other', () => {
    const line = (_: unknown, at: number) => `g, component:c, role:a-${at}\np, role:b-${at}, storage:read, self:a\n`
    const { warnings: found } = parseRoles(Array.from({ length: 2000 }, line).join(''), { file })
    expect(found).toHaveLength(roleWarningsMax)
    const comparable = comparedNamesMax / 2000
    expect(found[comparable - 1]).toMatchObject({ line: 2 * comparable - 1, hint: 'did you mean `role:b-9`?' })
    expect(found[comparable]?.hint).toBe('a rule for it begins with `p, role:a-10, …`')
  })

  function warnings(text: string): readonly string[] {
    return parseRoles(text, { file }).warnings.map(({ line, message, hint }) => `${line}: ${message} (${hint})`)
  }

  it('tell of lines that stand twice', () => {
    const rule = 'p, role:a, storage:read, self:a'
    expect(warnings(`${rule}\n${rule}, allow\ng, component:x, role:a\ng, component:x, role:a`)).toEqual([
      '2: the line repeats line 1 (remove one of the two)',
      '4: the line repeats line 3 (remove one of the two)',
    ])
    expect(warnings(`p, role:a, storage:*, self:a\n${rule}`)).toHaveLength(1)
    expect(warnings(`${rule}\np, role:b, storage:read, self:a`)).toEqual([])
  })

  it('tell of an allow that a deny in the same words undoes', () => {
    const deny = 'p, role:a, storage:*, self:a, deny'
    expect(warnings(`p, role:a, storage:read, self:a\n${deny}`)).toEqual([
      '1: line 2 denies all of it: this rule is without effect (deny overrides allow)',
    ])
    expect(warnings(`p, role:a, storage:*, self:a\np, role:a, storage:read, self:a, deny`)).toEqual([])
  })

  it('tell of a role that nothing defines', () => {
    const rule = 'p, role:reader, storage:read, self:a'
    expect(warnings(`${rule}\ng, component:x, role:raeder\ng, component:y, role:zzz`)).toEqual([
      '2: `role:raeder` gives nothing: it has no rules and is in no other role (did you mean `role:reader`?)',
      '3: `role:zzz` gives nothing: it has no rules and is in no other role (a rule for it begins with `p, role:zzz, …`)',
    ])
    expect(
      warnings(`${rule}\ng, component:x, role:reader\ng, role:outer, role:reader\ng, component:x, role:outer`),
    ).toEqual([])
  })

  it('are bounded', () => {
    expect(warnings('p, role:a, storage:read, self:a\n'.repeat(150))).toHaveLength(100)
  })
})

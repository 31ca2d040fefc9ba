// Whose components start at once, and what dev mode bypasses (SPEC 6).
import { copyFileSync, mkdirSync, mkdtempSync, readFileSync, rmSync, statSync, writeFileSync } from 'node:fs'
import { homedir } from 'node:os'
import { dirname, join } from 'node:path'
import { generateKeyPair, type Provenance, parsePrivateKey, signComponent } from '@bulkhead/trust'
import { afterEach, beforeEach, describe, expect, it } from 'vitest'
import { digestOf } from '../../support/pinned.mjs'
import { guestFile } from '../../support/test-runtime.mjs'
import { run } from '../command.js'
import { pythonFile, readFile, World } from './world.js'

let world: World
beforeEach(() => {
  world = new World()
})
afterEach(() => world.remove())

const key = () => parsePrivateKey(generateKeyPair('ed25519').privateKeyPem)
const [release, attestor, stranger] = [key(), key(), key()]
const trusted = [
  '[[sources]]',
  'type = "signing-key"',
  `public_key = "${release.publicKey.text}"`,
  'signer = "release"',
]
const provenance: Provenance = {
  repository: 'https://github.com/myorg/tools',
  ref: 'refs/heads/main',
  commit: 'ab'.repeat(20),
}

/** A copy of a guest in a folder of its own, where a signature can lie beside it. */
function place(name: string, from = guestFile('hello'), folder = world.folder): string {
  const file = join(folder, name, 'app.wasm')
  mkdirSync(dirname(file), { recursive: true })
  copyFileSync(from, file)
  return file
}

type Signing = { readonly by?: typeof release; readonly manifest?: string; readonly provenance?: Provenance }

async function sign(name: string, { by = release, manifest = world.manifest(name, []), ...more }: Signing = {}) {
  const component = readFileSync(world.path(`${name}/app.wasm`))
  world.write(
    `${name}/app.wasm.sig`,
    await signComponent({ component, manifest: digestOf(manifest), privateKey: by, ...more }),
  )
}

/** Whether nobody but its owner and root may change a folder: what a local source has to be. */
function isOursAlone(folder: string): boolean {
  const { uid, mode } = statSync(folder)
  const isOurs = (uid === 0 || uid === process.getuid?.()) && (mode & 0o022) === 0
  return isOurs && (dirname(folder) === folder || isOursAlone(dirname(folder)))
}
const ours = [dirname(guestFile('hello')), homedir()].find(isOursAlone)

describe('the sources of the trust document', () => {
  it('let what they sign or vouch for start at once; what proves less waits, and says why', async () => {
    const names = ['signed', 'attested', 'branch', 'claimed', 'foreign', 'swapped', 'plain', 'revoked']
    const files = Object.fromEntries(names.map((name) => [name, place(name)]))
    await sign('signed')
    await sign('attested', { by: attestor, provenance })
    await sign('branch', { by: attestor, provenance: { ...provenance, ref: 'refs/heads/topic' } })
    await sign('claimed', { by: release, provenance })
    await sign('foreign', { by: stranger })
    await sign('swapped', { manifest: world.manifest('signed', []) })
    const git = ['[[sources]]', 'type = "git"', 'url = "https://github.com/myorg/*"', 'branch = "main"']
    const revokedManifest = world.manifest('revoked', [])
    const trust = [
      ...[...git, `attestors = ["${attestor.publicKey.text}"]`],
      ...['[[revoked]]', `digest = "${digestOf(revokedManifest)}"`],
    ]
    // The key that signs `claimed` is trusted for policies of nobody here: it is no attestor of the source.
    world.write('trust.toml', `${[...trust, ...trusted].join('\n')}\n`)
    const spec = (name: string) => ({ component: files[name] ?? '', grants: [], isPinned: name === 'revoked' })
    world.tree(Object.fromEntries(names.map((name) => [name, spec(name)])), ['trust = "trust.toml"'])
    const session = await world.start()
    for (const name of ['signed', 'attested', 'claimed']) await session.reaches(name, 'completed')
    const reasons = Object.fromEntries(session.runtime.children().map(({ id, reason }) => [id, reason]))
    expect(reasons).toMatchObject({
      branch: 'approval-required',
      foreign: 'signature-invalid',
      swapped: 'signature-invalid',
      plain: 'approval-required',
      revoked: 'approval-denied',
    })
    const { approvals, policy } = session.runtime
    expect((await policy.show('attested')).trust).toMatchObject({
      level: 'trusted',
      reason: expect.stringContaining('built from https://github.com/myorg/*'),
    })
    expect((await policy.show('claimed')).trust.reason).toContain('signed by release')
    expect((await approvals.review('branch')).trust.reason).toContain('not from the branch')
    await expect(approvals.approve('swapped')).rejects.toMatchObject({ code: 'signature-invalid' })
    await expect(approvals.approve('revoked')).rejects.toMatchObject({ code: 'approval-denied' })
    await approvals.approve('branch')
    await session.reaches('branch', 'completed')
    const levels = await world.audit({ event: 'trust-determined' })
    expect(levels.find(({ component }) => component === 'component:signed')).toMatchObject({ trust: 'trusted' })
    expect(levels.find(({ component }) => component === 'component:plain')).toMatchObject({ trust: 'unknown' })
  })

  it.runIf(ours !== undefined)('a local path is one while nobody else may change it, nor its manifest', async () => {
    const folder = mkdtempSync(join(ours ?? '', 'verified-'))
    try {
      const [own, loose, open] = [place('own', undefined, folder), place('loose', undefined, folder), place('open')]
      writeFileSync(`${own}.component.toml`, world.manifest('own', []))
      world.write('trust.toml', ['[[sources]]', 'type = "local"', 'path = "/**"'].join('\n'))
      const spec = (component: string, grants: [] | null = []) => ({ component, grants, isPinned: false })
      world.tree({ own: spec(own, null), loose: spec(loose), open: spec(open) }, ['trust = "trust.toml"'])
      const session = await world.start()
      await session.reaches('own', 'completed')
      for (const name of ['loose', 'open']) {
        expect(session.reason(name)).toBe('approval-required')
        expect((await session.runtime.policy.show(name)).trust.reason).toContain('others may write')
      }
    } finally {
      rmSync(folder, { recursive: true })
    }
  })

  it('are asked at every start: trust goes down by itself, up only when the tree is started anew', async () => {
    const file = place('agent', pythonFile)
    const manifest = world.manifest('agent', ['filesystem.read = ["/ctl/**"]'])
    await sign('agent', { manifest })
    const document = `${trusted.join('\n')}\n`
    world.write('trust.toml', document)
    world.tree({ agent: { agentFile: file, isPinned: false } }, ['trust = "trust.toml"'])
    let session = await world.start()
    expect(await session.ask('agent', '_ = 1')).toEqual({ value: 1 })

    world.write('trust.toml', `${document}[[revoked]]\nkey = "${release.publicKey.text}"\n`)
    expect(await session.ask('agent', '_ = 2')).toEqual({ value: 2 })
    session.tell('agent', 'os._exit(3)')
    await session.until(() => session.reason('agent') === 'approval-denied', 'the refusal')
    expect(session.state('agent')).toBe('waiting')
    await expect(session.runtime.approvals.approve('agent')).rejects.toMatchObject({ code: 'approval-denied' })

    world.write('trust.toml', document)
    const granted = await session.runtime.grant('agent', 'environment.read=NOTHING')
    expect(granted.bound).toMatchObject({ within: 'next-start' })
    expect(session.reason('agent')).toBe('approval-required')
    expect((await session.runtime.policy.show('agent')).trust).toMatchObject({ level: 'unknown' })
    session = await world.restart()
    await session.event('child.ready', 'agent')
  })
})

it('where signatures are required, nobody approves by hand what is not signed', async () => {
  const [signed, pinned, plain] = [place('signed'), place('pinned'), place('plain')]
  await sign('signed')
  world.write('trust.toml', ['require_signatures = true', ...trusted].join('\n'))
  world.tree(
    {
      signed: { component: signed, grants: [], isPinned: false },
      pinned: { component: pinned, grants: [] },
      plain: { component: plain, grants: [], isPinned: false },
    },
    ['trust = "trust.toml"'],
  )
  const session = await world.start()
  await session.reaches('signed', 'completed')
  for (const name of ['pinned', 'plain']) {
    expect(session.reason(name)).toBe('signature-invalid')
    await expect(session.runtime.approvals.approve(name)).rejects.toMatchObject({ code: 'signature-invalid' })
  }
})

describe('dev mode', () => {
  const withEtc = { '/data': '"data"', '/host': '"/etc"' }

  it('bypasses the approval and nothing else, and is on record', async () => {
    world.write('data/open', 'open')
    world.write('data/secret', 'secret')
    world.write('agent.policy.toml', policyText)
    world.write('trust.toml', 'dev_mode = true\n')
    const grants = ['filesystem.read = ["/data/**", "/host/**"]']
    world.tree({ agent: { grants, mounts: withEtc, isPinned: false, lines: ['policy = "agent.policy.toml"'] } }, [
      'trust = "trust.toml"',
    ])
    let session = await world.start()
    expect(session.reason('agent')).toBe('approval-required')
    session = await world.restart({ dev: true })
    expect(await session.ask('agent', readFile('/data/open'))).toEqual({ value: 'open' })
    expect(await session.ask('agent', readFile('/data/secret'))).toEqual({ errno: 'EACCES' })
    expect(await session.ask('agent', 'f = open("/host/passwd"); _ = "open"')).toEqual({ value: 'open' })
    expect(await session.ask('agent', readFile('/host/shadow'))).toEqual({ errno: 'EACCES' })
    expect(await session.refusal('agent', '/data/secret')).toMatchObject({ layer: 'deny' })
    expect(await session.refusal('agent', '/host/shadow')).toMatchObject({ layer: 'forbidden', allow: null })
    expect((await session.runtime.policy.show('agent')).trust.level).toBe('dev-mode')
    expect(await world.audit({ event: 'dev-mode-bypass' })).toHaveLength(1)
  })

  const policyText = [
    '[allow]',
    'filesystem.read = ["/ctl/**", "/data/**", "/host/**"]',
    '[deny]',
    'filesystem.read = ["/data/secret"]',
    '',
  ].join('\n')

  it('needs the word of the trust document besides, and is refused in production', async () => {
    world.tree({ child: { component: guestFile('hello'), grants: [], isPinned: false } }, ['trust = "trust.toml"'])
    world.write('trust.toml', 'dev_mode = false\n')
    await expect(world.start({ dev: true })).rejects.toMatchObject({ code: 'usage' })
    world.write('trust.toml', 'dev_mode = true\n')
    const options = { cwd: world.folder, env: { NODE_ENV: 'production' } }
    const refused = await run(['run', 'bulkhead.toml', '--dev'], options)
    expect(refused.exitCode, refused.stderr).toBe(2)
    expect(refused.stderr).toContain('NODE_ENV=production')
    const done = await run(['run', 'bulkhead.toml', '--dev'], { cwd: world.folder })
    expect(done.exitCode, done.stderr).toBe(0)
    expect(done.stdout + done.stderr).toMatch(/dev mode/i)
  })
})

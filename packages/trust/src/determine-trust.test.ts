import { describe, expect, it } from 'vitest'
import { makeCertificate, now, signingKeyOf } from './certificates.test.support.js'
import { signComponent } from './component-signature.js'
import { determineTrust, type TrustFacts } from './determine-trust.js'
import type { FileSurvey } from './file-survey.js'
import type { PrivateKey } from './key-pair.js'
import { digestText, newKey, trusting, trustOf } from './keys.test.support.js'
import type { Provenance } from './statement.js'
import { noTrust } from './trust-document.js'

const componentDigest = digestText('1')
const manifestDigest = digestText('2')
const facts: TrustFacts = { componentDigest, manifestDigest, now }
const attestor = newKey()
const signer = newKey('es256')
const provenance: Provenance = {
  repository: 'git@GitHub.com:myorg/app.git',
  ref: 'refs/heads/main',
  commit: 'c'.repeat(40),
}

async function signedBy(privateKey: PrivateKey, more: { readonly provenance?: Provenance } = {}): Promise<TrustFacts> {
  const signature = await signComponent({ component: componentDigest, manifest: manifestDigest, privateKey, ...more })
  return { ...facts, signature }
}

const gitSource = (more = '', url = 'https://github.com/myorg/*'): string =>
  `[[sources]]\ntype = "git"\nurl = "${url}"\nattestors = ["${attestor.publicKey.text}"]\n${more}\n`
const keySource = (key: PrivateKey): string =>
  `[[sources]]\ntype = "signing-key"\npublic_key = "${key.publicKey.text}"\n`

describe('a component that nobody speaks for', () => {
  it('is unknown', async () => {
    expect(await determineTrust(facts, noTrust)).toEqual({
      level: 'unknown',
      revoked: false,
      reason: 'no source of trust.toml matches',
      keys: [],
    })
    expect(await determineTrust(facts, trustOf(gitSource() + keySource(signer)))).toMatchObject({ level: 'unknown' })
  })
})

describe('a signing key', () => {
  it('is trusted for what it signs', async () => {
    const verdict = await determineTrust(await signedBy(signer), trustOf(gitSource() + keySource(signer)))
    expect(verdict).toMatchObject({ level: 'trusted', revoked: false, keys: [signer.publicKey.text] })
    expect(verdict.source).toMatchObject({ index: 1, type: 'signing-key', line: 6 })
    expect(verdict.reason).toBe(`signed by ${signer.publicKey.text} (trust.toml:6)`)
  })

  it('of an unknown signer is an error, not an unknown component', async () => {
    const signed = await signedBy(newKey())
    await expect(determineTrust(signed, trusting(signer))).rejects.toMatchObject({ code: 'signature-invalid' })
    await expect(determineTrust({ ...signed, signature: 'broken' }, trusting(signer))).rejects.toMatchObject({
      code: 'signature-invalid',
    })
    const moved = { ...(await signedBy(signer)), componentDigest: digestText('9') }
    await expect(determineTrust(moved, trusting(signer))).rejects.toMatchObject({ details: { check: 'component' } })
  })

  it('may stand behind a pinned certificate', async () => {
    const root = await makeCertificate({ authority: true })
    const leaf = await makeCertificate({ issuer: root })
    const signature = await signComponent({
      component: componentDigest,
      manifest: manifestDigest,
      privateKey: signingKeyOf(leaf),
      x5c: [leaf.base64, root.base64],
    })
    const pinned = `[[sources]]\ntype = "signing-key"\ncertificate = "${root.fingerprint}"\n`
    const verdict = await determineTrust({ ...facts, signature }, trustOf(keySource(signer) + pinned))
    expect(verdict).toMatchObject({
      level: 'trusted',
      source: { index: 1 },
      reason: expect.stringContaining(root.fingerprint),
    })
    const named = await determineTrust({ ...facts, signature }, trustOf(`${pinned}signer = "the release team"\n`))
    expect(named.reason).toBe('signed by the release team (trust.toml:1)')
  })
})

describe('a git source', () => {
  it('matches by its pattern, branch and commit, when an attestor signed', async () => {
    const signed = await signedBy(attestor, { provenance })
    for (const source of [
      gitSource(),
      gitSource('branch = "main"'),
      gitSource(`commit = "${provenance.commit}"`),
      gitSource('', 'https://github.com/myorg/app'),
      gitSource('', 'https://github.com/**'),
      gitSource('', 'https://github.com/{myorg,other}/a*'),
    ]) {
      expect(await determineTrust(signed, trustOf(source)), source).toMatchObject({ level: 'trusted', provenance })
    }
  })

  it('does not match another place', async () => {
    const signed = await signedBy(attestor, { provenance })
    for (const url of [
      'https://github.com/other/*',
      'https://github.com/*',
      'https://github.com/myorg/ap',
      'https://github.co/myorg/*',
      'https://github.com/MYORG/*',
    ]) {
      expect(await determineTrust(signed, trustOf(gitSource('', url))), url).toMatchObject({ level: 'unknown' })
    }
  })

  it('says why it nearly matched', async () => {
    const signed = await signedBy(attestor, { provenance })
    const branch = await determineTrust(signed, trustOf(gitSource('branch = "release"')))
    expect(branch).toMatchObject({ level: 'unknown', keys: [attestor.publicKey.text], provenance })
    expect(branch.reason).toBe('trust.toml:1: it was built from `refs/heads/main`, not from the branch')
    const tag = await signedBy(attestor, { provenance: { ...provenance, ref: 'refs/tags/main' } })
    expect(await determineTrust(tag, trustOf(gitSource('branch = "main"')))).toMatchObject({ level: 'unknown' })
    const commit = await determineTrust(signed, trustOf(gitSource(`commit = "${'d'.repeat(40)}"`)))
    expect(commit.reason).toContain('from the commit cccc')
  })

  it('is not claimed by a key that is no attestor of it', async () => {
    const stranger = newKey()
    const signed = await signedBy(stranger, { provenance })
    await expect(determineTrust(signed, trustOf(gitSource()))).rejects.toMatchObject({
      details: { check: 'unknown-key' },
    })
    const attestorOfOthers = `[[sources]]\ntype = "git"\nurl = "https://example.com/*"\nattestors = ["${stranger.publicKey.text}"]\n`
    const verdict = await determineTrust(signed, trustOf(gitSource() + attestorOfOthers))
    expect(verdict).toMatchObject({
      level: 'unknown',
      reason: expect.stringContaining('is no attestor of this source'),
    })
  })

  it('may have several attestors, of whom each is enough', async () => {
    const other = newKey()
    const keys = `attestors = ["${other.publicKey.text}", "${attestor.publicKey.text}"]\n`
    const source = `[[sources]]\ntype = "git"\nurl = "https://github.com/myorg/*"\n${keys}`
    for (const key of [attestor, other]) {
      expect(await determineTrust(await signedBy(key, { provenance }), trustOf(source))).toMatchObject({
        level: 'trusted',
      })
    }
  })

  it('needs a claim', async () => {
    expect(await determineTrust(await signedBy(attestor), trustOf(gitSource()))).toMatchObject({
      level: 'unknown',
      keys: [attestor.publicKey.text],
    })
  })

  it('comes before another one when it stands before it', async () => {
    const signed = await signedBy(attestor, { provenance })
    const both = await determineTrust(signed, trustOf(keySource(attestor) + gitSource()))
    expect(both.source).toMatchObject({ index: 0, type: 'signing-key' })
    const reversed = await determineTrust(signed, trustOf(gitSource() + keySource(attestor)))
    expect(reversed.source).toMatchObject({ index: 0, type: 'git' })
  })
})

describe('a local source', () => {
  const survey = (more: Partial<FileSurvey> = {}): FileSurvey => ({
    path: '/opt/verified/app.wasm',
    chain: ['/opt/verified/app.wasm', '/opt/verified', '/opt', '/'].map((path) => ({ path, uid: 0, mode: 0o100755 })),
    ownUid: 1000,
    digest: () => componentDigest,
    ...more,
  })
  const local = (more = ''): string => `[[sources]]\ntype = "local"\npath = "/opt/verified/**"\n${more}\n`
  const under = (file: FileSurvey | undefined, text = local()): ReturnType<typeof determineTrust> =>
    determineTrust(file === undefined ? facts : { ...facts, file }, trustOf(text))

  it('matches by the real path', async () => {
    expect(await under(survey())).toMatchObject({ level: 'trusted', reason: 'from /opt/verified/** (trust.toml:1)' })
    expect(await under(survey({ path: '/opt/other/app.wasm' }))).toMatchObject({ level: 'unknown' })
    expect(await under(undefined)).toMatchObject({ level: 'unknown' })
  })

  it('is for files that only root and we can change', async () => {
    const changed = (at: number, more: object): FileSurvey => {
      const chain = survey().chain.map((one, index) => (index === at ? { ...one, ...more } : one))
      return survey({ chain })
    }
    expect(await under(changed(1, { uid: 1000 }))).toMatchObject({ level: 'trusted' })
    for (const at of [0, 1, 2, 3]) {
      for (const more of [{ uid: 1001 }, { mode: 0o40775 }, { mode: 0o40757 }, { mode: 0o41777 }]) {
        expect(await under(changed(at, more)), JSON.stringify([at, more])).toMatchObject({ level: 'unknown' })
      }
    }
    expect((await under(changed(2, { uid: 1001 }))).reason).toBe('trust.toml:1: `/opt` belongs to user 1001')
    expect((await under(changed(0, { mode: 0o100666 }))).reason).toContain('others may write')
  })

  it('is for what lies there, not for what was read before a link was moved there', async () => {
    expect(await under(survey({ digest: () => digestText('8') }))).toMatchObject({
      level: 'unknown',
      reason: 'trust.toml:1: `/opt/verified/app.wasm` has changed since it was read',
    })
  })

  it('wants the manifest to be as safe as the component', async () => {
    const manifest = survey({ path: '/opt/verified/app.component.toml', digest: () => manifestDigest })
    const beside = (manifestFile: FileSurvey): ReturnType<typeof determineTrust> =>
      determineTrust({ ...facts, file: survey(), manifestFile }, trustOf(local()))
    expect(await beside(manifest)).toMatchObject({ level: 'trusted' })
    expect(await beside({ ...manifest, path: '/etc/other.toml' })).toMatchObject({ level: 'trusted' })
    const open = { ...manifest, chain: [{ path: manifest.path, uid: 1000, mode: 0o100666 }] }
    expect((await beside(open)).reason).toContain(`others may write \`${manifest.path}\``)
    expect(await beside({ ...manifest, digest: () => digestText('8') })).toMatchObject({
      level: 'unknown',
      reason: `trust.toml:1: \`${manifest.path}\` has changed since it was read`,
    })
  })

  it('may be for one digest', async () => {
    expect(await under(survey(), local(`digest = "${componentDigest}"`))).toMatchObject({ level: 'trusted' })
    const other = await under(survey(), local(`digest = "${digestText('8')}"`))
    expect(other).toMatchObject({ level: 'unknown', reason: expect.stringContaining('not the digest there') })
  })
})

describe('what is revoked', () => {
  const revoked = (what: string): string => `[[revoked]]\n${what}\n`

  it('is not trusted, whoever speaks for it', async () => {
    const signed = await signedBy(signer)
    for (const what of [
      `digest = "${componentDigest}"`,
      `digest = "${manifestDigest}"`,
      `key = "${signer.publicKey.text}"`,
    ]) {
      const verdict = await determineTrust(signed, trustOf(keySource(signer) + revoked(what)))
      expect(verdict, what).toMatchObject({
        level: 'unknown',
        revoked: true,
        keys: [],
        reason: expect.stringContaining('revoked'),
      })
    }
    const others = revoked(`digest = "${digestText('f')}"`) + revoked(`key = "${newKey().publicKey.text}"`)
    expect(await determineTrust(signed, trustOf(keySource(signer) + others))).toMatchObject({ level: 'trusted' })
  })

  it('is so also without a manifest or a signature', async () => {
    const bare = { componentDigest, manifestDigest: null, now }
    expect(await determineTrust(bare, trustOf(revoked(`digest = "${componentDigest}"`)))).toMatchObject({
      revoked: true,
    })
    expect(await determineTrust(bare, trustOf(revoked(`digest = "${digestText('f')}"`)))).toMatchObject({
      revoked: false,
    })
  })
})

import { createHash, createHmac, sign as rawSign } from 'node:crypto'
import { CompactSign } from 'jose'
import { beforeAll, describe, expect, it } from 'vitest'
import { type MadeCertificate, makeCertificate, now, signingKeyOf } from './certificates.test.support.js'
import { signComponent, verifyComponentSignature } from './component-signature.js'
import { signToken } from './jws.js'
import type { PrivateKey } from './key-pair.js'
import { newKey, trusting, trustOf } from './keys.test.support.js'
import { tokenCharactersMax } from './limits.js'
import { noManifestDigest } from './statement.js'
import { noTrust, type Trust } from './trust-document.js'

const componentBytes = Buffer.from('the bytes of a component')
const manifestBytes = Buffer.from('[component]')
const digestOf = (bytes: Uint8Array): string => `sha256:${createHash('sha256').update(bytes).digest('hex')}`
const componentDigest = digestOf(componentBytes)
const manifestDigest = digestOf(manifestBytes)
const provenance = { repository: 'https://github.com/myorg/app', ref: 'refs/heads/main', commit: 'a'.repeat(40) }

const key = newKey()
const trust = trusting(key)
const expected = { componentDigest, manifestDigest, trust, now }

const invalid = (check: string, says = ''): unknown =>
  expect.objectContaining({
    code: 'signature-invalid',
    details: expect.objectContaining({ check }),
    message: expect.stringContaining(says),
  })

/** A token whose header and payload are whatever a hostile signer likes. */
function forge(header: object, payload: unknown, signature: (input: string) => Buffer): string {
  const encode = (value: unknown): string => Buffer.from(JSON.stringify(value)).toString('base64url')
  const input = `${encode(header)}.${encode(payload)}`
  return `${input}.${signature(input).toString('base64url')}`
}

const withKey =
  ({ object }: PrivateKey) =>
  (input: string): Buffer =>
    rawSign(null, Buffer.from(input), object)

function statement(): Record<string, unknown> {
  const subject = (name: string, digest: string): object => ({ name, digest: { sha256: digest.slice(7) } })
  return {
    _type: 'https://in-toto.io/Statement/v1',
    subject: [subject('component', componentDigest), subject('manifest', manifestDigest)],
    predicateType: 'urn:bulkhead:release:v1',
    predicate: {},
  }
}

const header = { alg: 'EdDSA', typ: 'bulkhead-component+jws', kid: key.publicKey.text }

describe('a component with its manifest', () => {
  it.each(['ed25519', 'es256'] as const)('signed with %s, from bytes or digests, verifies', async (kind) => {
    const signer = newKey(kind)
    const fromBytes = await signComponent({ component: componentBytes, manifest: manifestBytes, privateKey: signer })
    const fromDigests = await signComponent({
      component: componentDigest,
      manifest: manifestDigest,
      privateKey: signer,
    })
    for (const token of [fromBytes, fromDigests]) {
      const verified = await verifyComponentSignature(token, { ...expected, trust: trusting(newKey(), signer) })
      expect(verified).toEqual({ key: signer.publicKey.text, certificates: [] })
    }
  })

  it('carries where it was built from', async () => {
    const token = await signComponent({
      component: componentBytes,
      manifest: manifestBytes,
      provenance,
      privateKey: key,
    })
    expect(await verifyComponentSignature(token, expected)).toMatchObject({ provenance })
  })

  it('without a manifest is signed over the digest of no bytes', async () => {
    expect(noManifestDigest).toBe(digestOf(Buffer.alloc(0)))
    const token = await signComponent({ component: componentBytes, manifest: null, privateKey: key })
    const without = { ...expected, manifestDigest: null }
    expect(await verifyComponentSignature(token, without)).toMatchObject({ key: key.publicKey.text })
    await expect(verifyComponentSignature(token, expected)).rejects.toEqual(invalid('manifest'))
  })

  it('is an in-toto statement that others can read', async () => {
    const token = await signComponent({ component: componentBytes, manifest: manifestBytes, privateKey: key })
    const payload: unknown = JSON.parse(Buffer.from(token.split('.')[1] ?? '', 'base64url').toString())
    expect(payload).toEqual(statement())
  })

  it('cannot be signed for nothing', async () => {
    const signing = (more: object): Promise<string> =>
      signComponent({ component: componentBytes, manifest: null, privateKey: key, ...more })
    await expect(signing({ component: 'sha256:abc' })).rejects.toMatchObject({ code: 'component-digest-mismatch' })
    await expect(signing({ provenance: { ...provenance, commit: 'main' } })).rejects.toMatchObject({ code: 'usage' })
    await expect(signing({ provenance: { ...provenance, repository: 'http://x/y' } })).rejects.toMatchObject({
      code: 'usage',
    })
    await expect(signing({ provenance: { ...provenance, ref: 'a b' } })).rejects.toMatchObject({ code: 'usage' })
  })
})

describe('a signature that proves something else', () => {
  it('is over the bytes of another component, or puts the manifest of one beside the wasm of another', async () => {
    const other = digestOf(Buffer.from('another'))
    const token = await signComponent({ component: componentBytes, manifest: manifestBytes, privateKey: key })
    await expect(verifyComponentSignature(token, { ...expected, componentDigest: other })).rejects.toEqual(
      invalid('component'),
    )
    await expect(verifyComponentSignature(token, { ...expected, manifestDigest: other })).rejects.toEqual(
      invalid('manifest'),
    )
    const swapped = await signComponent({ component: manifestBytes, manifest: componentBytes, privateKey: key })
    await expect(verifyComponentSignature(swapped, expected)).rejects.toEqual(invalid('component'))
  })

  it('is of a key that nobody trusts, or that is revoked', async () => {
    const token = await signComponent({ component: componentBytes, manifest: manifestBytes, privateKey: key })
    const under = (other: Trust): Promise<unknown> => verifyComponentSignature(token, { ...expected, trust: other })
    await expect(under(noTrust)).rejects.toEqual(invalid('unknown-key', key.publicKey.text))
    await expect(under(trusting(newKey(), newKey('es256')))).rejects.toEqual(invalid('unknown-key'))
    const revoked = `[[revoked]]\nkey = "${key.publicKey.text}"\n`
    await expect(under(trustOf(revoked))).rejects.toEqual(invalid('revoked-key'))
    const source = `[[sources]]\ntype = "signing-key"\npublic_key = "${key.publicKey.text}"\n`
    await expect(under(trustOf(source + revoked))).rejects.toEqual(invalid('revoked-key'))
  })

  it('names a trusted key and was made by another', async () => {
    const token = forge(header, statement(), withKey(newKey()))
    await expect(verifyComponentSignature(token, expected)).rejects.toEqual(invalid('signature'))
  })

  it('was a policy before', async () => {
    const payload = Buffer.from(JSON.stringify(statement()))
    const token = await signToken({ typ: 'bulkhead-policy+jws', payload, privateKey: key })
    await expect(verifyComponentSignature(token, expected)).rejects.toEqual(invalid('header', 'bulkhead-policy+jws'))
  })
})

describe('a header that wants to choose', () => {
  it('another algorithm', async () => {
    const none = forge({ ...header, alg: 'none' }, statement(), () => Buffer.from('x'))
    const hmac = (input: string): Buffer => createHmac('sha256', key.publicKey.bytes).update(input).digest()
    const confused = forge({ ...header, alg: 'HS256' }, statement(), hmac)
    const rsa = forge({ ...header, alg: 'RS256' }, statement(), withKey(key))
    const absent = forge({ typ: header.typ }, statement(), withKey(key))
    for (const token of [none, confused, rsa, absent]) {
      await expect(verifyComponentSignature(token, expected)).rejects.toEqual(invalid('algorithm'))
    }
    const mixed = forge({ ...header, alg: 'ES256' }, statement(), withKey(key))
    await expect(verifyComponentSignature(mixed, expected)).rejects.toEqual(invalid('unknown-key'))
  })

  it.each(['jwk', 'jku', 'x5u', 'crit', 'b64', 'x5t', '__proto__'])('`%s`', async (name) => {
    const stranger = newKey()
    const jwk = stranger.publicKey.object.export({ format: 'jwk' })
    const text = JSON.stringify({ ...header, hostile: jwk }).replace('hostile', name)
    const input = `${Buffer.from(text).toString('base64url')}.${Buffer.from(JSON.stringify(statement())).toString('base64url')}`
    const token = `${input}.${withKey(stranger)(input).toString('base64url')}`
    await expect(verifyComponentSignature(token, expected)).rejects.toEqual(invalid('header', `\`${name}\``))
  })

  it('no key at all, and then every trusted one is tried', async () => {
    const { kid: _, ...anonymous } = header
    const under = trusting(newKey(), newKey('es256'), key)
    const token = forge(anonymous, statement(), withKey(key))
    expect(await verifyComponentSignature(token, { ...expected, trust: under })).toMatchObject({
      key: key.publicKey.text,
    })
    const strange = forge(anonymous, statement(), withKey(newKey()))
    await expect(verifyComponentSignature(strange, { ...expected, trust: under })).rejects.toEqual(
      invalid('unknown-key'),
    )
  })
})

describe('a token that is no token', () => {
  it.each([
    ['empty', ''],
    ['two parts', 'YQ.YQ'],
    ['four parts', 'YQ.YQ.YQ.YQ'],
    ['no payload', 'YQ..YQ'],
    ['other characters', 'Y Q.YQ.YQ'],
    ['a header that is a list', `${Buffer.from('[]').toString('base64url')}.YQ.YQ`],
    ['a header that is not JSON', 'YQ.YQ.YQ'],
    ['a header that is not UTF-8', '_w.YQ.YQ'],
    ['much too long', 'a'.repeat(tokenCharactersMax + 1)],
  ])('%s', async (_, token) => {
    await expect(verifyComponentSignature(token, expected)).rejects.toEqual(invalid('form'))
  })

  it('is as long as it may be, and no longer', async () => {
    const padded = (length: number): string => forge(header, { ...statement(), more: 'x'.repeat(length) }, withKey(key))
    const bare = padded(0).length
    const longest = padded(Math.floor(((tokenCharactersMax - bare) * 3) / 4))
    expect(longest.length).toBeGreaterThan(tokenCharactersMax - 3)
    expect(await verifyComponentSignature(longest, expected)).toMatchObject({ certificates: [] })
    const longer = padded(Math.floor(((tokenCharactersMax - bare) * 3) / 4) + 3)
    await expect(verifyComponentSignature(longer, expected)).rejects.toThrow('is longer than 65536 characters')
  })

  it.each([
    ['not JSON', 'words'],
    ['another type', { ...statement(), _type: 'https://in-toto.io/Statement/v0.1' }],
    ['one subject', { ...statement(), subject: [(statement()['subject'] as object[])[0]] }],
    ['three subjects', { ...statement(), subject: [...(statement()['subject'] as object[]), { name: 'x' }] }],
    ['twice the component', { ...statement(), subject: Array(2).fill((statement()['subject'] as object[])[0]) }],
    ['subjects that are no list', { ...statement(), subject: {} }],
    ['a subject without a digest', { ...statement(), subject: [{ name: 'component' }, { name: 'manifest' }] }],
    ['an unknown predicate', { ...statement(), predicateType: 'https://slsa.dev/provenance/v1' }],
    [
      'provenance with more in it',
      { ...statement(), predicateType: 'urn:bulkhead:provenance:v1', predicate: { ...provenance, x: 1 } },
    ],
    [
      'provenance of no commit',
      { ...statement(), predicateType: 'urn:bulkhead:provenance:v1', predicate: { ...provenance, commit: 7 } },
    ],
  ])('a statement that is %s', async (_, payload) => {
    await expect(verifyComponentSignature(forge(header, payload, withKey(key)), expected)).rejects.toEqual(
      invalid('statement'),
    )
  })

  it('a changed byte anywhere', async () => {
    const token = await signComponent({ component: componentBytes, manifest: manifestBytes, privateKey: key })
    for (let at = 0; at < token.length; at++) {
      const changed = `${token.slice(0, at)}${token[at] === 'A' ? 'B' : 'A'}${token.slice(at + 1)}`
      await expect(verifyComponentSignature(changed, expected), String(at)).rejects.toMatchObject({
        code: 'signature-invalid',
      })
    }
  })

  it('the same signature in another spelling', async () => {
    const token = await signComponent({ component: componentBytes, manifest: manifestBytes, privateKey: key })
    const last = token.at(-1) ?? ''
    const next = String.fromCharCode(last.charCodeAt(0) + 1)
    const again = `${token.slice(0, -1)}${next}`
    const bytesOf = (text: string): Buffer => Buffer.from(text.split('.')[2] ?? '', 'base64url')
    expect(bytesOf(again)).toEqual(bytesOf(token))
    await expect(verifyComponentSignature(again, expected)).rejects.toEqual(invalid('form'))
  })
})

describe('a chain of certificates', () => {
  let root: MadeCertificate
  let leaf: MadeCertificate
  let pinned: Trust
  beforeAll(async () => {
    root = await makeCertificate({ authority: true })
    leaf = await makeCertificate({ issuer: root, curve: 'Ed25519' })
    pinned = trustOf(`[[sources]]\ntype = "signing-key"\ncertificate = "${root.fingerprint}"\n`)
  })
  const sign = (certificates: readonly string[], privateKey = signingKeyOf(leaf)): Promise<string> =>
    signComponent({ component: componentBytes, manifest: manifestBytes, privateKey, x5c: certificates })

  it('stands in for the key, when it ends with a pinned certificate', async () => {
    const token = await sign([leaf.base64, root.base64])
    const verified = await verifyComponentSignature(token, { ...expected, trust: pinned })
    expect(verified).toEqual({
      key: signingKeyOf(leaf).publicKey.text,
      certificates: [leaf.fingerprint, root.fingerprint],
    })
    await expect(verifyComponentSignature(token, { ...expected, trust: noTrust })).rejects.toEqual(invalid('chain'))
    await expect(verifyComponentSignature(token, { ...expected, trust })).rejects.toEqual(invalid('chain'))
  })

  it('is for the key that signs', async () => {
    await expect(sign([leaf.base64, root.base64], newKey())).rejects.toMatchObject({ code: 'key-invalid' })
    await expect(sign([root.base64])).rejects.toMatchObject({ code: 'key-invalid' })
    await expect(sign(['AAAA'])).rejects.toMatchObject({ code: 'key-invalid' })
    await expect(sign([])).rejects.toMatchObject({ code: 'key-invalid' })
    const rsa = await makeCertificate({ curve: 'RSA' })
    await expect(sign([rsa.base64])).rejects.toThrow('does not sign here')
  })

  it('proves nothing beside a signature of another key', async () => {
    const x5c = [leaf.base64, root.base64]
    const other = forge({ alg: 'EdDSA', typ: header.typ, x5c }, statement(), withKey(newKey()))
    await expect(verifyComponentSignature(other, { ...expected, trust: pinned })).rejects.toEqual(invalid('signature'))
    const both = forge({ ...header, x5c }, statement(), withKey(signingKeyOf(leaf)))
    await expect(verifyComponentSignature(both, { ...expected, trust: pinned })).rejects.toEqual(
      invalid('header', 'beside it'),
    )
    const noList = forge({ alg: 'EdDSA', typ: header.typ, x5c: leaf.base64 }, statement(), withKey(signingKeyOf(leaf)))
    await expect(verifyComponentSignature(noList, { ...expected, trust: pinned })).rejects.toEqual(
      invalid('header', 'no list'),
    )
    const wrongKind = await new CompactSign(Buffer.from('{}'))
      .setProtectedHeader({ alg: 'ES256', typ: header.typ, x5c })
      .sign(newKey('es256').object)
    await expect(verifyComponentSignature(wrongKind, { ...expected, trust: pinned })).rejects.toEqual(
      invalid('signature'),
    )
  })
})

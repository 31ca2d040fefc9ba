import { beforeAll, describe, expect, it } from 'vitest'
import { day, KeyUsageFlags, makeCertificate, now, signingKeyOf } from './certificates.test.support.js'
import { signToken } from './jws.js'
import { newKey, trusting, trustOf } from './keys.test.support.js'
import { type PolicyToSign, signPolicy, verifyPolicySignature } from './policy-signature.js'

const bytes = Buffer.from('description = "ingest, production"\n[allow]\n')
const key = newKey()
const trust = trusting(key)
const policy: PolicyToSign = {
  component: 'acme/ingest',
  sequence: 7,
  notBefore: now - day,
  notAfter: now + day,
  privateKey: key,
}
const expected = { component: 'acme/ingest', trust, now }
let token: string
beforeAll(async () => {
  token = await signPolicy(bytes, policy)
})

const invalid = (check: string): unknown =>
  expect.objectContaining({ code: 'signature-invalid', details: expect.objectContaining({ check }) })

describe('a signed policy', () => {
  it('is a detached signature over the exact bytes', async () => {
    expect(token).toMatch(/^[\w-]+\.\.[\w-]+$/)
    expect(await verifyPolicySignature(token, bytes, expected)).toEqual({
      sequence: 7,
      key: key.publicKey.text,
      certificates: [],
    })
    const changed = Buffer.concat([bytes, Buffer.from(' ')])
    await expect(verifyPolicySignature(token, changed, expected)).rejects.toEqual(invalid('signature'))
    for (let at = 0; at < bytes.length; at++) {
      const other = Buffer.from(bytes)
      other[at] = (other[at] ?? 0) ^ 1
      await expect(verifyPolicySignature(token, other, expected)).rejects.toEqual(invalid('signature'))
    }
  })

  it('may be as large as a document can be', async () => {
    const large = Buffer.alloc(256 * 1024, 0x61)
    const signature = await signPolicy(large, policy)
    expect(await verifyPolicySignature(signature, large, expected)).toMatchObject({ sequence: 7 })
  })

  it('is for one component', async () => {
    await expect(verifyPolicySignature(token, bytes, { ...expected, component: 'ingest' })).rejects.toEqual(
      invalid('component'),
    )
    await expect(verifyPolicySignature(token, bytes, { ...expected, component: 'other/ingest' })).rejects.toEqual(
      invalid('component'),
    )
  })

  it('is for all components of a kind when it says so, and then for none by its name', async () => {
    const forKind = await signPolicy(bytes, { ...policy, component: 'default:actor' })
    const verify = (signature: string, component: string): Promise<unknown> =>
      verifyPolicySignature(signature, bytes, { ...expected, component })
    expect(await verify(forKind, 'default:actor')).toMatchObject({ sequence: 7 })
    await expect(verify(forKind, 'actor')).rejects.toEqual(invalid('component'))
    const forChild = await signPolicy(bytes, { ...policy, component: 'actor' })
    await expect(verify(forChild, 'default:actor')).rejects.toEqual(invalid('component'))
    for (const component of ['default:', 'default:a/b', 'child:actor', 'default:Actor', '']) {
      await expect(signPolicy(bytes, { ...policy, component }), component).rejects.toMatchObject({
        code: 'component-rejected-name',
      })
    }
  })

  it('is for its time: the first instant counts, the last one does not', async () => {
    const at = (instant: number): Promise<unknown> => verifyPolicySignature(token, bytes, { ...expected, now: instant })
    await expect(at(policy.notBefore - 1)).rejects.toEqual(invalid('not-yet-valid'))
    expect(await at(policy.notBefore)).toMatchObject({ sequence: 7 })
    expect(await at(policy.notAfter - 1)).toMatchObject({ sequence: 7 })
    await expect(at(policy.notAfter)).rejects.toEqual(invalid('expired'))
    await expect(at(Number.NaN)).rejects.toEqual(invalid('not-yet-valid'))
  })

  it('is of a signing key: neither of a stranger nor of an attestor of components', async () => {
    const under = (text: string): Promise<unknown> =>
      verifyPolicySignature(token, bytes, { ...expected, trust: trustOf(text) })
    await expect(under('')).rejects.toEqual(invalid('unknown-key'))
    const git = `[[sources]]\ntype = "git"\nurl = "https://github.com/a/*"\nattestors = ["${key.publicKey.text}"]\n`
    await expect(under(git)).rejects.toEqual(invalid('unknown-key'))
    const source = `[[sources]]\ntype = "signing-key"\npublic_key = "${key.publicKey.text}"\n`
    await expect(under(`${source}[[revoked]]\nkey = "${key.publicKey.text}"\n`)).rejects.toEqual(invalid('revoked-key'))
    await expect(under(source)).resolves.toMatchObject({ sequence: 7 })
  })

  it('is detached, and says all that it must', async () => {
    const [head, , signature] = token.split('.')
    const attached = `${head}.${bytes.toString('base64url')}.${signature}`
    await expect(verifyPolicySignature(attached, bytes, expected)).rejects.toEqual(invalid('form'))
    await expect(verifyPolicySignature('', bytes, expected)).rejects.toEqual(invalid('form'))
    const full = { component: 'acme/ingest', sequence: 7, nbf: 0, exp: 4_000_000_000 }
    const signed = async (parameters: Readonly<Record<string, unknown>>): Promise<unknown> => {
      const whole = await signToken({ typ: 'bulkhead-policy+jws', payload: bytes, privateKey: key, parameters })
      const [first, , last] = whole.split('.')
      return await verifyPolicySignature(`${first}..${last}`, bytes, expected)
    }
    expect(await signed(full)).toMatchObject({ sequence: 7 })
    expect(await signed({ ...full, exp: 8.64e12 })).toMatchObject({ sequence: 7 })
    await expect(signed({ ...full, exp: 8.64e12 + 1 })).rejects.toEqual(invalid('header'))
    for (const [name, wrong] of [
      ['component', 7],
      ['sequence', -1],
      ['sequence', 1.5],
      ['sequence', '7'],
      ['nbf', undefined],
      ['exp', 1e300],
    ] as const) {
      await expect(signed({ ...full, [name]: wrong }), name).rejects.toEqual(invalid('header'))
    }
    await expect(signed({ ...full, scope: 'all' })).rejects.toEqual(invalid('header'))
  })

  it('is not a component signature in other clothes', async () => {
    const whole = await signToken({ typ: 'bulkhead-component+jws', payload: bytes, privateKey: key })
    const [first, , last] = whole.split('.')
    await expect(verifyPolicySignature(`${first}..${last}`, bytes, expected)).rejects.toEqual(invalid('header'))
  })

  it('is never made so that no reader would accept it', async () => {
    const signing = (more: Partial<PolicyToSign>): Promise<string> => signPolicy(bytes, { ...policy, ...more })
    await expect(signing({ sequence: -1 })).rejects.toMatchObject({ code: 'usage' })
    await expect(signing({ notAfter: policy.notBefore })).rejects.toMatchObject({ code: 'usage' })
    await expect(signing({ notAfter: Number.NaN })).rejects.toMatchObject({ code: 'usage' })
    await expect(signing({ component: '../x' })).rejects.toMatchObject({ code: 'component-rejected-name' })
    await expect(signPolicy(Buffer.alloc(0), policy)).rejects.toMatchObject({ code: 'usage' })
  })
})

describe('a policy signed by a chain', () => {
  it('holds when the chain does, and for no longer', async () => {
    const root = await makeCertificate({ authority: true })
    const leaf = await makeCertificate({ issuer: root, notAfter: now + 1000 })
    const pinned = trustOf(`[[sources]]\ntype = "signing-key"\ncertificate = "${root.fingerprint}"\n`)
    const x5c = [leaf.base64, root.base64]
    const signature = await signPolicy(bytes, { ...policy, privateKey: signingKeyOf(leaf), x5c })
    const verify = (more: object): Promise<unknown> =>
      verifyPolicySignature(signature, bytes, { ...expected, trust: pinned, ...more })
    expect(await verify({})).toMatchObject({ certificates: [leaf.fingerprint, root.fingerprint] })
    await expect(verify({ now: now + 2000 })).rejects.toEqual(invalid('chain'))
    await expect(verify({ trust })).rejects.toEqual(invalid('chain'))
    const wrongUse = await makeCertificate({ issuer: root, usage: KeyUsageFlags.keyAgreement })
    const misused = await signPolicy(bytes, {
      ...policy,
      privateKey: signingKeyOf(wrongUse),
      x5c: [wrongUse.base64, root.base64],
    })
    await expect(verifyPolicySignature(misused, bytes, { ...expected, trust: pinned })).rejects.toEqual(
      invalid('chain'),
    )
    const truncated = await signPolicy(bytes, { ...policy, privateKey: signingKeyOf(leaf), x5c: [leaf.base64] })
    await expect(verifyPolicySignature(truncated, bytes, { ...expected, trust: pinned })).rejects.toEqual(
      invalid('chain'),
    )
  })
})

import './reflect.test.support.js'
import { KeyObject, webcrypto } from 'node:crypto'
import {
  BasicConstraintsExtension,
  cryptoProvider,
  ExtendedKeyUsageExtension,
  Extension,
  KeyUsageFlags,
  KeyUsagesExtension,
  X509CertificateGenerator,
} from '@peculiar/x509'
import { certificateFingerprint } from './certificate-chain.js'
import { type PrivateKey, parsePrivateKey } from './key-pair.js'

// Real certificates, made by a library that shares no code with what judges them.

cryptoProvider.set(webcrypto)

export { Extension, KeyUsageFlags }

export type MadeCertificate = {
  readonly subject: string
  readonly keys: webcrypto.CryptoKeyPair
  readonly privateKey: KeyObject
  /** As `x5c` carries it. */
  readonly base64: string
  readonly pem: string
  readonly fingerprint: string
}

export type CertificateOptions = {
  readonly subject?: string
  /** Absent: it signs itself. */
  readonly issuer?: MadeCertificate
  /** The key that signs, when it is another one than the issuer's. */
  readonly signer?: MadeCertificate
  readonly curve?: 'Ed25519' | 'P-256' | 'P-384' | 'RSA'
  readonly hash?: 'SHA-1' | 'SHA-256' | 'SHA-384'
  readonly notBefore?: number
  readonly notAfter?: number
  readonly authority?: boolean
  readonly pathLength?: number
  readonly usage?: KeyUsageFlags | 'absent'
  readonly purposes?: readonly string[]
  readonly others?: readonly Extension[]
}

/** The instant at which everything here is valid, unless a test says otherwise. */
export const now = Date.UTC(2026, 0, 15)
export const day = 86_400_000

let serial = 1

export async function makeCertificate(options: CertificateOptions = {}): Promise<MadeCertificate> {
  const { curve = 'P-256', hash = 'SHA-256', issuer, authority = false } = options
  const subject = options.subject ?? `CN=${authority ? 'Authority' : 'Leaf'} ${serial}`
  const keys = await makeKeys(curve)
  const signer = options.signer ?? issuer
  const signingKey = signer?.keys.privateKey ?? keys.privateKey
  const certificate = await X509CertificateGenerator.create({
    serialNumber: String(serial++).padStart(2, '0'),
    subject,
    issuer: issuer?.subject ?? subject,
    notBefore: new Date(options.notBefore ?? now - day),
    notAfter: new Date(options.notAfter ?? now + day),
    publicKey: keys.publicKey,
    signingKey: signingKey,
    signingAlgorithm: { name: signingKey.algorithm.name, hash },
    extensions: extensionsOf(options),
  })
  const der = new Uint8Array(certificate.rawData)
  return {
    subject,
    keys,
    privateKey: KeyObject.from(keys.privateKey),
    base64: Buffer.from(der).toString('base64'),
    pem: certificate.toString('pem'),
    fingerprint: certificateFingerprint(der),
  }
}

/** The key of a certificate as signatures are made with it. */
export function signingKeyOf({ privateKey }: MadeCertificate): PrivateKey {
  return parsePrivateKey(privateKey.export({ format: 'pem', type: 'pkcs8' }).toString())
}

function extensionsOf({
  authority = false,
  pathLength,
  usage,
  purposes,
  others = [],
}: CertificateOptions): Extension[] {
  const flags = usage ?? (authority ? KeyUsageFlags.keyCertSign : KeyUsageFlags.digitalSignature)
  return [
    ...(authority ? [new BasicConstraintsExtension(true, pathLength, true)] : []),
    ...(flags === 'absent' ? [] : [new KeyUsagesExtension(flags, true)]),
    ...(purposes === undefined ? [] : [new ExtendedKeyUsageExtension([...purposes])]),
    ...others,
  ]
}

async function makeKeys(curve: NonNullable<CertificateOptions['curve']>): Promise<webcrypto.CryptoKeyPair> {
  const usages: webcrypto.KeyUsage[] = ['sign', 'verify']
  if (curve === 'Ed25519')
    return (await webcrypto.subtle.generateKey({ name: 'Ed25519' }, true, usages)) as webcrypto.CryptoKeyPair
  if (curve === 'RSA') {
    const algorithm = {
      name: 'RSASSA-PKCS1-v1_5',
      hash: 'SHA-256',
      modulusLength: 2048,
      publicExponent: Uint8Array.of(1, 0, 1),
    }
    return await webcrypto.subtle.generateKey(algorithm, true, usages)
  }
  return await webcrypto.subtle.generateKey({ name: 'ECDSA', namedCurve: curve }, true, usages)
}

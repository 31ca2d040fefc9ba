import { type DerElement, readDer, readDerSequence } from './der.js'

// What node's X509Certificate does not tell: the algorithm of the signature, key usage, path length, and whether there are
// critical extensions that nobody here understands. OpenSSL has parsed the certificate before; this reads the same bytes
// again, strictly, and only as far as these questions go (RFC 5280).

export type CertificateFacts = {
  /** The object identifier of the signature's algorithm, as hexadecimal DER content. */
  readonly signatureAlgorithm: string
  readonly isAuthority: boolean
  /** How many authorities may stand below this one, leaf not counted; absent means any number. */
  readonly pathLength: number | undefined
  /** Bits of keyUsage, the first one highest; absent means that the certificate does not say. */
  readonly keyUsage: number | undefined
  /** Object identifiers of extendedKeyUsage, as hexadecimal DER content. */
  readonly extendedKeyUsage: readonly string[] | undefined
  /** Critical extensions that are not understood. */
  readonly unknownCritical: readonly string[]
}

export const digitalSignatureBit = 0x80
export const keyCertSignBit = 0x04

const basicConstraints = '551d13'
const keyUsage = '551d0f'
const extendedKeyUsage = '551d25'
const understood: ReadonlySet<string> = new Set([basicConstraints, keyUsage, extendedKeyUsage])

const booleanTag = 0x01
const integerTag = 0x02
const extensionsTag = 0xa3

/** @throws {RangeError} when the bytes are not those of a certificate. */
export function certificateFacts(der: Uint8Array): CertificateFacts {
  const [body, algorithm] = readDerSequence(readDer(der, 0).content)
  if (body === undefined || algorithm === undefined) throw new RangeError('a certificate has a body and a signature')
  const extensions = readExtensions(body)
  const constraints = extensions.get(basicConstraints)
  return {
    signatureAlgorithm: hexOf(readDer(algorithm.content, 0).content),
    ...readConstraints(constraints?.value),
    keyUsage: readKeyUsage(extensions.get(keyUsage)?.value),
    extendedKeyUsage: readPurposes(extensions.get(extendedKeyUsage)?.value),
    unknownCritical: [...extensions].flatMap(([id, { critical }]) => (critical && !understood.has(id) ? [id] : [])),
  }
}

type Extension = { readonly critical: boolean; readonly value: Uint8Array }

function readExtensions(body: DerElement): ReadonlyMap<string, Extension> {
  const extensions = new Map<string, Extension>()
  const wrapper = readDerSequence(body.content).find(({ tag }) => tag === extensionsTag)
  if (wrapper === undefined) return extensions
  for (const { content } of readDerSequence(readDer(wrapper.content, 0).content)) {
    const [id, ...others] = readDerSequence(content)
    const value = others.at(-1)
    if (id === undefined || value === undefined) throw new RangeError('an extension has a name and a value')
    const name = hexOf(id.content)
    if (extensions.has(name)) throw new RangeError('an extension is there twice')
    extensions.set(name, {
      critical: others[0]?.tag === booleanTag && others[0].content[0] !== 0,
      value: value.content,
    })
  }
  return extensions
}

function readConstraints(value: Uint8Array | undefined): Pick<CertificateFacts, 'isAuthority' | 'pathLength'> {
  const fields = value === undefined ? [] : readDerSequence(readDer(value, 0).content)
  const authority = fields.find(({ tag }) => tag === booleanTag)
  const length = fields.find(({ tag }) => tag === integerTag)
  return {
    isAuthority: authority !== undefined && authority.content[0] !== 0,
    pathLength: length === undefined ? undefined : Number(`0x${hexOf(length.content)}`),
  }
}

/** The first byte of the bit string: it holds all usages but `decipherOnly`. */
function readKeyUsage(value: Uint8Array | undefined): number | undefined {
  return value === undefined ? undefined : (readDer(value, 0).content[1] ?? 0)
}

function readPurposes(value: Uint8Array | undefined): readonly string[] | undefined {
  if (value === undefined) return undefined
  return readDerSequence(readDer(value, 0).content).map(({ content }) => hexOf(content))
}

function hexOf(bytes: Uint8Array): string {
  return Buffer.from(bytes).toString('hex')
}

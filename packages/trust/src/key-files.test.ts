import { chmodSync, mkdirSync, mkdtempSync, readFileSync, statSync, symlinkSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { beforeEach, describe, expect, it } from 'vitest'
import { makeCertificate } from './certificates.test.support.js'
import { readCertificates, readPrivateKey, writeKeyFiles } from './key-files.js'
import { generateKeyPair } from './key-pair.js'
import { keyFileBytesMax } from './limits.js'

let folder: string
beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'bulkhead-keys-'))
})

const refusal = (says: string): unknown =>
  expect.objectContaining({ code: 'key-invalid', message: expect.stringContaining(says) })

describe('key files', () => {
  it('are written for their owner alone, and read back', () => {
    const pair = generateKeyPair('es256')
    const files = writeKeyFiles(join(folder, 'release'), pair)
    expect(statSync(files.privateKey).mode & 0o777).toBe(0o600)
    expect(readFileSync(files.publicKey, 'utf8')).toBe(`${pair.publicKey}\n`)
    expect(readPrivateKey(files.privateKey).publicKey.text).toBe(pair.publicKey)
  })

  it('are never overwritten, and never half there', () => {
    const path = join(folder, 'release')
    writeKeyFiles(path, generateKeyPair('ed25519'))
    const before = readFileSync(path)
    expect(() => writeKeyFiles(path, generateKeyPair('ed25519'))).toThrow(refusal('is there already'))
    expect(readFileSync(path)).toEqual(before)
    writeFileSync(join(folder, 'other.pub'), 'a public key that somebody else needs')
    expect(() => writeKeyFiles(join(folder, 'other'), generateKeyPair('ed25519'))).toThrow(refusal('other.pub'))
    expect(() => statSync(join(folder, 'other'))).toThrow('ENOENT')
    expect(() => writeKeyFiles(join(folder, 'no', 'such'), generateKeyPair('ed25519'))).toThrow(
      refusal('cannot be written'),
    )
  })

  it.each([0o640, 0o604, 0o620, 0o660, 0o666])('are refused with the mode %o', (mode) => {
    const { privateKey } = writeKeyFiles(join(folder, 'key'), generateKeyPair('ed25519'))
    chmodSync(privateKey, mode)
    expect(() => readPrivateKey(privateKey)).toThrow(refusal(`mode 0${mode.toString(8)}`))
    expect(() => readPrivateKey(privateKey)).toThrow(
      expect.objectContaining({ hint: expect.stringContaining('chmod 600') }),
    )
    chmodSync(privateKey, 0o400)
    expect(readPrivateKey(privateKey).publicKey.kind).toBe('ed25519')
  })

  it('are refused when they are of somebody else', () => {
    const { privateKey } = writeKeyFiles(join(folder, 'key'), generateKeyPair('ed25519'))
    const own = process.getuid
    process.getuid = () => 4_000_000
    try {
      expect(() => readPrivateKey(privateKey)).toThrow(refusal('belongs to user'))
    } finally {
      if (own !== undefined) process.getuid = own
    }
  })

  it('are regular files of a key', () => {
    const path = join(folder, 'key')
    expect(() => readPrivateKey(path)).toThrow(refusal('cannot be read'))
    mkdirSync(join(folder, 'directory'), { mode: 0o700 })
    expect(() => readPrivateKey(join(folder, 'directory'))).toThrow(refusal('not a regular file'))
    writeFileSync(path, 'not a key', { mode: 0o600 })
    expect(() => readPrivateKey(path)).toThrow(refusal('not a private key in PEM form'))
    writeFileSync(path, 'x'.repeat(keyFileBytesMax + 1), { mode: 0o600 })
    expect(() => readPrivateKey(path)).toThrow(refusal('is larger than'))
    writeFileSync(path, 'x'.repeat(keyFileBytesMax))
    expect(() => readPrivateKey(path)).toThrow(refusal('not a private key in PEM form'))
    const { privateKey } = writeKeyFiles(join(folder, 'real'), generateKeyPair('ed25519'))
    symlinkSync(privateKey, join(folder, 'link'))
    expect(readPrivateKey(join(folder, 'link')).publicKey.kind).toBe('ed25519')
  })

  it('hold chains of certificates, leaf first', async () => {
    const root = await makeCertificate({ authority: true })
    const leaf = await makeCertificate({ issuer: root })
    const path = join(folder, 'chain.pem')
    writeFileSync(path, `a remark\n${leaf.pem}\n${root.pem}\n`)
    expect(readCertificates(path)).toEqual([leaf.base64, root.base64])
    writeFileSync(path, 'none')
    expect(() => readCertificates(path)).toThrow(refusal('holds no certificate'))
    writeFileSync(path, `-----BEGIN CERTIFICATE-----\nAAAA\n-----END CERTIFICATE-----\n`)
    expect(() => readCertificates(path)).toThrow(refusal('cannot be read'))
  })
})

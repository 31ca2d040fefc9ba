import fc from 'fast-check'
import { expect, it } from 'vitest'
import { certificateFacts } from './certificate-extensions.js'
import { makeCertificate } from './certificates.test.support.js'
import { readDer, readDerSequence } from './der.js'

const bytes = (...hex: readonly string[]): Uint8Array => Buffer.from(hex.join(''), 'hex')

it('reads elements of every form of length', () => {
  expect(readDer(bytes('0402', 'abcd'), 0)).toMatchObject({ tag: 4, end: 4 })
  expect(readDer(bytes('048180', '00'.repeat(128)), 0).content).toHaveLength(128)
  expect(readDer(bytes('04820100', '00'.repeat(256)), 0).content).toHaveLength(256)
  expect(readDer(bytes('0483010000', '00'.repeat(65_536)), 0).content).toHaveLength(65_536)
  expect(readDerSequence(bytes('0500', '0101ff')).map(({ tag }) => tag)).toEqual([5, 1])
})

it.each([
  ['a long tag', '1f8101'],
  ['a long tag that could be a short element', '1f0100'],
  ['a long tag of a constructed element', '3f0100'],
  ['an indefinite length', '30800000'],
  ['a length of four bytes', '048400000001ff'],
  ['a length that fits one byte', '04810100'],
  ['a length with a leading zero', `0482007f${'00'.repeat(127)}`],
  ['a length with a leading zero byte', `04820080${'00'.repeat(128)}`],
  ['an end within the content', '0402ab'],
  ['an end within the length', '0482'],
  ['nothing', ''],
])('refuses %s', (_, hex) => {
  expect(() => readDer(bytes(hex), 0)).toThrow(RangeError)
})

it('refuses what only looks like a certificate, and throws nothing else', async () => {
  expect(() => certificateFacts(bytes('3000'))).toThrow('a body and a signature')
  const extension = '300a06032a0304040305000000'.slice(0, 20)
  expect(() => certificateFacts(bytes('30', '02', '0500'))).toThrow(RangeError)
  expect(extension).toHaveLength(20)
  const { base64 } = await makeCertificate({ authority: true, pathLength: 3 })
  const der = Buffer.from(base64, 'base64')
  expect(certificateFacts(der)).toMatchObject({ isAuthority: true, pathLength: 3, keyUsage: 4 })
  fc.assert(
    fc.property(fc.nat(der.length - 1), fc.nat(255), (at, value) => {
      const changed = Buffer.from(der)
      changed[at] = value
      try {
        certificateFacts(changed)
      } catch (error) {
        expect(error).toBeInstanceOf(RangeError)
      }
    }),
    { numRuns: 500 },
  )
})

it('refuses an extension twice, or without a value', () => {
  const certificate = (...extensions: readonly string[]): Uint8Array => {
    const wrap = (tag: string, content: string): string =>
      `${tag}${(content.length / 2).toString(16).padStart(2, '0')}${content}`
    const list = wrap('30', extensions.map((one) => wrap('30', one)).join(''))
    return bytes(wrap('30', `${wrap('30', wrap('a3', list))}${wrap('30', '06032b6570')}`))
  }
  const one = '06032a0304' + '04020500'
  expect(certificateFacts(certificate(one)).unknownCritical).toEqual([])
  expect(certificateFacts(certificate('06032a0304' + '0101ff' + '04020500')).unknownCritical).toEqual(['2a0304'])
  expect(() => certificateFacts(certificate(one, one))).toThrow('there twice')
  expect(() => certificateFacts(certificate('06032a0304'))).toThrow('a name and a value')
  expect(certificateFacts(certificate('0603551d0f' + '04020300')).keyUsage).toBe(0)
})

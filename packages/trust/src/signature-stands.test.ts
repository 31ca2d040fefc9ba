import { expect, test } from 'vitest'
import { digestText, newKey, trusting, trustOf } from './keys.test.support.js'
import { standingOf } from './signature-stands.js'

const signer = newKey()
const key = signer.publicKey.text
const [leaf, root] = [digestText('1'), digestText('2')]
const pinning = (fingerprint: string, more = '') =>
  trustOf(`[[sources]]\ntype = "signing-key"\ncertificate = "${fingerprint}"\n${more}`)
const revoked = (what: string): string => `[[revoked]]\n${what}\n`

test('a key stands as long as it is a source, and not revoked', () => {
  expect(standingOf({ key }, trusting(newKey(), signer))).toBe('trusted')
  expect(standingOf({ key }, trusting(newKey()))).toBe('unknown')
  const source = `[[sources]]\ntype = "signing-key"\npublic_key = "${key}"\n`
  expect(standingOf({ key }, trustOf(source + revoked(`key = "${key}"`)))).toBe('revoked')
  expect(standingOf({ key }, trustOf(source + revoked(`key = "${newKey().publicKey.text}"`)))).toBe('trusted')
})

test('an attestor of components vouches for no policy', () => {
  const git = `[[sources]]\ntype = "git"\nurl = "https://a.b/c"\nattestors = ["${key}"]\n`
  expect(standingOf({ key }, trustOf(git))).toBe('unknown')
})

test('a chain stands as long as its last certificate is pinned, and none of it is revoked', () => {
  const chained = { key, certificates: [leaf, root] }
  expect(standingOf(chained, pinning(root))).toBe('trusted')
  expect(standingOf(chained, pinning(leaf))).toBe('unknown')
  // That its key is trusted by itself is another matter.
  expect(standingOf(chained, trusting(signer))).toBe('unknown')
  for (const what of [`digest = "${leaf}"`, `digest = "${root}"`, `key = "${key}"`]) {
    expect(standingOf(chained, pinning(root, revoked(what))), what).toBe('revoked')
  }
  expect(standingOf(chained, pinning(root, revoked(`digest = "${digestText('3')}"`)))).toBe('trusted')
})

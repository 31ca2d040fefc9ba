import { chmod, copyFile, mkdtemp, readFile, stat, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { beforeEach, expect, it } from 'vitest'
import { run } from '../terminal.test.support.js'

let directory = ''
beforeEach(async () => {
  directory = await mkdtemp(join(tmpdir(), 'cli-'))
})
const write = (name: string, text: string | Uint8Array): Promise<void> => writeFile(join(directory, name), text)
const bulkhead = (...argv: string[]) => run(argv, {}, directory)

/** The smallest core module that is one, and another one: a custom section named `x`. */
const module = Uint8Array.of(0, 0x61, 0x73, 0x6d, 1, 0, 0, 0)
const another = Uint8Array.of(...module, 0, 2, 1, 0x78)
const manifest = '[component]\nid = "app"\nversion = "1.0.0"\n'

async function trusting(...names: string[]): Promise<void> {
  const keys = await Promise.all(names.map(async (name) => (await bulkhead('keys', 'show', name)).out.trim()))
  await write('trust.toml', keys.map((key) => `[[sources]]\ntype = "signing-key"\npublic_key = "${key}"\n`).join(''))
}

it.each(['ed25519', 'es256'])('makes %s keys that only their owner can read, and overwrites none', async (type) => {
  const { code, out } = await bulkhead('keys', 'new', 'release.key', '--type', type)
  expect(code).toBe(0)
  expect((await stat(join(directory, 'release.key'))).mode & 0o777).toBe(0o600)
  const key = (await readFile(join(directory, 'release.key.pub'), 'utf8')).trim()
  expect(key.startsWith(`${type}:`)).toBe(true)
  expect(out).toContain(`public_key = "${key}"`)
  expect(out).not.toContain('PRIVATE')
  expect((await bulkhead('keys', 'show', 'release.key')).out).toBe(`${key}\n`)
  expect((await bulkhead('keys', 'show', 'release.key.pub')).out).toBe(`${key}\n`)
  expect(await bulkhead('keys', 'new', 'release.key')).toMatchObject({ code: 2 })
  expect((await readFile(join(directory, 'release.key.pub'), 'utf8')).trim()).toBe(key)
})

it('shows no key where there is none, and uses none that others can read', async () => {
  await write('nothing', 'nothing')
  expect((await bulkhead('keys', 'show', 'nothing')).code).toBe(2)
  await bulkhead('keys', 'new', 'k')
  await chmod(join(directory, 'k'), 0o644)
  await write('app.wasm', module)
  const { code, error } = await bulkhead('sign', 'app.wasm', '--key', 'k')
  expect(code).toBe(2)
  expect(error).toContain('chmod 600')
})

it('signs a component with the manifest beside it, and trusts it by that key alone', async () => {
  await bulkhead('keys', 'new', 'ours')
  await bulkhead('keys', 'new', 'theirs')
  await write('app.wasm', module)
  await write('app.component.toml', manifest)
  await trusting('ours.pub')
  const unsigned = await bulkhead('verify', 'app.wasm')
  expect(unsigned.code).toBe(3)
  expect(unsigned.out).toContain('there is no .sig file')

  const signed = await bulkhead('sign', 'app.wasm', '--key', 'ours')
  expect(signed.code).toBe(0)
  expect(signed.out).toContain('app.component.toml')
  const verified = await bulkhead('verify', 'app.wasm')
  expect(verified.code).toBe(0)
  expect(verified.out).toMatch(/^trusted {2}signed by ed25519:/)

  await trusting('theirs.pub')
  expect(await bulkhead('verify', 'app.wasm')).toMatchObject({ code: 3, error: expect.stringMatching(/^error: /) })
})

it('does not take the signature of another component or manifest', async () => {
  await bulkhead('keys', 'new', 'k')
  await trusting('k.pub')
  await write('app.wasm', module)
  await write('app.component.toml', manifest)
  await bulkhead('sign', 'app.wasm', '--key', 'k')
  await write('app.component.toml', `${manifest}# more\n`)
  expect((await bulkhead('verify', 'app.wasm')).error).toContain('the signature is for the manifest')
  await write('app.component.toml', manifest)
  await write('app.wasm', another)
  expect((await bulkhead('verify', 'app.wasm')).error).toContain('the signature is for sha256:')
  await write('app.wasm', module)
  expect((await bulkhead('verify', 'app.wasm')).code).toBe(0)
})

it('signs the manifest that is named, and where it was built', async () => {
  await bulkhead('keys', 'new', 'ci')
  const key = (await bulkhead('keys', 'show', 'ci.pub')).out.trim()
  await write('trust.toml', `[[sources]]\ntype = "git"\nurl = "https://github.com/acme/*"\nattestors = ["${key}"]\n`)
  await write('app.wasm', module)
  await write('other.toml', manifest)
  const sign = ['sign', 'app.wasm', '--key', 'ci', '--manifest', 'other.toml', '--json']
  const half = await bulkhead(...sign, '--repository', 'https://github.com/acme/app')
  expect(half).toMatchObject({ code: 2, error: expect.stringContaining('belong together') })
  const commit = 'a'.repeat(40)
  const where = ['--repository', 'https://github.com/acme/app', '--ref', 'refs/heads/main', '--commit', commit]
  expect((await bulkhead(...sign, ...where)).code).toBe(0)
  const verified = await bulkhead('verify', 'app.wasm', '--manifest', 'other.toml')
  expect(verified.code).toBe(0)
  expect(verified.out).toContain(`built from https://github.com/acme/app refs/heads/main ${commit}`)
  expect((await bulkhead('verify', 'app.wasm')).code).toBe(3)
})

it('finds a manifest in the folder of a lone component, and writes the signature where it is told', async () => {
  await bulkhead('keys', 'new', 'k')
  await write('app.wasm', module)
  await write('Component.toml', manifest)
  const first = await bulkhead('sign', 'app.wasm', '--key', 'k', '-o', 'component.sig', '--json')
  expect(JSON.parse(first.out)).toMatchObject({ manifest: { place: join(directory, 'Component.toml') } })
  await trusting('k.pub')
  expect((await bulkhead('verify', 'app.wasm')).code).toBe(0)
  await copyFile(join(directory, 'app.wasm'), join(directory, 'two.wasm'))
  expect(JSON.parse((await bulkhead('sign', 'app.wasm', '--key', 'k', '--json')).out)).toMatchObject({ manifest: null })
  expect((await bulkhead('sign', 'app.wasm', '--key', 'k')).error).toContain('--force')
})

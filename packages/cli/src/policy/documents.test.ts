import { mkdtemp, readFile, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { parsePolicy } from '@bulkhead/policy'
import { beforeEach, expect, it } from 'vitest'
import { run } from '../terminal.test.support.js'

let directory = ''
beforeEach(async () => {
  directory = await mkdtemp(join(tmpdir(), 'cli-'))
})
const write = (name: string, text: string): Promise<void> => writeFile(join(directory, name), text)
const bulkhead = (...argv: string[]) => run(argv, {}, directory)

const wassette = `version: "1.0"
permissions:
  storage:
    allow: [{ uri: "fs:///data/in/**", access: ["read"] }]
    deny:  [{ uri: "fs:///data/in/secret/**", access: ["read"] }]
`

it('finds every error of every document, with its place, and ends with 2', async () => {
  await write('good.toml', '[allow]\nfilesystem.read = ["/a/**", "/a/b"]\n')
  await write('bad.toml', '[alow]\nx = 1\n[allow]\nfilesystem.raed = ["/a"]\n')
  await write('old.yaml', wassette)
  const { code, out } = await bulkhead('policy', 'validate', 'good.toml', 'bad.toml', 'old.yaml')
  expect(code).toBe(2)
  expect(out).toMatch(/^good\.toml:2:\d+: warning: /m)
  expect(out).toMatch(/^valid {4}good\.toml: 2 allow rules, 0 deny rules, 1 warning$/m)
  expect(out).toMatch(/^bad\.toml:1:\d+: .*`alow`/m)
  expect(out).toMatch(/^bad\.toml:4:\d+: .*`raed`/m)
  expect(out).toMatch(/^invalid {2}bad\.toml: 2 errors$/m)
  expect(out).toMatch(/^valid {4}old\.yaml: 1 allow rule, 1 deny rule$/m)
  expect((await bulkhead('policy', 'validate', 'good.toml', 'old.yaml')).code).toBe(0)
  const json = JSON.parse((await bulkhead('policy', 'validate', 'bad.toml', '--json')).out)
  expect(json).toMatchObject({ valid: false, files: [{ file: 'bad.toml', findings: [{ line: 1 }, { line: 4 }] }] })
})

it('takes the format from the flag where the name does not tell', async () => {
  await write('policy', wassette)
  expect((await bulkhead('policy', 'validate', 'policy')).code).toBe(2)
  expect((await bulkhead('policy', 'validate', 'policy', '--format', 'wassette')).code).toBe(0)
})

it('converts a policy so that it means the same, and overwrites nothing by accident', async () => {
  await write('old.policy.yaml', wassette)
  const { code, out } = await bulkhead('policy', 'convert', 'old.policy.yaml')
  expect(code).toBe(0)
  const native = parsePolicy(out, { file: 'new.policy.toml' })
  expect(native.allow).toMatchObject([{ kind: 'filesystem', action: 'read', pattern: '/data/in/**' }])
  expect(native.deny).toMatchObject([{ pattern: '/data/in/secret/**' }])

  expect((await bulkhead('policy', 'convert', 'old.policy.yaml', '-o', 'new.policy.toml')).code).toBe(0)
  expect(await readFile(join(directory, 'new.policy.toml'), 'utf8')).toBe(out)
  const again = await bulkhead('policy', 'convert', 'old.policy.yaml', '-o', 'new.policy.toml')
  expect(again.code).toBe(2)
  expect(again.error).toContain('--force')
  expect((await bulkhead('policy', 'convert', 'old.policy.yaml', '-o', 'new.policy.toml', '--force')).code).toBe(0)

  const back = await bulkhead('policy', 'convert', 'new.policy.toml')
  expect(parsePolicy(back.out, { file: 'back.policy.yaml' }).allow).toMatchObject([{ pattern: '/data/in/**' }])
})

it('signs a policy for one child and a time, and verifies exactly that', async () => {
  await bulkhead('keys', 'new', 'release.key')
  const key = (await bulkhead('keys', 'show', 'release.key.pub')).out.trim()
  await write('trust.toml', `[[sources]]\ntype = "signing-key"\npublic_key = "${key}"\n`)
  await write('p.toml', '[allow]\nfilesystem.read = ["/a"]\n')
  const verify = (child: string) => bulkhead('policy', 'verify', 'p.toml', '--component', child)

  const unsigned = await verify('ingest')
  expect(unsigned.code).toBe(3)
  expect(unsigned.error).toContain('bulkhead policy sign p.toml')

  const sign = ['policy', 'sign', 'p.toml', '--component', 'ingest', '--key', 'release.key', '--sequence']
  expect((await bulkhead(...sign, '7')).out).toContain('for ingest, sequence 7')
  expect(await verify('ingest')).toMatchObject({ code: 0, out: `valid  for ingest, sequence 7\nby ${key}\n` })
  expect((await verify('other')).code).toBe(3)

  expect((await bulkhead(...sign, '8')).code).toBe(2)
  expect((await bulkhead(...sign, 'eight', '--force')).code).toBe(2)
  expect(
    (await bulkhead(...sign, '8', '--force', '--not-before', '2020-01-01', '--not-after', '2020-02-01')).code,
  ).toBe(0)
  const expired = await verify('ingest')
  expect(expired.code).toBe(3)
  expect(expired.error).toContain('expired')
  expect((await bulkhead(...sign, '9', '--force', '--not-after', '30d')).code).toBe(0)
  expect((await verify('ingest')).code).toBe(0)

  await write('p.toml', '[allow]\nfilesystem.read = ["/b"]\n')
  expect((await verify('ingest')).code).toBe(3)
})

it('does not sign what is no policy', async () => {
  await bulkhead('keys', 'new', 'k')
  await write('bad.toml', 'x = 1\n')
  const argv = ['policy', 'sign', 'bad.toml', '--component', 'a', '--key', 'k', '--sequence', '1']
  expect(await bulkhead(...argv)).toMatchObject({ code: 2, error: expect.stringContaining('bad.toml:1:1') })
})

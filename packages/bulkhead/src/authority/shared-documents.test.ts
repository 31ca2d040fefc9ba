import { mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { noCustomKinds } from '@bulkhead/capability'
import { noTrust } from '@bulkhead/trust'
import { afterEach, beforeEach, describe, expect, it } from 'vitest'
import { readSharedDocuments } from './shared-documents.js'

let folder: string
beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'bulkhead-shared-'))
})
afterEach(() => rmSync(folder, { recursive: true }))

function read(text: string, file = 'both.policy.toml'): ReturnType<typeof readSharedDocuments> {
  const policy = join(folder, file)
  writeFileSync(policy, text)
  return readSharedDocuments([{ name: 'both', policy }], noTrust, noCustomKinds)
}

const shared = '[shared]\ncomponents = ["a", "b"]\n[shared.deny]\nfilesystem.read = ["/x"]\n'

describe('a document that several components share', () => {
  it('says what is shared', async () => {
    const [document] = await read(`description = "both"\n${shared}`)
    expect(document?.policy.shared?.deny.map(({ pattern }) => pattern)).toEqual(['/x'])
  })

  it.each([
    ['a deny rule', '[deny]\nfilesystem.read = ["/y"]\n', 'both.policy.toml'],
    ['an allow rule', '[allow]\nfilesystem.read = ["/y"]\n', 'both.policy.toml'],
    ['a limit', '[limits]\nhandles = 4\n', 'both.policy.toml'],
  ])('says nothing that is not: %s', async (_, own, file) => {
    await expect(read(own + shared, file)).rejects.toMatchObject({
      code: 'policy-validation-failed',
      message: expect.stringContaining('in force for nobody'),
    })
  })

  it('says nothing that is not: permissions beside those of a workflow', async () => {
    const yaml = (permissions: string): string =>
      `version: "2.0"\nscope: workflow\ncomponents: [a, b]\nshared_permissions: {}\npermissions: ${permissions}\n`
    expect(await read(yaml('{}'), 'both.policy.yaml')).toHaveLength(1)
    const denied = '{ network: { deny: [{ host: evil.com }] } }'
    await expect(read(yaml(denied), 'both.policy.yaml')).rejects.toMatchObject({ code: 'policy-validation-failed' })
  })

  it('that is not signed where it must be: the command that mends it does only that, whatever the file is called', async () => {
    const policy = join(folder, 'a; id.toml')
    writeFileSync(policy, shared)
    const trust = { ...noTrust, requireSignatures: true }
    await expect(readSharedDocuments([{ name: 'both', policy }], trust, noCustomKinds)).rejects.toMatchObject({
      code: 'signature-invalid',
      hint: `bulkhead policy sign '${policy}' --key KEY.pem --component both --sequence N`,
    })
  })
})

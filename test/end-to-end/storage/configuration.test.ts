import { chmodSync, readdirSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import { DocumentError, type LogRecord } from 'bulkhead'
import { describe, expect, it } from 'vitest'
import { newWorld, restart, startKeepers, writeKeepers } from './keeper-tree.js'

const secret = 'hunter2-correct-horse'
const mayRead = 'environment.read = ["region", "API_KEY"]'
const lines = ['config = { region = "eu", zone = "b" }', 'secrets = { API_KEY = { file = "key" } }']

/** Everything that a folder holds, as one text. */
function allOf(folder: string): string {
  const files = readdirSync(folder, { recursive: true, withFileTypes: true }).filter((entry) => entry.isFile())
  return files.map((entry) => readFileSync(join(entry.parentPath, entry.name), 'latin1')).join('\n')
}

describe('configuration and secrets', () => {
  it('are given by name to who was granted the name, and the secret is nowhere else', async () => {
    const world = newWorld()
    chmodSync(world.write('key', `${secret}\n`), 0o600)
    const records: LogRecord[] = []
    const said: unknown[] = []
    const { ask, session } = await startKeepers(
      { keeper: { grants: [mayRead], lines }, other: { lines: ['config = { region = "us" }'] } },
      {
        onLog: (record) => records.push(record),
        onDenied: (denied) => said.push(denied),
        onHandlerFailed: (failure) => said.push(failure),
      },
      world,
    )
    expect(await ask('keeper', 'config', 'API_KEY')).toEqual(['ok', secret])
    expect(await ask('keeper', 'config', 'region')).toEqual(['ok', 'eu'])
    expect(await ask('keeper', 'config', 'zone')).toEqual(['ok', null])
    expect(await ask('keeper', 'allConfig')).toEqual(['ok', [['region', 'eu']]])
    expect(await ask('other', 'config', 'region')).toEqual(['ok', null])
    expect(await ask('other', 'config', 'API_KEY')).toEqual(['ok', null])
    await session.until(() => said.length >= 2, 'two denials')
    const { runtime } = session
    const shown = JSON.stringify([
      ...[session.events, said, records, runtime.children(), runtime.messages(), runtime.incidents.list()],
      await runtime.policy.show('keeper'),
    ])
    await world.stop()
    expect(shown).toContain('API_KEY')
    expect(shown).not.toContain(secret)
    expect(allOf(world.path('.bulkhead'))).not.toContain(secret)
    const granted = (await world.audit({ child: 'component:keeper' })).filter((one) => one.resource === 'API_KEY')
    expect(granted).toMatchObject([{ event: 'access-granted', kind: 'environment', action: 'read' }])
  })

  it('are read again at each start, and keep a child down that cannot have them', async () => {
    const world = newWorld()
    const path = world.write('key', 'first')
    chmodSync(path, 0o600)
    const { ask, session } = await startKeepers({ keeper: { grants: [mayRead], lines } }, {}, world)
    expect(await ask('keeper', 'config', 'API_KEY')).toEqual(['ok', 'first'])
    world.write('key', 'second')
    expect(await restart(session.runtime, 'keeper')).toMatchObject({ kind: 'started' })
    expect(await ask('keeper', 'config', 'API_KEY')).toEqual(['ok', 'second'])
    chmodSync(path, 0o604)
    expect(JSON.stringify(await restart(session.runtime, 'keeper'))).toContain(
      'everybody on this machine may use the file',
    )
    chmodSync(path, 0o600)
    expect(await restart(session.runtime, 'keeper')).toMatchObject({ kind: 'started' })
    expect(await ask('keeper', 'config', 'API_KEY')).toEqual(['ok', 'second'])
  })

  it('come from the host application as well', async () => {
    const { ask } = await startKeepers(
      { keeper: { grants: ['environment.read = ["TOKEN"]'] } },
      { secrets: { keeper: { TOKEN: secret } } },
    )
    expect(await ask('keeper', 'config', 'TOKEN')).toEqual(['ok', secret])
  })

  it('are refused with their place where the tree file names what is none', async () => {
    const world = newWorld()
    writeKeepers(world, { keeper: { lines } })
    const thrown: unknown = await world.start().catch((error: unknown) => error)
    expect(thrown).toBeInstanceOf(DocumentError)
    expect(thrown).toMatchObject({ findings: [{ message: expect.stringContaining('there is no such file') }] })
  })
})

import { once } from 'node:events'
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { type Codec, jsonCodec, StateDirectory } from '@bulkhead/state'
import { Store } from '@bulkhead/state/store'
import { afterEach, describe, expect, it } from 'vitest'
import { serviceRestartsMax } from '../limits.js'
import { callerOf, clientOf, openStoreLab, type StoreLab, shown, tableOf, text } from './store.test.support.js'
import { encodeStoreRequest } from './store-request.js'
import { StoreService } from './store-service.js'

const roots: string[] = []
afterEach(() => {
  for (const root of roots.splice(0)) rmSync(root, { recursive: true, force: true })
})

function makeRoot(): string {
  const root = mkdtempSync(join(tmpdir(), 'bulkhead-storage-'))
  roots.push(root)
  return root
}

const until = async (holds: () => boolean): Promise<void> => {
  while (!holds()) await new Promise((resolve) => setTimeout(resolve, 5))
}

describe('a store whose thread dies', () => {
  it('fails what was open, starts again, and has everything that it had acknowledged', async () => {
    const said: string[] = []
    const lab = await openStoreLab({
      events: { onDied: () => said.push('died'), onRestarted: () => said.push('restarted') },
    })
    const one = lab.attach('one')
    one.client.set('self:a', 'k', new Uint8Array(900))
    const used = one.spent().used
    for (let round = 1; round <= 3; round++) {
      const thread = lab.thread()
      const exit = once(thread, 'exit')
      void thread.terminate()
      const caller = callerOf(one.slot)
      caller.post(encodeStoreRequest({ op: 'get', namespace: 'self:a', key: 'k' }))
      await exit
      await until(() => caller.settled() !== undefined)
      expect(['failed', 'answer']).toContain(caller.settled()?.kind)
      // Newer rules that come while it is down are in force when it is up again.
      await one.updateTable(
        tableOf(
          'one',
          round === 2
            ? [['read', 'self:*']]
            : [
                ['read', 'self:*'],
                ['write', 'self:*'],
              ],
          round,
        ),
      )
      const client = clientOf(one.slot)
      expect(client.get('self:a', 'k')?.length).toBe(900)
      expect(one.spent().used).toBe(used)
      if (round === 2) expect(() => client.set('self:a', 'k', text('x'))).toThrow('is denied')
      else client.set('self:a', 'k', new Uint8Array(900))
      await until(() => said.length === round * 2)
    }
    expect(said.slice(0, 4)).toEqual(['died', 'restarted', 'died', 'restarted'])
    await lab.close()
  })

  it('stays down when it dies again and again, and says so to everybody', async () => {
    const failures: string[] = []
    let restarts = 0
    const events = { onFailed: (error: Error) => failures.push(error.message), onRestarted: () => restarts++ }
    const lab = await openStoreLab({ events })
    const one = lab.attach('one')
    for (let death = 0; death <= serviceRestartsMax; death++) {
      await until(() => restarts === death)
      await lab.thread().terminate()
    }
    await until(() => failures.length > 0)
    expect(failures).toEqual([expect.stringContaining('the store service has died')])
    expect(callerOf(one.slot).call(new Uint8Array(1))).toEqual({ kind: 'closed' })
    expect(() => lab.attach('two')).toThrow('has died')
    await one.updateTable(tableOf('one', []))
    await one.gone()
    await lab.close()
  })

  it('can be closed with channels open, once', async () => {
    const lab = await openStoreLab()
    const one = lab.attach('one')
    await lab.close()
    await lab.service.close()
    expect(callerOf(one.slot).call(new Uint8Array(1))).toEqual({ kind: 'closed' })
    expect(() => lab.attach('two')).toThrow('is closed')
  })
})

describe('a store that is damaged', () => {
  async function fill(root: string): Promise<void> {
    const lab = await openStoreLab({ root })
    const { client } = lab.attach('one')
    for (let index = 0; index < 50; index++) client.set('self:a', `key ${index}`, new Uint8Array(2_000).fill(index))
    await lab.close()
  }

  it('is refused as a whole, and never guessed at', async () => {
    const root = makeRoot()
    await fill(root)
    const file = join(root, 'storage', 'data.mdb')
    const bytes = readFileSync(file)
    bytes.fill(0xee, bytes.length >> 1, (bytes.length >> 1) + 20_000)
    writeFileSync(file, bytes)
    const state = await StateDirectory.open(root)
    await expect(StoreService.start({ state })).rejects.toMatchObject({ code: 'store-corrupt' })
    await state.close()
  })

  it('refuses the one value that it does not understand, tells the host, and serves the others', async () => {
    const root = makeRoot()
    await fill(root)
    const state = await StateDirectory.open(root)
    const store = await Store.open(state, 'storage')
    const raw: Codec<Uint8Array> = { encode: (bytes) => bytes, decode: (bytes) => bytes }
    await store.transact(() => store.table('usage', jsonCodec(Number))).catch(() => undefined)
    const values = store.table('values', raw)
    const [key = ''] = values.keys()
    await store.transact(() => values.put(key, Uint8Array.of(0, 1, 2)))
    await store.close()
    await state.close()
    const faults: string[] = []
    const lab = await openStoreLab({ root, events: { onFault: (error) => faults.push(error.code) } })
    const { client } = lab.attach('one')
    const name = key.slice(key.lastIndexOf('\0') + 1)
    const forms = [
      () => client.get('self:a', name),
      () => client.set('self:a', name, text('x')),
      () => client.delete('self:a', name),
      () => client.increment('self:a', name, 1n),
      () => client.getMany('self:a', ['key 7', name]),
    ]
    for (const form of forms) expect(form).toThrow(expect.objectContaining({ code: 'store-corrupt' }))
    expect(client.get('self:a', 'key 7')).toEqual(new Uint8Array(2_000).fill(7))
    await until(() => faults.length === forms.length)
    expect(new Set(faults)).toEqual(new Set(['store-corrupt']))
    await lab.close()
  })
})

it('serves a caller that asks for little beside one that writes without end', async () => {
  const lab: StoreLab = await openStoreLab()
  const [flood, quiet] = [lab.attach('flood', { quotaBytes: 1e9 }), lab.attach('quiet')]
  const large = encodeStoreRequest({ op: 'set', namespace: 'self:a', key: 'k', value: new Uint8Array(1_000_000) })
  const flooding = callerOf(flood.slot)
  let floods = 0
  quiet.client.set('self:a', 'k', text('1'))
  for (let asked = 0; asked < 200; asked++) {
    if (floods === 0 || flooding.settled() !== undefined) {
      flooding.post(large)
      floods++
    }
    expect(shown(quiet.client.get('self:a', 'k'))).toBe('1')
  }
  expect(floods).toBeGreaterThan(1)
  flooding.giveUp('given-up')
  await lab.close()
})

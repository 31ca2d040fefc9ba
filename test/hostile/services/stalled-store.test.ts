// A store that makes no progress: what an operator takes away is taken away all the same, and whoever asks for it is told what
// could not be waited for. It stalls as a store does: somebody else has the lock of its database.

import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { expect, it, onTestFinished } from 'vitest'
import { startKeepers } from '../../end-to-end/storage/keeper-tree.js'

const holder = `
import { readSync, writeSync } from 'node:fs'
import { open } from 'lmdb'
const environment = open({ path: process.argv[1], noSubdir: false, maxDbs: 64 })
environment.transactionSync(() => {
  writeSync(1, 'held')
  readSync(0, Buffer.alloc(1))
})
await environment.close()`

/** Has the lock of a database until the answer is called. */
async function holdLock(path: string): Promise<() => Promise<void>> {
  const child = spawn(process.execPath, ['--input-type=module', '-e', holder, path], {
    cwd: process.cwd(),
    stdio: ['pipe', 'pipe', 'inherit'],
  })
  onTestFinished(() => void child.kill('SIGKILL'))
  await once(child.stdout, 'data')
  return async () => {
    const ended = once(child, 'exit')
    child.stdin.end()
    await ended
  }
}

const grants = ['read', 'write', 'delete'].map(
  (action) => `storage.${action} = [{ pattern = "self:*", optional = true }]`,
)

it('a revocation ends the calls that wait for it, names whose could not be settled, and is in force for all of it', async () => {
  const { ask, session, world } = await startKeepers({ writer: { grants }, beside: { grants } })
  const { runtime } = session
  expect(await ask('beside', 'set', '', 'k', 'v')).toEqual(['ok', null])
  const written = ask('writer', 'writeOn', '')
  await session.until(() => session.output('writer').includes('3\n'), 'three writes')
  const letGo = await holdLock(world.path('.bulkhead/storage'))
  const revoked = await runtime.revoke('writer', ['storage.write=self:*'])
  // The guest has left its call, and nothing was stopped; that the store takes nothing of it any more cannot be said yet.
  expect(revoked.bound).toMatchObject({ child: 'writer', incarnation: 1, within: 'running', stuck: true })
  expect(await written).toEqual(['error', { tag: 'access-denied' }])
  expect(await ask('writer', 'set', '', 'k', 'v')).toEqual(['error', { tag: 'access-denied' }])
  const waiting = ask('beside', 'set', '', 'k', 'w')
  await letGo()
  expect(await waiting).toEqual(['ok', null])
  const again = await runtime.revoke('writer', ['storage.read=self:*'])
  expect(again.bound).toMatchObject({ child: 'writer', incarnation: 1, within: 'running', stuck: false })
  expect(await ask('writer', 'get', '', 'last')).toEqual(['error', { tag: 'access-denied' }])
  expect(await ask('beside', 'get', '', 'k')).toEqual(['ok', 'w'])
  expect(session.events.filter(({ type }) => type === 'child.exited')).toEqual([])
}, 180_000)

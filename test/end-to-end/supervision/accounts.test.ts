import { mkdirSync, readFileSync, renameSync, rmSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { describe, expect, it } from 'vitest'
import { guestFile } from '../../support/test-runtime.mjs'
import { bytes } from '../messages/message-tree.js'
import { type Supervised, type SupervisedTree, startTree, treeFolder } from './supervised-tree.js'

/** Nothing passes by itself within a test. */
const lines = {}

/** One life of a tree, until it is stopped. */
async function life(
  folder: string,
  children: Readonly<Record<string, Supervised>>,
  live: (tree: SupervisedTree) => Promise<void>,
): Promise<void> {
  const tree = await startTree(folder, children, lines)
  await live(tree)
  await tree.runtime.stop()
}

async function quarantine(tree: SupervisedTree, child: string): Promise<void> {
  for (let fault = 1; fault <= 3; fault++) {
    await tree.offend(child)
    if (fault < 3) await tree.saw(child, 'child.restarted', fault)
  }
  await tree.saw(child, 'child.quarantined')
}

describe('the past of a child', () => {
  it('is with it after a restart of the host, with its rung', async () => {
    const folder = treeFolder()
    await life(folder, { prowler: {}, honest: {} }, async (tree) => {
      await tree.offend('prowler')
      await tree.saw('prowler', 'child.restarted')
    })
    await life(folder, { prowler: {}, honest: {} }, async ({ report, tell, events }) => {
      expect(report('prowler')).toMatchObject({ state: 'running', level: 'reduced', needsRelease: true })
      expect(report('honest').level).toBe('thread')
      expect(await tell('prowler', 'print still here')).toBe('ok')
      expect(events.some(({ type }) => type === 'supervisor.reconciled')).toBe(true)
    })
  }, 60_000)

  it('is with it in a process of its own', async () => {
    const folder = treeFolder()
    await life(folder, { prowler: {} }, async (tree) => {
      await tree.offend('prowler')
      await tree.saw('prowler', 'child.restarted')
      await tree.offend('prowler')
      await tree.saw('prowler', 'child.restarted', 2)
    })
    await life(folder, { prowler: {} }, async ({ report, tell }) => {
      expect(report('prowler')).toMatchObject({ state: 'running', level: 'process', needsRelease: true })
      expect(await tell('prowler', 'print still here')).toBe('ok')
    })
  }, 60_000)

  it('is not laundered by taking the entry out and in again, another name, another place, or bytes that do nothing', async () => {
    const folder = treeFolder()
    const original = guestFile('messages-operator')
    await life(folder, { prowler: {} }, async (tree) => quarantine(tree, 'prowler'))
    await life(folder, { other: { guest: 'messages-echo' } }, async ({ report }) => {
      // Another program from the same place begins on a shorter leash, not in quarantine.
      expect(report('other').state).toBe('running')
    })
    await life(folder, { prowler: {}, renamed: {} }, async ({ report }) => {
      expect(report('prowler').state).toBe('quarantined')
      expect(report('renamed').state).toBe('quarantined')
    })
    const padded = join(folder, 'padded.wasm')
    writeFileSync(padded, Buffer.concat([readFileSync(original), Buffer.from([0, 5, 1, 0x78, 1, 2, 3])]))
    await life(folder, { padded: { copiedFrom: padded } }, async ({ report }) => {
      expect(report('padded').state).toBe('quarantined')
    })
  }, 60_000)

  it('of a tenant is nobody else’s, and stops nobody who runs', async () => {
    const folder = treeFolder()
    const acme = { entry: 'tenant = "acme"' }
    const globex = { entry: 'tenant = "globex"' }
    const children = { prowler: acme, same: globex }
    await life(folder, children, async (tree) => {
      await quarantine(tree, 'acme/prowler')
      expect(tree.report('globex/same')).toMatchObject({ state: 'running', level: 'thread', restarts: 0 })
      expect(await tree.tell('globex/same', 'print hello')).toBe('ok')
    })
    await life(folder, { ...children, newcomer: globex, accomplice: acme }, async ({ report }) => {
      expect(report('globex/same').level).toBe('thread')
      expect(report('globex/newcomer')).toMatchObject({ state: 'running', level: 'thread' })
      expect(report('acme/accomplice').state).toBe('quarantined')
    })
  }, 60_000)

  it('is gone once it was released, on the disk too', async () => {
    const folder = treeFolder()
    await life(folder, { prowler: {} }, async (tree) => {
      await tree.offend('prowler')
      await tree.saw('prowler', 'child.restarted')
      await tree.runtime.release('prowler', 'mended')
      await tree.saw('prowler', 'child.released')
    })
    await life(folder, { prowler: {}, renamed: {} }, async ({ report }) => {
      expect(report('prowler').level).toBe('thread')
      expect(report('renamed').level).toBe('thread')
    })
  }, 60_000)
})

describe('a file that was swapped on the disk', () => {
  const copied = { copiedFrom: guestFile('messages-operator') }

  it('changes nothing for who is restarted: what runs is what was approved', async () => {
    const folder = treeFolder()
    await life(folder, { crasher: copied }, async ({ runtime, saw, tell, report }) => {
      writeFileSync(join(folder, 'crasher.wasm'), readFileSync(guestFile('messages-sink')))
      await runtime.publish('crasher.do', bytes('trap'))
      await saw('crasher', 'child.restarted')
      expect(await tell('crasher', 'print the same as before')).toBe('ok')
      expect(report('crasher').level).toBe('thread')
    })
  }, 60_000)

  it('quarantines who has to be built again for its rung, and nothing of the new file runs', async () => {
    const folder = treeFolder()
    await life(folder, { prowler: copied, honest: {} }, async ({ offend, saw, tell, runtime }) => {
      writeFileSync(join(folder, 'prowler.wasm'), readFileSync(guestFile('messages-sink')))
      await offend('prowler')
      await saw('prowler', 'security.digest-mismatch')
      expect(await saw('prowler', 'child.quarantined')).toMatchObject({
        reason: expect.stringMatching(/is no longer the file that `prowler` runs/),
      })
      expect(await tell('honest', 'print hello')).toBe('ok')
      // And is taken again with the bytes that were approved.
      writeFileSync(join(folder, 'prowler.wasm'), readFileSync(guestFile('messages-operator')))
      await runtime.release('prowler', 'the file is back')
      await saw('prowler', 'child.restarted')
      expect(await tell('prowler', 'print hello')).toBe('ok')
    })
  }, 60_000)

  it('leaves who cannot be read waiting for it, uncharged', async () => {
    const folder = treeFolder()
    await life(folder, { prowler: copied }, async ({ offend, saw, report }) => {
      rmSync(join(folder, 'prowler.wasm'))
      await offend('prowler')
      expect(await saw('prowler', 'child.exited', 2)).toMatchObject({ class: 'host' })
      expect(report('prowler').level).toBe('reduced')
    })
  }, 60_000)
})

describe('a policy that changed while a child was down', () => {
  it('is in force when it comes back', async () => {
    const folder = treeFolder()
    const grants = [
      'messaging.subscribe = ["talker.do"]',
      'messaging.publish = [{ pattern = "news.*", optional = true }]',
    ]
    await life(folder, { talker: { grants } }, async ({ runtime, tell, saw }) => {
      expect(await tell('talker', 'publish news.all x')).toBe('ok')
      for (let n = 1; n <= 3; n++) {
        await runtime.publish('talker.do', bytes('trap'))
        await saw('talker', 'child.exited', n)
        if (n < 3) await saw('talker', 'child.restarted', n)
      }
      // Its third restart waits for its backoff.
      await runtime.revoke('talker', ['messaging.publish=news.*'], { reason: 'test' })
      await saw('talker', 'child.restarted', 3)
      expect(await tell('talker', 'publish news.all x')).not.toBe('ok')
    })
  }, 60_000)
})

describe('a mounted directory that was exchanged', () => {
  it('keeps its child down at nobody’s cost, and lets it start when it is back', async () => {
    const folder = treeFolder()
    const data = join(folder, 'data')
    mkdirSync(data)
    const grants = ['messaging.subscribe = ["reader.do"]', 'filesystem.read = ["/data/**"]']
    const reader = { grants, entry: 'mounts = { "/data" = { host = "./data", mode = "read" } }' }
    await life(folder, { reader }, async ({ runtime, saw, tell, report }) => {
      renameSync(data, join(folder, 'kept'))
      mkdirSync(data)
      await runtime.publish('reader.do', bytes('trap'))
      expect(await saw('reader', 'child.exited', 1)).toMatchObject({ class: 'crash' })
      expect(await saw('reader', 'child.exited', 2)).toMatchObject({
        class: 'host',
        reason: expect.stringContaining('is not the object that was approved'),
      })
      expect(report('reader')).toMatchObject({ score: 0, restartsLeft: 2 })
      rmSync(data, { recursive: true })
      renameSync(join(folder, 'kept'), data)
      await saw('reader', 'child.restarted')
      expect(await tell('reader', 'count')).toBe('1')
      expect(report('reader').restartsLeft).toBe(2)
    })
  }, 60_000)
})

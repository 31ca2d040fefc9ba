import { execFileSync } from 'node:child_process'
import fs from 'node:fs'
import net from 'node:net'
import path from 'node:path'
import { afterEach, describe, expect, it } from 'vitest'
import { cleanUp, follow, noFollow, open, outcome, TestGuest, temporaryDirectory } from '../guest.test-support.js'
import { kindOf } from './stat.js'

afterEach(cleanUp)

function guestOn(host: string, allow: readonly string[] = ['read /data/**']): ReturnType<TestGuest['root']> {
  return new TestGuest({ allow: [...allow], mounts: { '/data/deep': { host } } }).root()
}

describe('what a look tells', () => {
  it('is the kind of whatever lies there, and opens none of it', async () => {
    const host = temporaryDirectory()
    execFileSync('mkfifo', [path.join(host, 'fifo')])
    fs.symlinkSync('nowhere', path.join(host, 'link'))
    fs.mkdirSync(path.join(host, 'folder'))
    fs.writeFileSync(path.join(host, 'file'), 'text')
    const server = net.createServer()
    await new Promise<void>((resolve) => server.listen(path.join(host, 'socket'), resolve))
    const root = guestOn(host)
    const types = ['fifo', 'link', 'folder', 'file', 'socket'].map(
      (name) => root.statAt(noFollow, `data/deep/${name}`).type,
    )
    server.close()
    expect(types).toEqual(['fifo', 'symbolic-link', 'directory', 'regular-file', 'socket'])
    expect(outcome(() => root.statAt(follow, 'data/deep/link'))).toBe('no-entry')
  })

  it('names devices, too, and what nobody knows', () => {
    expect(kindOf(fs.statSync('/dev/null'))).toBe('character-device')
    const none = {
      ...{ isFile: () => false, isDirectory: () => false, isSymbolicLink: () => false, isFIFO: () => false },
      ...{ isSocket: () => false, isBlockDevice: () => false, isCharacterDevice: () => false },
    }
    expect(kindOf({ ...none, isBlockDevice: () => true })).toBe('block-device')
    expect(kindOf(none)).toBe('unknown')
  })

  it('has no time before 1970', () => {
    const host = temporaryDirectory()
    fs.writeFileSync(path.join(host, 'old'), '')
    fs.utimesSync(path.join(host, 'old'), new Date(-5_000), new Date(-5_000))
    const root = guestOn(host)
    expect(root.statAt(follow, 'data/deep/old').dataModificationTimestamp).toBeUndefined()
    fs.utimesSync(path.join(host, 'old'), 5, 5)
    expect(root.statAt(follow, 'data/deep/old').dataModificationTimestamp).toMatchObject({ seconds: 5n })
  })

  it('is little of a directory that is only a way to something granted', () => {
    const host = temporaryDirectory()
    fs.mkdirSync(path.join(host, 'way/granted'), { recursive: true })
    const root = guestOn(host, ['read /data/deep/way/granted/**'])
    const bare = { type: 'directory', size: 0n, linkCount: 1n, dataModificationTimestamp: undefined }
    for (const name of ['.', 'data', 'data/deep/way']) {
      expect(root.statAt(follow, name)).toMatchObject(bare)
      const directory = open(root, name, { directory: true })
      expect([directory.stat(), directory.getType()]).toMatchObject([bare, 'directory'])
      expect(directory.metadataHash()).toEqual(root.metadataHashAt(follow, name))
    }
    expect(root.statAt(follow, 'data/deep/way/granted').dataModificationTimestamp).toBeDefined()
    const hashes = ['.', 'data', 'data/deep/way', 'data/deep/way/granted'].map(
      (name) => root.metadataHashAt(follow, name).lower,
    )
    expect(new Set(hashes).size).toBe(4)
  })
})

import fs from 'node:fs'
import os from 'node:os'
import path from 'node:path'
import { expect, it, onTestFinished } from 'vitest'
import { SystemFailure } from './errno.js'
import { Kernel } from './kernel.js'

const kernel = new Kernel(fs)

/** A directory with a file, a link to it, and a directory that holds something. */
function folder() {
  const host = fs.mkdtempSync(path.join(os.tmpdir(), 'bulkhead-kernel-'))
  fs.writeFileSync(path.join(host, 'file'), 'text')
  fs.symlinkSync('file', path.join(host, 'link'))
  fs.mkdirSync(path.join(host, 'full'))
  fs.writeFileSync(path.join(host, 'full', 'inner'), '')
  const handle = kernel.openRootAmbient(host, 'directory')
  onTestFinished(() => {
    kernel.close(handle)
    fs.rmSync(host, { recursive: true })
  })
  return { host, handle }
}

/** The code with which the kernel refuses. */
function refusal(act: () => unknown): unknown {
  try {
    act()
  } catch (thrown) {
    return thrown instanceof SystemFailure ? thrown.payload : thrown
  }
  return 'nothing'
}

it('says of each refused call why, in words of the interface', () => {
  const { host, handle } = folder()
  const { O_WRONLY } = kernel.constants
  const closed = 2 ** 20
  const refused: readonly (readonly [string, () => unknown, string])[] = [
    ['openRootAmbient', () => kernel.openRootAmbient(path.join(host, 'none'), 'file'), 'no-entry'],
    ['openDirectory', () => kernel.openDirectory(handle, 'file'), 'not-directory'],
    ['openDirectory of a link', () => kernel.openDirectory(handle, 'link'), 'not-directory'],
    ['openPath', () => kernel.openPath(handle, 'none'), 'no-entry'],
    ['duplicatePath', () => kernel.duplicatePath(closed), 'no-entry'],
    ['reopen', () => kernel.reopen(closed, O_WRONLY), 'no-entry'],
    ['create', () => kernel.create(handle, 'file', O_WRONLY), 'exist'],
    ['create over a link', () => kernel.create(handle, 'link', O_WRONLY), 'exist'],
    ['stat', () => kernel.stat(closed), 'bad-descriptor'],
    ['statAt', () => kernel.statAt(handle, 'file/below'), 'not-directory'],
    ['readLink', () => kernel.readLink(handle, 'file'), 'invalid'],
    ['openListing', () => kernel.openListing(closed, 4), 'no-entry'],
    ['makeDirectory', () => kernel.makeDirectory(handle, 'full'), 'exist'],
    ['removeDirectory', () => kernel.removeDirectory(handle, 'full'), 'not-empty'],
    ['unlink', () => kernel.unlink(handle, 'none'), 'no-entry'],
    ['makeLink', () => kernel.makeLink('anywhere', handle, 'file'), 'exist'],
    ['link', () => kernel.link(handle, 'file', handle, 'link'), 'exist'],
    ['rename', () => kernel.rename(handle, 'none', handle, 'other'), 'no-entry'],
    ['setTimes', () => kernel.setTimes(closed, 1, 1), 'no-entry'],
    ['setLinkTimes', () => kernel.setLinkTimes(handle, 'none', 1, 1), 'no-entry'],
    ['setSize', () => kernel.setSize(closed, 1), 'bad-descriptor'],
    ['sync', () => kernel.sync(closed), 'bad-descriptor'],
    ['syncData', () => kernel.syncData(closed), 'bad-descriptor'],
    ['read', () => kernel.read(closed, new Uint8Array(1), 0), 'bad-descriptor'],
    ['write', () => kernel.write(closed, new Uint8Array(1), 0, 0), 'bad-descriptor'],
  ]
  for (const [name, act, code] of refused) expect([name, refusal(act)]).toEqual([name, code])
  expect(kernel.nameOf(closed)).toBeUndefined()
  expect(kernel.statAt(handle, 'none')).toBeUndefined()
})

it('does by handle what it is asked for', () => {
  const { host, handle } = folder()
  const { O_RDWR } = kernel.constants
  const file = kernel.create(handle, 'new', O_RDWR)
  expect(kernel.write(file, Uint8Array.of(0, 1, 2, 3), 1, 0)).toBe(3)
  kernel.setSize(file, 2)
  kernel.setTimes(file, 1, 2)
  kernel.sync(file)
  kernel.syncData(file)
  const bytes = new Uint8Array(4)
  expect([kernel.read(file, bytes, 0), ...bytes]).toEqual([2, 1, 2, 0, 0])
  expect(kernel.stat(file)).toMatchObject({ size: 2n, mtimeNs: 2_000_000_000n })
  expect(kernel.nameOf(file)).toBe(fs.realpathSync(path.join(host, 'new')))
  kernel.close(file)
  // A handle goes where its directory goes.
  const inner = kernel.openDirectory(handle, 'full')
  kernel.rename(handle, 'full', handle, 'moved')
  expect(kernel.statAt(inner, 'inner')?.isFile()).toBe(true)
  kernel.makeDirectory(inner, 'made')
  kernel.makeLink('../file', inner, 'up')
  expect(kernel.readLink(inner, 'up')).toBe('../file')
  kernel.setLinkTimes(inner, 'up', 3, 4)
  expect(kernel.statAt(inner, 'up')?.mtimeNs).toBe(4_000_000_000n)
  kernel.link(handle, 'file', inner, 'same')
  expect(kernel.statAt(inner, 'same')?.nlink).toBe(2n)
  const listing = kernel.openListing(inner, 2)
  const names: string[] = []
  for (let entry = listing.readSync(); entry !== null; entry = listing.readSync()) names.push(entry.name)
  listing.closeSync()
  expect(names.sort()).toEqual(['inner', 'made', 'same', 'up'])
  kernel.removeDirectory(inner, 'made')
  kernel.unlink(inner, 'up')
  const again = kernel.duplicatePath(inner)
  expect(kernel.stat(again).ino).toBe(kernel.stat(inner).ino)
  for (const one of [again, inner]) kernel.close(one)
})

it('lets pass what is no answer of the kernel', () => {
  expect(refusal(() => kernel.read(Number.NaN, new Uint8Array(1), 0))).toBeInstanceOf(RangeError)
})

it('opens nothing by handle where there is no /proc', () => {
  const without = new Kernel({
    ...fs,
    readlinkSync: (() => {
      throw new Error('ENOENT')
    }) as unknown as typeof fs.readlinkSync,
  })
  expect([kernel.opensByHandle, without.opensByHandle]).toEqual([true, false])
})

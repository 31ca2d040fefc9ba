import { tmpdir } from 'node:os'
import { expect, test } from 'vitest'
import { remoteFileSystem } from './remote-file-system.js'

test('what is on this machine is local', () => {
  expect(remoteFileSystem(tmpdir())).toBeUndefined()
})

test.each([
  [0x6969, 'NFS'],
  [0x65735546, 'FUSE'],
  [0xff534d42, 'CIFS'],
])('%i is %s', (type, name) => {
  expect(remoteFileSystem('/srv', () => type)).toBe(name)
})

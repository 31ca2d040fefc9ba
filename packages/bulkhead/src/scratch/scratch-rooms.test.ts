import { spawnSync } from 'node:child_process'
import { mkdirSync, mkdtempSync, readdirSync, readlinkSync, rmSync, symlinkSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { processFacts } from '@bulkhead/actor'
import { expect, it, onTestFinished } from 'vitest'
import { ScratchRooms } from './scratch-rooms.js'

it('sweeps what a killed process has left here, and nothing that may be somebody else’s', () => {
  const parent = mkdtempSync(join(tmpdir(), 'bulkhead-sweep-'))
  onTestFinished(() => rmSync(parent, { recursive: true }))
  const space = /\d+/.exec(readlinkSync('/proc/self/ns/pid'))?.[0]
  const { pid: ended } = spawnSync(process.execPath, ['-e', '0'])
  const mine = processFacts(process.pid)?.startTicks
  const kept = [
    `bulkhead-scratch-${space}-${process.pid}-${mine}-runs`,
    // The same number means another process in another name space.
    `bulkhead-scratch-1${space}-${ended}-1-elsewhere`,
    `bulkhead-scratch-unknown-${ended}-1-whose`,
    'bulkhead-scratch-notes',
    'other',
  ]
  const left = `bulkhead-scratch-${space}-${ended}-1-left`
  for (const name of [...kept, left]) mkdirSync(join(parent, name))
  // What looks like one and leads elsewhere is removed itself, and nothing behind it.
  writeFileSync(join(parent, 'other', 'file'), 'x')
  symlinkSync(join(parent, 'other'), join(parent, `bulkhead-scratch-${space}-${ended}-1-link`))
  void new ScratchRooms(parent)
  expect(readdirSync(parent).sort()).toEqual([...kept].sort())
  expect(readdirSync(join(parent, 'other'))).toEqual(['file'])
})

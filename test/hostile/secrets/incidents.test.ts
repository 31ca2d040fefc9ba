// What a child prints of its secrets is in no incident, also when the file holds another value by then, or none.

import { rmSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { expect, it } from 'vitest'
import { bytes } from '../../end-to-end/messages/message-tree.js'
import { startTree, treeFolder } from '../../end-to-end/supervision/supervised-tree.js'

const write = (path: string, value: string): void => writeFileSync(path, value, { mode: 0o600 })

it('leaves out what its secrets are and what they were, and keeps the rest of its words', async () => {
  const folder = treeFolder()
  const [key, pin] = [join(folder, 'key'), join(folder, 'pin')]
  write(key, 'first-value-of-the-key\n')
  write(pin, 'value"with\\things\nin it')
  const { runtime, saw, tell } = await startTree(
    folder,
    {
      talker: {
        grants: ['messaging.subscribe = ["talker.do"]', 'environment.read = ["KEY", "PIN"]'],
        entry: 'secrets = { KEY = { file = "key" }, PIN = { file = "pin" } }',
      },
    },
    { supervisor: 'intensity = { restarts = 0 }' },
  )
  write(key, 'second-value-of-the-key\n')
  await tell('talker', 'print the key was first-value-of-the-key')
  await tell('talker', 'print and is second-value-of-the-key, surely')
  await tell('talker', 'print value"with\\things\nin it is the pin')
  await tell('talker', 'publish first-value-of-the-key.topic x')
  rmSync(pin)
  await runtime.publish('talker.do', bytes('trap'))
  await saw('talker', 'child.quarantined')
  await saw('talker', 'incident.recorded')
  const { bundle } = await runtime.incidents.show(1)
  expect(bundle.log.replace(/\s+/g, ' ')).toContain('the key was [secret] and is [secret], surely [secret] is the pin')
  expect(bundle.audit).toContainEqual(expect.objectContaining({ resource: '[secret].topic' }))
  const text = JSON.stringify(bundle)
  for (const value of ['first-value', 'second-value', 'things', 'in it']) expect(text).not.toContain(value)
})

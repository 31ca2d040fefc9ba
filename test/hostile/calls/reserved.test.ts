// The subjects by which a host calls its children, hands them requests and asks how they are: nobody else sends on them, in
// whatever way, and nobody listens there.

import { expect, it } from 'vitest'
import { bytes } from '../../end-to-end/messages/message-tree.js'
import { startTree, treeFolder, writeTree } from '../../end-to-end/supervision/supervised-tree.js'
import { createTestRuntime } from '../../support/test-runtime.mjs'

const reserved = ['$sys.call', '$sys.http', '$sys.health', '$sys.anything', '$sys']
const open = ['messaging.publish = [">"]', 'messaging.request = [">"]']

it('are refused to guests that may send everywhere, and to the host application', async () => {
  const { runtime, tell, report, events } = await startTree(treeFolder(), {
    sender: { grants: ['messaging.subscribe = ["sender.do"]', ...open] },
    target: { grants: ['messaging.subscribe = ["target.do", "*.thing"]'] },
  })
  for (const subject of reserved) {
    expect(await tell('sender', `publish ${subject} x`)).not.toBe('ok')
    expect(await tell('sender', `request ${subject} 500 x`)).not.toMatch(/^= /)
    expect(await tell('sender', `publish-as sender.do ${subject} x`)).not.toBe('ok')
    await expect(runtime.publish(subject, bytes('x'))).rejects.toMatchObject({ code: 'usage' })
    await expect(runtime.request(subject, bytes('x'), { timeoutMs: 500 })).rejects.toMatchObject({ code: 'usage' })
    expect(() => runtime.subscribe(subject, () => {})).toThrow('$sys')
  }
  expect(await tell('sender', 'publish any.thing count')).toBe('ok')
  expect(report('target')).toMatchObject({ state: 'running', restarts: 0 })
  expect(events.filter(({ child, type }) => child === 'target' && type === 'child.exited')).toEqual([])
})

it('cannot be asked for in a manifest', async () => {
  for (const action of ['publish', 'subscribe', 'request']) {
    const tree = writeTree(treeFolder(), { sly: { grants: [`messaging.${action} = ["$sys.call"]`] } })
    await expect(createTestRuntime({ tree })).rejects.toThrow('$sys')
  }
})

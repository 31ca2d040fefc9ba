// What a reload does to what several children share: routes of HTTP, instances behind one mailbox, templates of pools.

import { readFileSync, writeFileSync } from 'node:fs'
import { Agent } from 'node:http'
import { join } from 'node:path'
import { expect, it, onTestFinished } from 'vitest'
import { pinned } from '../../support/pinned.mjs'
import { createTestRuntime, guestFile } from '../../support/test-runtime.mjs'
import { serviceEntry, startServiceTree, until } from '../http/serve-tree.js'
import { bytes, text } from '../messages/message-tree.js'
import { startTree, treeFolder, writeTree } from '../supervision/supervised-tree.js'

it('sends requests by other routes, also on a connection that was open before, and counts on where nothing changed', async () => {
  const { runtime, folder, ask: askBy } = await startServiceTree({ more: serviceEntry('other') })
  const agent = new Agent({ keepAlive: true, maxSockets: 1 })
  onTestFinished(() => agent.destroy())
  const ask = (path: string) => askBy(path, { agent })
  const file = join(folder, 'bulkhead.toml')
  const before = readFileSync(file, 'utf8')
  expect((await ask('/count')).text).toBe('1')
  const rerouted = before.replace('{ "/**" = "web" }', '{ "/**" = "web", "/count" = "other" }')
  writeFileSync(file, rerouted)
  expect(await runtime.reload()).toMatchObject({
    ...{ outcome: 'applied', around: [{ name: 'http', what: ['routes'] }], unchanged: ['web', 'other'] },
  })
  expect((await ask('/count')).text).toBe('1')
  expect((await ask('/count')).text).toBe('2')
  // A route to nobody is refused, and the routes in force stay.
  writeFileSync(file, rerouted.replace('"/count" = "other"', '"/count" = "nobody"'))
  await expect(runtime.reload()).rejects.toMatchObject({ code: 'document-invalid' })
  expect((await ask('/count')).text).toBe('3')
  // A child that leaves with its route: its requests go where the rest goes.
  writeFileSync(file, before.replace(serviceEntry('other'), ''))
  expect(await runtime.reload()).toMatchObject({ outcome: 'applied', removed: ['other'] })
  expect((await ask('/count')).text).toBe('2')
}, 90_000)

it('restarts every instance of a pool whose entry changed, and none may come or go by a reload', async () => {
  const folder = treeFolder()
  const { runtime, tell } = await startTree(folder, { a: { entry: 'instances = 2' }, b: {} })
  const incarnations = (): readonly (readonly [string, number])[] =>
    runtime.children().map(({ id, incarnation }) => [id, incarnation] as const)
  expect(incarnations()).toEqual([
    ['a-1', 1],
    ['a-2', 1],
    ['b', 1],
  ])
  writeTree(folder, { a: { entry: 'instances = 2\nargs = ["other"]' }, b: {} })
  expect(await runtime.reload()).toMatchObject({ changed: [{ child: 'a', what: ['args'], how: 'restarted' }] })
  await until(() => incarnations().every(([id, incarnation]) => incarnation === (id === 'b' ? 1 : 2)))
  expect(await tell('a', 'count')).toBe('1')
  writeTree(folder, { a: { entry: 'instances = 3\nargs = ["other"]' }, b: {} })
  expect(await runtime.reload()).toMatchObject({
    outcome: 'needs-restart',
    needsRestart: [{ key: 'a: instances' }],
  })
  expect(incarnations()).toHaveLength(3)
}, 90_000)

it('has the members of a pool and the next one by its new template', async () => {
  const folder = treeFolder()
  const file = writeTree(folder, { a: {} })
  const alone = readFileSync(file, 'utf8')
  const manifest =
    '[component]\nid = "workers"\nversion = "1.0.0"\n[capabilities]\nmessaging.subscribe = ["workers.do"]\n'
  writeFileSync(join(folder, 'workers.component.toml'), manifest)
  const component = guestFile('messages-operator')
  const pool = (entry: string): string =>
    [
      alone,
      '[supervisors.workers.template]',
      `component = ${JSON.stringify(component)}`,
      'manifest = "workers.component.toml"',
      pinned(component, manifest),
      entry,
      '',
    ].join('\n')
  writeFileSync(file, pool('shutdown = "2s"'))
  const runtime = await createTestRuntime({ tree: file })
  onTestFinished(async () => void (await runtime.stop()))
  const ask = async (command: string): Promise<string> =>
    text((await runtime.request('workers.do', bytes(command))).body)
  expect(await runtime.startChild('workers', {})).toMatchObject({ kind: 'started', child: 'workers-1' })
  expect(await ask('count')).toBe('1')
  writeFileSync(file, pool('args = ["other"]'))
  expect(await runtime.reload()).toMatchObject({
    ...{ outcome: 'applied', unchanged: ['a'] },
    changed: [{ child: 'workers', what: ['args', 'shutdown'], how: 'restarted' }],
  })
  expect(await runtime.startChild('workers', {})).toMatchObject({ kind: 'started', child: 'workers-2' })
  expect(runtime.children().map(({ id, incarnation, state }) => [id, incarnation, state])).toEqual([
    ['a', 1, 'running'],
    ['workers-1', 2, 'running'],
    ['workers-2', 1, 'running'],
  ])
}, 90_000)

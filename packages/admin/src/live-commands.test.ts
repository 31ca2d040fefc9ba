import { expect, it } from 'vitest'
import { adminCommands } from './commands.js'
import { bodyBytesMax, requestAnswerMs, requestTimeoutMsMax } from './limits.js'
import { liveCommands } from './live-commands.js'

const parsed = (command: keyof typeof liveCommands, input: unknown) => liveCommands[command].input.safeParse(input)
const body = (bytes: number): string => Buffer.alloc(bytes, 0xff).toString('base64')

it.each<[string, keyof typeof liveCommands, unknown]>([
  ['an empty body', 'messages.publish', { topic: 'orders.new' }],
  ['bytes', 'messages.publish', { topic: 'orders.new', body: body(3) }],
  ['the largest body', 'messages.publish', { topic: 'orders.new', body: body(bodyBytesMax) }],
  ['a trace', 'messages.publish', { topic: 'a', traceparent: `00-${'a'.repeat(32)}-${'b'.repeat(16)}-01` }],
  ['the longest wait', 'messages.request', { topic: 'a', timeoutMs: requestTimeoutMsMax }],
  ['a pattern', 'messages.subscribe', { pattern: 'orders.>' }],
  ['letters of a member', 'messages.deadletters', { child: 'acme/validate-1', reason: 'poison', limit: 1_000 }],
  ['letters', 'messages.replay', { ids: [1, 2] }],
  ['all letters', 'messages.discard', { ids: 'all' }],
])('takes %s', (_title, command, input) => {
  expect(parsed(command, input).error).toBeUndefined()
})

it.each<[string, keyof typeof liveCommands, unknown]>([
  ['no topic', 'messages.publish', { body: '' }],
  ['a topic of two lines', 'messages.publish', { topic: 'a\nb' }],
  ['a topic without end', 'messages.subscribe', { pattern: 'a'.repeat(257) }],
  ['text that is no base64', 'messages.publish', { topic: 'a', body: 'hello!' }],
  ['a body that is too large', 'messages.publish', { topic: 'a', body: body(bodyBytesMax + 3) }],
  ['no time', 'messages.request', { topic: 'a', timeoutMs: 0 }],
  ['longer than a client waits', 'messages.request', { topic: 'a', timeoutMs: requestAnswerMs }],
  ['no letters', 'messages.replay', { ids: [] }],
  ['all letters that nobody named', 'messages.discard', {}],
  ['a letter that is none', 'messages.deadletter', { id: 0 }],
  ['more letters than fit an answer', 'messages.deadletters', { limit: 1_001 }],
  ['a key that nobody knows', 'tree', { deep: true }],
])('refuses %s', (_title, command, input) => {
  expect(parsed(command, input).success).toBe(false)
})

it('describes every command in one line, and has no name twice', () => {
  for (const { description } of Object.values(liveCommands)) expect(description).toMatch(/^[a-z][^\n]+[^.\n]$/)
  expect(Object.keys(liveCommands).filter((name) => name in adminCommands)).toEqual([])
})

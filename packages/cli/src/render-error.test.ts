import { BulkheadError } from '@bulkhead/vocabulary'
import { expect, it } from 'vitest'
import { reportError } from './render-error.js'
import { paintFor } from './sgr.js'
import type { Terminal } from './terminal.js'

function printed(thrown: unknown, style = { json: false, verbose: false }): string {
  let text = ''
  const stderr = { write: (part: string) => (text += part), paint: paintFor(false, {}) }
  reportError(thrown, { stderr } as unknown as Terminal, style)
  return text
}

it('shows the names that a component chose instead of obeying them', () => {
  const name = '\u001b]0;title\u0007\u001b[2J\nerror: a line of its own'
  const text = printed(new BulkheadError('component-import-unknown', `imports \`${name}\``, { hint: `not ${name}` }))
  expect(text).toContain('\\x1b[2J\\nerror: a line of its own')
  expect(text).not.toContain('\u001b')
  expect(text.trimEnd().split('\n')).toHaveLength(2)
})

it('leaves an ordinary message as it is', () => {
  expect(printed(new BulkheadError('usage', 'there is no file `été 数据.wasm`'))).toBe(
    'error: there is no file `été 数据.wasm`\n',
  )
})

it('shows them in JSON and in a stack too', () => {
  const name = 'x\u009b2J\u202e'
  const error = new BulkheadError('component-import-unknown', `imports ${name}`)
  const json = printed(error, { json: true, verbose: false })
  expect(JSON.parse(json)).toMatchObject({ error: { message: `imports ${name}` } })
  const stack = printed(new TypeError(`no ${name}\u001b[2J`), { json: false, verbose: true })
  expect(stack).toContain('render-error.test')
  for (const text of [json, stack]) expect(text).not.toMatch(/[\u001b\u009b\u202e]/)
})

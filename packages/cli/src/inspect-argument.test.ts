import { expect, it } from 'vitest'
import { treeBeforeInspect } from './inspect-argument.js'

const read = (line: string): string => treeBeforeInspect(line.split(' ')).join(' ')

it('takes a tree file behind `--inspect` for the tree', () => {
  expect(read('run --inspect bulkhead.toml')).toBe('run bulkhead.toml --inspect')
  expect(read('run --dev --inspect ./a/tree.yaml --json')).toBe('run --dev ./a/tree.yaml --inspect --json')
  expect(read('run --inspect tree.yml 127.0.0.1:9000')).toBe('run tree.yml --inspect 127.0.0.1:9000')
})

it('leaves an address, and what is nobody’s, where it is', () => {
  for (const line of [
    'run --inspect 127.0.0.1:9000 bulkhead.toml',
    'run bulkhead.toml --inspect',
    'run bulkhead.toml --inspect localhost',
    'run --inspect=bulkhead.toml',
    'run bulkhead.toml',
    'exec app.wasm --inspect a.toml',
  ])
    expect(read(line)).toBe(line)
})

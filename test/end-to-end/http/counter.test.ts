import { spawn } from 'node:child_process'
import { readFileSync, rmSync } from 'node:fs'
import { join } from 'node:path'
import { text as textOf } from 'node:stream/consumers'
import { parseTree } from '@bulkhead/manifest'
import { print } from '@bytecodealliance/jco-transpile/wasm-tools'
import { expect, it } from 'vitest'
import { digestOf } from '../../support/pinned.mjs'
import { root } from '../command.js'

const example = join(root, 'docs/examples/counter-service')
const guest = (name: string): string => join(example, 'guests', name)

it('the counter counts on over instances and runs, and its example ends well', async () => {
  rmSync(join(example, '.bulkhead'), { recursive: true, force: true })
  for (const before of [0, 4]) {
    const child = spawn(process.execPath, [join(example, 'run.mjs')], { stdio: ['ignore', 'pipe', 'inherit'] })
    const exited = new Promise<number | null>((resolve) => child.on('close', resolve))
    const output = await textOf(child.stdout)
    expect(await exited, output).toBe(0)
    expect(output).toContain(`GET /visits/ann → 200 ann ${before}, request 1 to this instance`)
    expect(output).toContain(`POST /visits/ann → 200 ann ${before + 3}, request 4 to this instance`)
    expect(output).toContain('GET /elsewhere → 404')
    expect(output).toContain('GET /visits/ann → 503')
    expect(output).toContain(`POST /visits/ann → 200 ann ${before + 4}, request 1 to this instance`)
  }
})

it('the counter is the component of its source, and the one that the tree approves', async () => {
  const component = readFileSync(guest('counter.wasm'))
  const text = await print(component)
  expect(text).toContain(digestOf(readFileSync(guest('counter.js'))))
  const file = join(example, 'bulkhead.toml')
  const [child] = parseTree(readFileSync(file), { file }).root.children
  expect(child).toMatchObject({
    approved: [digestOf(component), digestOf(readFileSync(guest('counter.component.toml')))],
  })
})

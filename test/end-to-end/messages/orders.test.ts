import { spawn } from 'node:child_process'
import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import { text as textOf } from 'node:stream/consumers'
import { print } from '@bytecodealliance/jco-transpile/wasm-tools'
import { beforeAll, describe, expect, it } from 'vitest'
import { buildExample } from '../../../docs/examples/orders/build.mjs'
import { componentFromJavaScript } from '../../guests/messages/component-from-javascript.mjs'
import { digestOf } from '../../support/pinned.mjs'
import { root } from '../command.js'

const example = join(root, 'docs/examples/orders')
const guest = (name: string): string => join(example, 'guests', name)

describe('the orders example', () => {
  let exitCode: number | null = null
  let output = ''

  beforeAll(async () => {
    const child = spawn(process.execPath, [join(example, 'run.mjs')], { stdio: ['ignore', 'pipe', 'inherit'] })
    const exited = new Promise<number | null>((resolve) => child.on('close', resolve))
    output = await textOf(child.stdout)
    exitCode = await exited
  })

  it('books every order, whatever the flooder does', () => {
    expect(exitCode, output).toBe(0)
    expect(output).toMatch(/intake │ 356 orders booked for 11072\.75, 44 rejected, \d+ were spam/)
  })

  it('refuses the flooder by its quota, reports it and nobody else', () => {
    expect(output).toMatch(/child\.degraded +flooder +message quota: \d+ refused in 5 s/)
    expect(output.match(/child\.degraded +(\w+)/g)?.every((found) => found.endsWith('flooder'))).toBe(true)
    // 20 in a second, and as many at once: what it may send in its five seconds, or a few more on a busy machine.
    const spam = Number(/(\d+) were spam/.exec(output)?.[1])
    expect(spam).toBeGreaterThan(20)
    expect(spam).toBeLessThanOrEqual(20 + 20 * 12)
    expect(output).toMatch(/^flooder +failed +0 /m)
  })

  it('shares the orders among the three that validate', () => {
    const handled = [...output.matchAll(/^validate-\d .*?(\d+) +\d+ +\d+ +\d+ +\d+$/gm)].map(([, count]) =>
      Number(count),
    )
    expect(handled).toHaveLength(3)
    for (const count of handled) expect(count).toBeGreaterThan(50)
  })
})

describe('what bulkhead.toml approves', () => {
  const tree = readFileSync(join(example, 'bulkhead.toml'), 'utf8')

  beforeAll(() => buildExample())

  it.each(['book', 'catalogue', 'price', 'validate', 'flooder', 'intake'])('is what is built of %s', (name) => {
    const [, approved = ''] = new RegExp(`\\[children\\.${name}\\][^[]*approved = (\\[[^\\]]*\\])`).exec(tree) ?? []
    const digests = [`${name}.wasm`, `${name}.component.toml`].map((file) => digestOf(readFileSync(guest(file))))
    expect(JSON.parse(approved.replace(/,\s*\]/, ']'))).toEqual(digests)
  })

  it('is, for validate, built from the source beside it, the random keys of its hash tables apart', async () => {
    const source = readFileSync(guest('validate.js'), 'utf8')
    const kept = readFileSync(guest('validate.wasm'))
    expect(kept.toString('latin1').endsWith(digestOf(source))).toBe(true)
    const code = async (component: Uint8Array): Promise<string> =>
      digestOf((await print(component)).replaceAll(/^ +\(data .*\n/gm, ''))
    const withoutSource = kept.subarray(0, kept.lastIndexOf('built-from') - 3)
    expect(await code(withoutSource)).toBe(await code(await componentFromJavaScript(source)))
  })
})

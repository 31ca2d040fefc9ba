import { spawn, spawnSync } from 'node:child_process'
import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import { text as textOf } from 'node:stream/consumers'
import { verifyLog } from '@bulkhead/audit'
import { beforeAll, describe, expect, it } from 'vitest'
import { buildExample, guestsOf } from '../../../docs/examples/misbehaving/build.mjs'
import { digestOf } from '../../support/pinned.mjs'
import { root } from '../command.js'

const example = join(root, 'docs/examples/misbehaving')
const hasWalls = spawnSync('bwrap', ['--version']).status === 0

describe('the misbehaving example', () => {
  let exitCode: number | null = null
  let output = ''
  let stories: ReadonlyMap<string, readonly string[]>

  beforeAll(async () => {
    const child = spawn(process.execPath, [join(example, 'run.mjs')], { stdio: ['ignore', 'pipe', 'inherit'] })
    const exited = new Promise<number | null>((resolve) => child.on('close', resolve))
    output = await textOf(child.stdout)
    exitCode = await exited
    const [, end = ''] = output.split('what became of each\n')
    const lines = end.split('\n').map((line) => /^ {2}(\w+) +(.*)$/.exec(line))
    stories = new Map(lines.map((found) => [found?.[1] ?? '', (found?.[2] ?? '').split(', ')]))
  })

  const storyOf = (child: string): readonly string[] => stories.get(child) ?? []

  it('costs the honest ones nothing', () => {
    expect(exitCode, output).toBe(0)
    expect(output).toMatch(/ticker +│ none missing: (\d+) ticks of \1 heard in order/)
    for (const honest of ['ticker', 'ledger', 'watchman']) expect(stories.has(honest), honest).toBe(false)
  })

  it('quarantines each of the others', () => {
    for (const child of ['forger', 'prowler', 'spinner', 'flooder', 'hoarder', 'crasher', 'fleeting']) {
      expect(storyOf(child), child).toContain('quarantined')
    }
  })

  it.runIf(hasWalls)('takes those that climb rung by rung through all of them', () => {
    for (const child of ['prowler', 'spinner', 'flooder']) {
      expect(storyOf(child).slice(0, 3), child).toEqual(['reduced', 'isolated in a process', 'quarantined'])
    }
  })

  it('puts who has proven hostile away at once', () => {
    expect(storyOf('forger').slice(0, 3)).toEqual(['quarantined', 'released', 'quarantined'])
  })

  it('tries again whom no violation brought there, and nobody else', () => {
    for (const child of ['spinner', 'hoarder', 'crasher', 'fleeting']) {
      expect(storyOf(child), child).toContain('tried again')
    }
    for (const child of ['forger', 'prowler']) expect(storyOf(child), child).not.toContain('tried again')
  })

  it('lets go whom an operator releases, and forgets nothing', () => {
    for (const child of ['forger', 'prowler', 'crasher']) {
      const story = storyOf(child)
      expect(story, child).toContain('released')
      expect(story.slice(story.indexOf('released')), child).toContain('quarantined')
    }
  })

  it('tells whoever is subscribed, and keeps what was known', async () => {
    expect(output).toMatch(/watchman │ incident \d+: forger, thread to quarantine/)
    expect(output).toMatch(/^ *\d+ +\S+Z +forger +thread +quarantine +topic +poisoned: forged-handle/m)
    const { status } = await verifyLog(join(example, '.bulkhead/audit'))
    expect(status).toBe('intact')
  })

  it('starts from nothing each time', () => {
    expect(output).not.toContain('supervisor.reconciled')
  })
})

describe('what bulkhead.toml approves', () => {
  const tree = readFileSync(join(example, 'bulkhead.toml'), 'utf8')

  beforeAll(() => buildExample())

  it.each(guestsOf())('is what is built of %s', (name) => {
    const [, approved = ''] = new RegExp(`\\[children\\.${name}\\][^[]*approved = (\\[[^\\]]*\\])`).exec(tree) ?? []
    const files = [`${name}.wasm`, `${name}.component.toml`].map((file) => join(example, 'guests', file))
    expect(JSON.parse(approved.replace(/,\s*\]/, ']'))).toEqual(files.map((file) => digestOf(readFileSync(file))))
  })
})

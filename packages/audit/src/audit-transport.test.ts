// Real modules in real threads: pino's own file, and some that fail in every way that a module can.
import { existsSync, mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { setTimeout as sleep } from 'node:timers/promises'
import { afterAll, describe, expect, it } from 'vitest'
import { AuditTransport, type TransportTarget } from './audit-transport.js'
import { Journal } from './journal.js'
import { loadOrCreateSealKey } from './seal-key.js'
import { verifyLog } from './verify-log.js'

const root = mkdtempSync(join(tmpdir(), 'bulkhead-transport-'))
afterAll(() => rmSync(root, { recursive: true, force: true }))
const sealKey = loadOrCreateSealKey(root)
let directories = 0

/** A module of the operator. */
function moduleOf(name: string, body: string): string {
  const file = join(root, `${name}.mjs`)
  writeFileSync(
    file,
    `import { appendFileSync, existsSync, writeFileSync } from 'node:fs'
import { Writable } from 'node:stream'
export default async (options) => {
  ${body}
}
`,
  )
  return file
}

type Rig = {
  readonly directory: string
  readonly journal: Journal
  readonly failures: string[]
  readonly resumed: () => number
  readonly start: () => AuditTransport
  readonly note: (count: number) => Promise<void>
}

async function rig(wanted: TransportTarget, fileBytesMax = 2_000): Promise<Rig> {
  const directory = join(root, `log-${directories++}`)
  const journal = await Journal.open({ directory, sealKey, fileBytesMax })
  const failures: string[] = []
  let resumed = 0
  return {
    ...{ directory, journal, failures, resumed: () => resumed },
    start: () =>
      new AuditTransport({
        ...{ directory, base: root, onFailed: (reason) => failures.push(reason), onResumed: () => resumed++ },
        ...wanted,
      }),
    note: async (count) => {
      for (let at = 0; at < count; at++) await journal.note({ event: 'released', reason: `ö ${at}\n"` })
    },
  }
}

const until = async (holds: () => boolean, what: string): Promise<void> => {
  for (const deadline = performance.now() + 40_000; !holds(); await sleep(10)) {
    if (performance.now() > deadline) throw new Error(`${what} did not come about`)
  }
}
const textOf = (file: string): string => (existsSync(file) ? readFileSync(file, 'utf8') : '')
const linesOf = (file: string): string[] => textOf(file).split('\n').slice(0, -1)
const logOf = (directory: string): string =>
  readdirSync(directory)
    .filter((name) => name.startsWith('audit-'))
    .sort()
    .map((name) => readFileSync(join(directory, name), 'utf8'))
    .join('')

describe('an audit transport', () => {
  it('gets what the log gets, byte for byte, over rotations, and goes on where it was', async () => {
    const destination = join(root, 'copy.jsonl')
    const { directory, journal, start, note, failures } = await rig({ target: 'pino/file', options: { destination } })
    const first = start()
    await note(20)
    await until(() => linesOf(destination).length === 20, '20 records')
    await first.close()
    // Nobody takes these: they are handed over by the next one.
    await note(7)
    const second = start()
    await note(5)
    await journal.close()
    await second.close()
    await second.close()
    expect(textOf(destination)).toBe(logOf(directory))
    expect(linesOf(destination)).toHaveLength(32)
    expect(failures).toEqual([])
    expect(await verifyLog(directory)).toMatchObject({ status: 'intact', records: 32 })
  })

  it('begins with what is new where it has taken nothing yet, and again where it is another one', async () => {
    const one = await rig({ target: moduleOf('append', appendsTo('append')) })
    await one.note(3)
    const first = one.start()
    await one.journal.close()
    await first.close()
    expect(existsSync(join(root, 'append.out'))).toBe(false)

    const again = await Journal.open({ directory: one.directory, sealKey })
    const second = one.start()
    await again.note({ event: 'released' })
    await again.close()
    await second.close()
    expect(linesOf(join(root, 'append.out')).map((line) => JSON.parse(line).seq)).toEqual([4])
    expect(one.failures).toEqual([])
  })

  it('loses nothing to a bookmark that cannot be read', async () => {
    const destination = join(root, 'unmarked.jsonl')
    const { directory, journal, start, note } = await rig({ target: 'pino/file', options: { destination } })
    writeFileSync(join(directory, 'transport.json'), '{"target":')
    const transport = start()
    await note(2)
    await journal.close()
    await transport.close()
    expect(linesOf(destination)).toHaveLength(2)
  })

  it.each([
    ['throws', 'throw new Error("no such host")', 'no such host'],
    ['ends its thread', 'process.exit(0)', ''],
    ['fails at a write', 'return new Writable({ write: (_c, _e, done) => done(new Error("refused")) })', 'refused'],
    ['throws later', 'await new Promise(() => setImmediate(() => { throw new Error("later") }))', 'later'],
  ])('that %s is told of once, is tried again, and then gets everything', async (name, fails, message) => {
    const file = name.replaceAll(' ', '-')
    const mark = join(root, `${file}.mended`)
    const { directory, journal, start, note, failures, resumed } = await rig({
      target: moduleOf(file, `if (!existsSync(${JSON.stringify(mark)})) { ${fails} }\n${appendsTo(file)}`),
    })
    const transport = start()
    await note(10)
    await until(() => failures.length === 1, 'the failure')
    expect(failures[0]).toContain(message)
    expect(failures[0]).toContain(`the audit transport \`${join(root, file)}.mjs\`: `)
    // The log does not mind.
    await note(10)
    writeFileSync(mark, '')
    await until(() => resumed() === 1, 'its return')
    await journal.close()
    await transport.close()
    const taken = new Set(linesOf(join(root, `${file}.out`)))
    expect([...taken].join('\n')).toBe(logOf(directory).trimEnd())
    expect(failures).toHaveLength(1)
  })

  it('that never drains holds up neither the log nor the end', async () => {
    const { directory, journal, start, failures, resumed } = await rig(
      { target: moduleOf('stuck', 'return new Writable({ highWaterMark: 1, write() {} })') },
      100_000,
    )
    const transport = start()
    const many = Array.from({ length: 2_000 }, () => journal.note({ event: 'released', reason: 'x'.repeat(900) }))
    await Promise.all(many)
    await until(() => failures.length === 1, 'that it takes nothing')
    expect(failures).toEqual([`the audit transport \`${join(root, 'stuck.mjs')}\`: it takes nothing`])
    await journal.close()
    await transport.close()
    expect(resumed()).toBe(0)
    expect(await verifyLog(directory)).toMatchObject({ status: 'intact', records: 2_000 })
  })

  it('that fails at the end is told of, and is given the rest when the log is next opened', async () => {
    const mark = join(root, 'last.mended')
    const body = `if (!existsSync(${JSON.stringify(mark)})) throw new Error('away')\n${appendsTo('last')}`
    const { directory, journal, start, note, failures } = await rig({ target: moduleOf('last', body) })
    // What it had taken before.
    writeFileSync(
      join(directory, 'transport.json'),
      JSON.stringify({ target: join(root, 'last.mjs'), file: 1, seq: 0 }),
    )
    const transport = start()
    await note(4)
    await journal.close()
    await transport.close()
    expect(failures).toHaveLength(1)
    writeFileSync(mark, '')
    const next = start()
    await next.close()
    expect(linesOf(join(root, 'last.out'))).toHaveLength(4)
  })

  it.each([
    ['./nowhere.mjs', 'there is no file'],
    ['/nowhere/at/all.mjs', 'there is no file `/nowhere/at/all.mjs`'],
    ['no-such-transport', 'no package of this name is found'],
  ])('%s is refused before anything is started', async (target, message) => {
    const { journal, start } = await rig({ target })
    expect(start).toThrow(expect.objectContaining({ code: 'usage', message: expect.stringContaining(message) }))
    await journal.close()
  })
})

function appendsTo(name: string): string {
  const file = JSON.stringify(join(root, `${name}.out`))
  return `return new Writable({ write: (chunk, _encoding, done) => { appendFileSync(${file}, chunk); done() } })`
}

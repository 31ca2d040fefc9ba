import { generateKeyPairSync } from 'node:crypto'
import {
  appendFileSync,
  cpSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  renameSync,
  rmSync,
  statSync,
  truncateSync,
  writeFileSync,
} from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { systemClock } from '@bulkhead/vocabulary'
import fc from 'fast-check'
import { afterAll, describe, expect, it } from 'vitest'
import { withHash } from './chain.js'
import { ChainedLog } from './chained-log.js'
import { unsealedRecordsMax } from './limits.js'
import { genesisHash, type LogFields } from './log-record.js'
import { queryLog } from './query-log.js'
import { loadOrCreateSealKey, publicHalf } from './seal-key.js'
import { verifyLog } from './verify-log.js'

const root = mkdtempSync(join(tmpdir(), 'bulkhead-verify-'))
afterAll(() => rmSync(root, { recursive: true, force: true }))

const key = loadOrCreateSealKey(root)
const sealKey = key.export({ type: 'pkcs8', format: 'der' })
let directories = 0
const newDirectory = (): string => join(root, `log-${directories++}`)

function fields(resource: string): LogFields {
  return {
    time: '2026-01-02T03:04:05.678Z',
    event: 'access-denied',
    component: 'ingest',
    kind: 'filesystem',
    action: 'read',
    resource,
    verdict: 'denied',
    layer: 'manifest',
    probe: false,
    count: 1,
    attested: 'host',
  }
}

async function openLog(directory: string, fileBytesMax = 2_000) {
  return (await ChainedLog.open({ directory, sealKey, fileBytesMax }, systemClock)).log
}

/** A log of several files, with a seal after every fifth record. */
async function writeLog(records: number, how: 'closed' | 'killed'): Promise<string> {
  const directory = newDirectory()
  const log = await openLog(directory)
  for (let count = 1; count <= records; count++) {
    log.append(fields(`/ö/${count} "\\\u0001`))
    log.write()
    if (count % 5 === 0) log.seal()
  }
  if (how === 'closed') log.close()
  return directory
}

function copyOf(directory: string): string {
  const copy = newDirectory()
  cpSync(directory, copy, { recursive: true })
  return copy
}

const filesOf = (directory: string): string[] =>
  readdirSync(directory)
    .filter((name) => name.startsWith('audit-'))
    .sort()
const linesOf = (file: string): string[] => readFileSync(file, 'utf8').split('\n').slice(0, -1)
const writeLines = (file: string, lines: readonly string[]): void =>
  writeFileSync(file, lines.map((line) => `${line}\n`).join(''))

const closed = await writeLog(23, 'closed')
const killed = await writeLog(23, 'killed')

describe('a log that nobody touched', () => {
  it('is intact when it was closed, over several files', async () => {
    expect(filesOf(closed).length).toBeGreaterThan(3)
    expect(await verifyLog(closed)).toEqual({
      status: 'intact',
      records: 23,
      files: filesOf(closed).length,
      sealedThrough: 23,
      problems: [],
      problemsBeyond: 0,
    })
    expect(await verifyLog(closed, { publicKey: publicHalf(key) })).toMatchObject({ status: 'intact' })
  })

  it('has an unsealed tail when its writer was killed', async () => {
    expect(await verifyLog(killed)).toMatchObject({ status: 'unsealed-tail', records: 23, problems: [] })
  })

  it('has one too when the last line or the last seal is half-written', async () => {
    const torn = copyOf(killed)
    appendFileSync(join(torn, filesOf(torn).at(-1) ?? ''), '{"v":1,"seq":24,"ti')
    appendFileSync(join(torn, 'seals.jsonl'), '{"v":1,"se')
    expect(await verifyLog(torn)).toMatchObject({ status: 'unsealed-tail', records: 23, problems: [] })
    const records = []
    for await (const record of queryLog(torn)) records.push(record.seq)
    expect(records).toHaveLength(23)
  })

  it('is intact when it is empty and was closed', async () => {
    const directory = newDirectory()
    ;(await openLog(directory)).close()
    expect(await verifyLog(directory)).toMatchObject({ status: 'intact', records: 0, files: 1 })
  })

  it('is intact when it was closed just after a new file was begun', async () => {
    const directory = newDirectory()
    const log = await openLog(directory, 1)
    log.append(fields('/a'))
    log.close()
    expect(statSync(join(directory, 'audit-000002.jsonl')).size).toBe(0)
    expect(await verifyLog(directory)).toMatchObject({ status: 'intact', records: 1, files: 2 })
  })

  it('is found by those who look for it', async () => {
    await expect(verifyLog(join(root, 'nowhere'))).rejects.toThrow('there is no audit log')
  })
})

describe('a log that was changed', () => {
  it('is tampered, whichever byte of a sealed record it is', async () => {
    const pristine = filesOf(closed).map((name) => [name, readFileSync(join(closed, name))] as const)
    const victim = copyOf(closed)
    await fc.assert(
      fc.asyncProperty(fc.nat(), fc.nat(), fc.integer({ min: 1, max: 255 }), async (fileIndex, at, flip) => {
        const [name, bytes] =
          pristine.filter(([, each]) => each.length > 0)[fileIndex % (pristine.length - 1)] ?? pristine[0] ?? []
        if (name === undefined || bytes === undefined) throw new Error('no file')
        const changed = Buffer.from(bytes)
        const offset = at % bytes.length
        changed[offset] = (changed[offset] ?? 0) ^ flip
        writeFileSync(join(victim, name), changed)
        const { status, problems } = await verifyLog(victim)
        writeFileSync(join(victim, name), bytes)
        expect(status).toBe('tampered')
        const line = bytes.subarray(0, offset).filter((byte) => byte === 0x0a).length + 1
        expect(problems[0]).toMatchObject({ file: name, line })
      }),
      { numRuns: 100 },
    )
    expect(await verifyLog(victim)).toMatchObject({ status: 'intact' })
  })

  it('names the file, the line and the record', async () => {
    const copy = copyOf(closed)
    const name = filesOf(copy)[1] ?? ''
    const lines = linesOf(join(copy, name))
    const seq = JSON.parse(lines[1] ?? '').seq
    writeLines(join(copy, name), lines.with(1, (lines[1] ?? '').replace('"denied"', '"geniee"')))
    expect((await verifyLog(copy)).problems).toEqual([
      { file: name, line: 2, seq, message: 'the bytes of this record do not have the hash that it ends in' },
    ])
  })

  it.each<[string, (directory: string, names: readonly string[]) => void, string]>([
    [
      'a record is taken out',
      (d, n) => writeLines(join(d, n[1] ?? ''), linesOf(join(d, n[1] ?? '')).toSpliced(1, 1)),
      'should stand here',
    ],
    [
      'two records change places',
      (d, n) => writeLines(join(d, n[1] ?? ''), linesOf(join(d, n[1] ?? '')).toReversed()),
      'should stand here',
    ],
    ['a file is missing', (d, n) => rmSync(join(d, n[1] ?? '')), 'this file is missing'],
    ['the first file is missing', (d, n) => rmSync(join(d, n[0] ?? '')), 'this file is missing'],
    ['the last file is missing', (d, n) => rmSync(join(d, n.at(-1) ?? '')), 'a seal covers this file'],
    ['all records are missing', (d, n) => n.forEach((name) => void rmSync(join(d, name))), 'a seal covers this file'],
    [
      'a file is shorter',
      (d, n) => writeLines(join(d, n.at(-1) ?? ''), linesOf(join(d, n.at(-1) ?? '')).slice(0, -1)),
      'but a seal covers',
    ],
    [
      'the last line is cut',
      (d, n) => truncateSync(join(d, n.at(-1) ?? ''), statSync(join(d, n.at(-1) ?? '')).size - 1),
      'cut off',
    ],
    [
      'two files change names',
      (d, n) => {
        renameSync(join(d, n[0] ?? ''), join(d, 'aside'))
        renameSync(join(d, n[1] ?? ''), join(d, n[0] ?? ''))
        renameSync(join(d, 'aside'), join(d, n[1] ?? ''))
      },
      'should stand here',
    ],
    ['the seals are missing', (d) => rmSync(join(d, 'seals.jsonl')), 'this file is missing'],
    ['the public key is missing', (d) => rmSync(join(d, 'seals.pub')), 'public key'],
    [
      'a seal is taken out',
      (d) => writeLines(join(d, 'seals.jsonl'), linesOf(join(d, 'seals.jsonl')).toSpliced(1, 1)),
      'does not follow',
    ],
    [
      'a seal is changed',
      (d) => {
        const file = join(d, 'seals.jsonl')
        writeLines(
          file,
          linesOf(file).map((line, index) => (index === 1 ? line.replace('"closing":false', '"closing":true ') : line)),
        )
      },
      'signature of this seal is not valid',
    ],
    [
      "a file's line is longer than any journal writes",
      (d, n) => {
        const file = join(d, n[1] ?? '')
        writeLines(file, linesOf(file).with(0, 'x'.repeat(1_000_000)))
      },
      'do not have the hash',
    ],
  ])('is tampered when %s', async (_what, change, message) => {
    const copy = copyOf(closed)
    change(copy, filesOf(copy))
    const { status, problems } = await verifyLog(copy)
    expect(status).toBe('tampered')
    expect(problems.map((problem) => problem.message).join('\n')).toContain(message)
  })

  it('is tampered when the chain was made anew without the key', async () => {
    const copy = copyOf(closed)
    let prev = genesisHash
    for (const name of filesOf(copy)) {
      const forged = linesOf(join(copy, name)).map((line) => {
        const { hash: _hash, ...record } = JSON.parse(line)
        const made = withHash(JSON.stringify({ ...record, verdict: 'granted', prev }))
        prev = made.hash
        return made.line.toString('utf8').trimEnd()
      })
      writeLines(join(copy, name), forged)
    }
    const { status, problems } = await verifyLog(copy)
    expect(status).toBe('tampered')
    expect(problems[0]?.message).toContain('a seal says')
  })

  it('is tampered for who trusts another key', async () => {
    const { publicKey } = generateKeyPairSync('ed25519')
    expect(await verifyLog(closed, { publicKey })).toMatchObject({ status: 'tampered' })
  })

  it('is tampered when the chain breaks in the unsealed tail: only a half-written last line is forgiven', async () => {
    const copy = copyOf(killed)
    const name = filesOf(copy).at(-1) ?? ''
    const lines = linesOf(join(copy, name))
    writeLines(join(copy, name), lines.with(-1, (lines.at(-1) ?? '').replace('"denied"', '"geniee"')))
    expect(await verifyLog(copy)).toMatchObject({ status: 'tampered' })
  })

  it('is tampered when more follows the last seal than a kill can leave', async () => {
    const write = async (records: number): Promise<string> => {
      const directory = newDirectory()
      const log = await openLog(directory, 1e9)
      for (let count = 0; count < records; count++) log.append(fields('/a'))
      log.write()
      return directory
    }
    const most = await write(unsealedRecordsMax)
    const sealLines = linesOf(join(most, 'seals.jsonl'))
    expect(sealLines).toHaveLength(1)
    writeFileSync(join(most, 'seals.jsonl'), '')
    expect(await verifyLog(most)).toMatchObject({ status: 'unsealed-tail', records: unsealedRecordsMax })
    const more = await write(unsealedRecordsMax + 1)
    expect(await verifyLog(more)).toMatchObject({ status: 'unsealed-tail' })
    writeFileSync(join(more, 'seals.jsonl'), '')
    expect(await verifyLog(more)).toMatchObject({ status: 'tampered' })
  })
})

describe('a log that is opened again', () => {
  it('goes on where it was closed, and is intact when it is closed again', async () => {
    const copy = copyOf(closed)
    const { log, recovered } = await ChainedLog.open({ directory: copy, sealKey, fileBytesMax: 2_000 }, systemClock)
    expect(recovered).toBeUndefined()
    log.append(fields('/more'))
    log.close()
    expect(await verifyLog(copy)).toMatchObject({ status: 'intact', records: 24, sealedThrough: 24 })
  })

  it('is mended after a kill: what is no whole record is moved aside', async () => {
    const copy = copyOf(killed)
    const name = filesOf(copy).at(-1) ?? ''
    const size = statSync(join(copy, name)).size
    appendFileSync(join(copy, name), '{"v":1,"seq":24,"ti')
    appendFileSync(join(copy, 'seals.jsonl'), '{"v":1,"se')
    const { log, recovered } = await ChainedLog.open({ directory: copy, sealKey, fileBytesMax: 2_000 }, systemClock)
    expect(recovered).toContain('the journal was not closed')
    expect(recovered).toMatch(/records \d+ to 23 were under no seal/)
    expect(recovered).toContain(`19 bytes at the end of \`${name}\``)
    expect(readFileSync(join(copy, `torn-${name.replace('.jsonl', '')}-${size}`), 'utf8')).toBe('{"v":1,"seq":24,"ti')
    log.append(fields('/more'))
    log.close()
    expect(await verifyLog(copy)).toMatchObject({ status: 'intact', records: 24, sealedThrough: 24 })
  })

  it('is mended whatever the tail was cut to, and wherever', async () => {
    const name = filesOf(killed).at(-1) ?? ''
    const size = statSync(join(killed, name)).size
    const sealed = JSON.parse(linesOf(join(killed, 'seals.jsonl')).at(-1) ?? '')
    const from = sealed.file === name ? sealed.length : 0
    for (let length = from; length <= size; length += 37) {
      const copy = copyOf(killed)
      truncateSync(join(copy, name), length)
      const log = await openLog(copy)
      log.append(fields('/more'))
      log.close()
      expect(await verifyLog(copy)).toMatchObject({ status: 'intact' })
    }
  })

  it.each<[string, (directory: string, names: readonly string[]) => void]>([
    ['a sealed file is shorter', (d, n) => truncateSync(join(d, n.at(-1) ?? ''), 0)],
    ['a file is missing', (d, n) => rmSync(join(d, n[1] ?? ''))],
    ['the seals are missing', (d) => rmSync(join(d, 'seals.jsonl'))],
    [
      'the last seal is not ours',
      (d) => {
        const file = join(d, 'seals.jsonl')
        writeLines(
          file,
          linesOf(file).map((line) => line.replace('"closing":true', '"closing":null')),
        )
      },
    ],
  ])('is refused when %s', async (_what, damage) => {
    const copy = copyOf(closed)
    damage(copy, filesOf(copy))
    await expect(openLog(copy)).rejects.toThrow('cannot be continued')
  })
})

describe('the seal key', () => {
  it('is made once, for us alone, and is the same ever after', () => {
    const directory = mkdtempSync(join(root, 'key-'))
    const made = loadOrCreateSealKey(directory)
    expect(loadOrCreateSealKey(directory).equals(made)).toBe(true)
    expect(statSync(join(directory, 'audit.key')).mode & 0o777).toBe(0o600)
    expect(readdirSync(directory)).toEqual(['audit.key'])
  })

  it('is refused when others may read it or it is no key', () => {
    const directory = mkdtempSync(join(root, 'key-'))
    writeFileSync(join(directory, 'audit.key'), 'nonsense', { mode: 0o600 })
    expect(() => loadOrCreateSealKey(directory)).toThrow('is not an Ed25519 private key')
    rmSync(join(directory, 'audit.key'))
    writeFileSync(join(directory, 'audit.key'), 'nonsense', { mode: 0o644 })
    expect(() => loadOrCreateSealKey(directory)).toThrow('others may use')
  })
})

describe('a query', () => {
  it('finds what passes the filter, in order', async () => {
    const found = []
    for await (const { seq } of queryLog(closed, {
      child: 'ingest',
      verdict: 'denied',
      kind: 'filesystem',
      event: 'access-denied',
      since: Date.parse('2026-01-02T03:04:05.678Z'),
      resource: (resource) => resource.startsWith('/ö/2'),
    })) {
      found.push(seq)
    }
    expect(found).toEqual([2, 20, 21, 22, 23])
  })

  it.each([
    { child: 'other' },
    { verdict: 'granted' as const },
    { kind: 'network' as const },
    { since: Date.parse('2026-01-02T03:04:05.679Z') },
    { event: 'released' as const },
  ])('finds nothing for %j', async (filter) => {
    for await (const record of queryLog(closed, filter)) expect(record).toBeUndefined()
  })

  it('stops at a line that is no record, and names it', async () => {
    const copy = copyOf(closed)
    const name = filesOf(copy)[0] ?? ''
    writeLines(join(copy, name), linesOf(join(copy, name)).with(2, 'nonsense'))
    await expect(async () => {
      for await (const _ of queryLog(copy));
    }).rejects.toThrow(`${name}:3:`)
  })
})

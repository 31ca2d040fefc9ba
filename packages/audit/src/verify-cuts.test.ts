// A log cut at every place, and with records swapped, doubled and left out: the answer is worked out here from what was
// written and sealed, by nothing that `verifyLog` uses. BULKHEAD_FULL_SWEEP=1 tries every byte.
import { cpSync, mkdtempSync, readdirSync, readFileSync, rmSync, truncateSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { systemClock } from '@bulkhead/vocabulary'
import { afterAll, describe, expect, it } from 'vitest'
import { ChainedLog } from './chained-log.js'
import { loadOrCreateSealKey } from './seal-key.js'
import { verifyLog } from './verify-log.js'

const stride = process.env['BULKHEAD_FULL_SWEEP'] === '1' ? 1 : 37
const tailStride = stride === 1 ? 1 : 5
const root = mkdtempSync(join(tmpdir(), 'bulkhead-cuts-'))
afterAll(() => rmSync(root, { recursive: true, force: true }))
const sealKey = loadOrCreateSealKey(root).export({ type: 'pkcs8', format: 'der' })

/** Three files and more, a seal after every fourth record, two records behind the last seal. */
const pristine = join(root, 'pristine')
const { log } = await ChainedLog.open({ directory: pristine, sealKey, fileBytesMax: 1_500 }, systemClock)
for (let count = 1; count <= 22; count++) {
  log.append({ time: '2026-01-02T03:04:05.678Z', event: 'released', reason: `record ${count}`, attested: 'host' })
  log.write()
  if (count % 4 === 0) log.seal()
}

const names = readdirSync(pristine)
  .filter((name) => name.startsWith('audit-'))
  .sort()
const bytesOf = new Map(names.map((name) => [name, readFileSync(join(pristine, name))]))
const seals = readFileSync(join(pristine, 'seals.jsonl'), 'utf8')
  .split('\n')
  .filter((line) => line !== '')
  .map((line) => JSON.parse(line) as { readonly file: string; readonly length: number; readonly seq: number })
const last = seals.at(-1) ?? { file: '', length: 0, seq: 0 }

const victim = join(root, 'victim')
async function statusAfter(harm: (directory: string) => void): Promise<string> {
  rmSync(victim, { recursive: true, force: true })
  cpSync(pristine, victim, { recursive: true })
  harm(victim)
  return (await verifyLog(victim)).status
}

/** Whether the newest seal says that these bytes are there. */
const isSealed = (name: string, length: number): boolean =>
  name < last.file || (name === last.file && length < last.length)

describe('a log with a tail that no seal covers', () => {
  it('has one, as it was written', async () => {
    expect(names.length).toBeGreaterThan(2)
    expect(last.seq).toBeLessThan(22)
    expect(await statusAfter(() => {})).toBe('unsealed-tail')
  })

  it('is tampered cut where a seal covers it, and else as a kill leaves it, at every place', async () => {
    const answers = new Set<string>()
    for (const [index, name] of names.entries()) {
      const size = bytesOf.get(name)?.length ?? 0
      for (let length = 0; length < size; length += name >= last.file ? tailStride : stride) {
        // What a kill leaves has nothing behind it: the files after the cut are not there either.
        const status = await statusAfter((directory) => {
          truncateSync(join(directory, name), length)
          for (const later of names.slice(index + 1)) rmSync(join(directory, later))
        })
        const expected = isSealed(name, length) ? 'tampered' : 'unsealed-tail'
        if (status !== expected) expect(`${name} at ${length}: ${status}`).toBe(expected)
        answers.add(status)
      }
    }
    expect([...answers].sort()).toEqual(['tampered', 'unsealed-tail'])
  }, 120_000)

  it('is tampered with a byte of it changed, at every place, sealed or not', async () => {
    for (const name of names) {
      const bytes = bytesOf.get(name) ?? Buffer.alloc(0)
      // The last newline alone is what a kill can take away: changed, it makes a half-written line of the last record.
      const end = name === names.at(-1) ? bytes.length - 1 : bytes.length
      for (let at = 0; at < end; at += stride) {
        const changed = Buffer.from(bytes)
        changed[at] = (changed[at] ?? 0) ^ (1 + (at % 255))
        const status = await statusAfter((directory) => writeFileSync(join(directory, name), changed))
        if (status !== 'tampered') expect(`${name} at ${at}: ${status}`).toBe('tampered')
      }
    }
  }, 120_000)

  it('is tampered with records swapped, doubled or left out, and with files so', async () => {
    for (const name of names) {
      const lines = (bytesOf.get(name)?.toString() ?? '').split('\n').slice(0, -1)
      const write = (directory: string, changed: readonly string[]): void =>
        writeFileSync(join(directory, name), changed.map((line) => `${line}\n`).join(''))
      for (const [at, line] of lines.entries()) {
        const doubled = [...lines.slice(0, at + 1), ...lines.slice(at)]
        expect(await statusAfter((directory) => write(directory, doubled))).toBe('tampered')
        const isLast = name === names.at(-1) && at === lines.length - 1
        const without = lines.filter((one) => one !== line)
        expect(await statusAfter((directory) => write(directory, without))).toBe(isLast ? 'unsealed-tail' : 'tampered')
        const next = lines[at + 1]
        if (next === undefined) continue
        const swapped = lines.with(at, next).with(at + 1, line)
        expect(await statusAfter((directory) => write(directory, swapped))).toBe('tampered')
      }
      const first = names[0] ?? ''
      if (name === first) continue
      const exchanged = (directory: string): void => {
        cpSync(join(pristine, first), join(directory, name))
        cpSync(join(pristine, name), join(directory, first))
      }
      expect(await statusAfter(exchanged)).toBe('tampered')
    }
  }, 60_000)
})

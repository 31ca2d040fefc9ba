import { mkdtempSync, rmSync, statSync, utimesSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterEach, beforeEach, expect, it } from 'vitest'
import { TrustWatch } from './trust-watch.js'

let folder: string
let file: string
beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'bulkhead-watch-'))
  file = join(folder, 'trust.toml')
})
afterEach(() => rmSync(folder, { recursive: true }))

const revoking = (digit: string): string => `[[revoked]]\ndigest = "sha256:${digit.repeat(64)}"\n`
const revokedBy = ({ current }: TrustWatch): readonly unknown[] =>
  current.revoked.map((one) => (one.kind === 'digest' ? one.digest.at(-1) : one))

it('sees a change that keeps the size and the time of the document', () => {
  writeFileSync(file, revoking('1'))
  const time = new Date(1_700_000_000_000)
  utimesSync(file, time, time)
  const watch = new TrustWatch(file)
  expect(revokedBy(watch)).toEqual(['1'])
  const before = statSync(file)
  writeFileSync(file, revoking('2'))
  utimesSync(file, time, time)
  const { ino, size, mtimeMs } = statSync(file)
  expect({ ino, size, mtimeMs }).toEqual({ ino: before.ino, size: before.size, mtimeMs: before.mtimeMs })
  expect(revokedBy(watch)).toEqual(['2'])
})

it('trusts nobody by a document that is gone or wrong', () => {
  writeFileSync(file, revoking('1'))
  const watch = new TrustWatch(file)
  for (const spoil of [() => writeFileSync(file, 'level = "trusted"\n'), () => rmSync(file)]) {
    spoil()
    expect(watch.current).toMatchObject({ sources: [], requireSignatures: true, devMode: false })
  }
  writeFileSync(file, 'require_signatures = false\n')
  expect(watch.current.requireSignatures).toBe(false)
})

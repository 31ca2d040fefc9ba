// Every code of the catalogue is raised somewhere, and expected by its name in some test. What is not stands here, and no code
// may join it.
import { readdirSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import { errorCodes } from '@bulkhead/vocabulary'
import { expect, it } from 'vitest'
import { root } from '../end-to-end/command.js'

/** Codes of SPEC 16 that the host has no place to raise yet: a guest gets its interface's own error, an operator the record. */
const raisedNowhere = ['environment-access-denied', 'not-yet', 'process-access-denied']

/** Codes that are raised, and that no test names. */
const expectedNowhere = ['filesystem-access-denied', 'interface-invalid', 'storage-access-denied']

function filesBelow(folder: string, isWanted: (path: string) => boolean): string[] {
  return readdirSync(join(root, folder), { recursive: true, encoding: 'utf8' })
    .filter((path) => /\.(ts|mjs)$/.test(path) && !/node_modules|(^|\/)dist\//.test(path) && isWanted(path))
    .map((path) => readFileSync(join(root, folder, path), 'utf8'))
}

const isTest = (path: string): boolean => /\.test\.(ts|mjs)$|\.test[.-]support\.ts$/.test(path)
const isSource = (path: string): boolean =>
  path.includes('src/') && !isTest(path) && !path.endsWith('vocabulary/src/codes.ts')
const places = ['packages', 'supervisors']

/** The codes that none of these texts names, in quotes. */
function unnamed(texts: readonly string[]): string[] {
  const all = texts.join('\n')
  return Object.keys(errorCodes).filter((code) => !["'", '"', '`'].some((mark) => all.includes(mark + code + mark)))
}

it('every code is raised somewhere', () => {
  const missing = unnamed(places.flatMap((folder) => filesBelow(folder, isSource)))
  expect(missing.filter((code) => !raisedNowhere.includes(code))).toEqual([])
})

it('every code that is raised is expected by name in a test', () => {
  const own = readFileSync(join(root, 'test/documentation/error-codes.test.ts'), 'utf8')
  const tests = [...places.flatMap((folder) => filesBelow(folder, isTest)), ...filesBelow('test', () => true)]
  const missing = unnamed(tests.filter((text) => text !== own)).filter((code) => !raisedNowhere.includes(code))
  expect(missing.filter((code) => !expectedNowhere.includes(code))).toEqual([])
})

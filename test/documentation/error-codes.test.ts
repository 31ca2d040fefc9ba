// Every code of the catalogue is raised somewhere, and expected by its name in some test.
import { readdirSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import { errorCodes } from '@bulkhead/vocabulary'
import { expect, it } from 'vitest'
import { root } from '../end-to-end/command.js'

function filesBelow(folder: string, isWanted: (path: string) => boolean): string[] {
  return readdirSync(join(root, folder), { recursive: true, encoding: 'utf8' })
    .filter((path) => /\.(ts|mjs)$/.test(path) && !/node_modules|(^|\/)dist\//.test(path) && isWanted(path))
    .map((path) => readFileSync(join(root, folder, path), 'utf8'))
}

const isTest = (path: string): boolean => /\.test\.(ts|mjs)$|\.test[.-]support\.ts$/.test(path)
/** A list of codes raises none: neither the catalogue nor the command's table of exit codes. */
const isList = (path: string): boolean => /vocabulary\/src\/codes\.ts$|cli\/src\/exit-codes\.ts$/.test(path)
const isSource = (path: string): boolean => path.includes('src/') && !isTest(path) && !isList(path)
const places = ['packages', 'supervisors']

/** The codes that none of these texts names, in quotes. */
function unnamed(texts: readonly string[]): string[] {
  const all = texts.join('\n')
  return Object.keys(errorCodes).filter((code) => !["'", '"', '`'].some((mark) => all.includes(mark + code + mark)))
}

it('every code is raised somewhere', () => {
  expect(unnamed(places.flatMap((folder) => filesBelow(folder, isSource)))).toEqual([])
})

it('every code is expected by its name in a test', () => {
  expect(
    unnamed([...places.flatMap((folder) => filesBelow(folder, isTest)), ...filesBelow('test', () => true)]),
  ).toEqual([])
})

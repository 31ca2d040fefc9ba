// Makes a folder in which the commands of the guides can be tried: `node docs/examples/policies/prepare.mjs FOLDER`
import { cpSync, mkdirSync, readFileSync, symlinkSync, writeFileSync } from 'node:fs'
import { dirname, join, resolve } from 'node:path'
import { fileURLToPath } from 'node:url'
import { componentFromWat } from '../../../test/guests/component-from-wat.mjs'

const here = fileURLToPath(new URL('./', import.meta.url))
const nodeModules = fileURLToPath(new URL('../../../node_modules', import.meta.url))
const notCopied = ['README.md', 'prepare.mjs', '.gitignore', '.bulkhead', 'out']

/** @param {string} folder must not be there yet */
export async function prepareExample(folder) {
  mkdirSync(dirname(folder), { recursive: true })
  mkdirSync(folder)
  mkdirSync(join(folder, 'out'))
  cpSync(here, folder, { recursive: true, filter: (path) => !notCopied.includes(path.slice(here.length)) })
  symlinkSync(nodeModules, join(folder, 'node_modules'))
  const wat = readFileSync(join(here, 'greeter.wat'), 'utf8')
  writeFileSync(join(folder, 'greeter.wasm'), await componentFromWat(wat))
}

if (process.argv[1] === fileURLToPath(import.meta.url)) {
  const [, , folder] = process.argv
  if (folder === undefined) throw new Error('name the folder to make: node docs/examples/policies/prepare.mjs FOLDER')
  await prepareExample(resolve(folder))
}

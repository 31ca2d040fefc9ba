// Makes a folder in which the commands of docs/messages.md can be tried: `node docs/examples/messages/prepare.mjs FOLDER`
import { cpSync, mkdirSync, symlinkSync, writeFileSync } from 'node:fs'
import { dirname, join, resolve } from 'node:path'
import { fileURLToPath } from 'node:url'
import { componentFromAssemblyScript } from '../../../test/guests/messages/component-from-assemblyscript.mjs'

const here = fileURLToPath(new URL('./', import.meta.url))
const nodeModules = fileURLToPath(new URL('../../../node_modules', import.meta.url))
const notCopied = ['README.md', 'prepare.mjs', '.bulkhead']

/** @param {string} folder must not be there yet */
export async function prepareMessages(folder) {
  mkdirSync(dirname(folder), { recursive: true })
  mkdirSync(folder)
  cpSync(here, folder, { recursive: true, filter: (path) => !notCopied.includes(path.slice(here.length)) })
  symlinkSync(nodeModules, join(folder, 'node_modules'))
  for (const name of ['catalogue', 'worker']) {
    const source = join(here, 'guests', `${name}.ts`)
    writeFileSync(join(folder, `${name}.wasm`), await componentFromAssemblyScript(source, 'actor'))
  }
}

if (process.argv[1] === fileURLToPath(import.meta.url)) {
  const [, , folder] = process.argv
  if (folder === undefined) throw new Error('name the folder to make: node docs/examples/messages/prepare.mjs FOLDER')
  await prepareMessages(resolve(folder))
}

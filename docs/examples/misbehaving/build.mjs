// Builds the guests of the example, if they are older than their sources. The sources of forger and spinner are the tour's.
import { readFileSync, statSync, writeFileSync } from 'node:fs'
import { fileURLToPath } from 'node:url'
import { componentFromWat } from '../../../test/guests/component-from-wat.mjs'
import { componentFromAssemblyScript } from '../../../test/guests/messages/component-from-assemblyscript.mjs'

const guests = new URL('./guests/', import.meta.url)
const tour = new URL('../tour/guests/', import.meta.url)
const bindings = new URL('../../../test/guests/messages/assembly/', import.meta.url)

/** @type {Readonly<Record<string, 'actor' | 'messenger'>>} */
const built = {
  ledger: 'actor',
  watchman: 'actor',
  ticker: 'messenger',
  prowler: 'messenger',
  flooder: 'messenger',
  hoarder: 'messenger',
  crasher: 'messenger',
  fleeting: 'messenger',
}

const ofTheTour = ['forger', 'spinner']

export function guestsOf() {
  return [...Object.keys(built), ...ofTheTour]
}

export async function buildExample() {
  const shared = ['messaging.ts', 'wasi.ts'].map((name) => modifiedMs(new URL(name, bindings)))
  for (const [name, world] of Object.entries(built)) {
    const source = new URL(`${name}.ts`, guests)
    const output = new URL(`${name}.wasm`, guests)
    if (modifiedMs(output) >= Math.max(modifiedMs(source), ...shared)) continue
    writeFileSync(output, await componentFromAssemblyScript(fileURLToPath(source), world))
  }
  for (const name of ofTheTour) {
    const source = new URL(`${name}.wat`, tour)
    const output = new URL(`${name}.wasm`, guests)
    if (modifiedMs(output) < modifiedMs(source))
      writeFileSync(output, await componentFromWat(readFileSync(source, 'utf8')))
  }
}

/** @param {URL} file */
function modifiedMs(file) {
  return statSync(file, { throwIfNoEntry: false })?.mtimeMs ?? 0
}

if (process.argv[1] === fileURLToPath(import.meta.url)) await buildExample()

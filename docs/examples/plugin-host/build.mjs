// Builds the plug-ins, if they are older than their sources.
//
//   node docs/examples/plugin-host/build.mjs
import { readFileSync, statSync, writeFileSync } from 'node:fs'
import { fileURLToPath } from 'node:url'
import { componentFromWat } from '../../../test/guests/component-from-wat.mjs'
import { componentFromJavaScript } from '../../../test/guests/messages/component-from-javascript.mjs'
import { mailWit, toolsWit } from './interfaces.mjs'

const guests = new URL('./guests/', import.meta.url)
const interfaces = new URL('./interfaces.mjs', import.meta.url)

const wit = {
  worlds: `world plug-in {
  import acme:mail/sender@1.0.0;
  import acme:tools/run@1.0.0;
  export wasi:cli/run@0.2.12;
}
`,
  packages: `package acme:mail@1.0.0 {\n${mailWit}}\npackage acme:tools@1.0.0 {\n${toolsWit}}\n`,
}

export async function buildExample() {
  for (const source of ['greeter.wat', 'prowler.wat', 'report.js']) {
    const output = new URL(source.replace(/\.\w+$/, '.wasm'), guests)
    const newestMs = Math.max(...[new URL(source, guests), interfaces].map(modifiedMs))
    if (modifiedMs(output) >= newestMs) continue
    const text = readFileSync(new URL(source, guests), 'utf8')
    const build = source.endsWith('.js') ? componentFromJavaScript : componentFromWat
    writeFileSync(output, await build(text, 'plug-in', wit))
  }
}

/** @param {URL} file */
function modifiedMs(file) {
  return statSync(file, { throwIfNoEntry: false })?.mtimeMs ?? 0
}

if (process.argv[1] === fileURLToPath(import.meta.url)) await buildExample()

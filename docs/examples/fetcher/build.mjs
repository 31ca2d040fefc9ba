// Builds the component out of fetcher.js, if it is older, and makes a folder with it in which the tree can run.
import { copyFileSync, mkdirSync, readFileSync, statSync, writeFileSync } from 'node:fs'
import { fileURLToPath } from 'node:url'
import { wasiVersion } from '../../../test/guests/component-from-wat.mjs'
import { componentFromJavaScript } from '../../../test/guests/messages/component-from-javascript.mjs'
import { pinned } from '../../../test/support/pinned.mjs'

const source = new URL('./fetcher.js', import.meta.url)

const world = `world fetcher {
  import wasi:cli/environment@${wasiVersion};
  import wasi:cli/stdout@${wasiVersion};
  import wasi:http/outgoing-handler@${wasiVersion};
  export wasi:cli/run@${wasiVersion};
}`

/** @returns {Promise<Uint8Array>} */
export function buildFetcher() {
  return componentFromJavaScript(readFileSync(source, 'utf8'), 'fetcher', { worlds: world, packages: '' })
}

/**
 * @param {URL} folder made if it is not there
 * @param {string} key
 */
export async function prepareFetcher(folder, key) {
  mkdirSync(folder, { recursive: true })
  const component = new URL('fetcher.wasm', folder)
  const builtMs = statSync(component, { throwIfNoEntry: false })?.mtimeMs ?? 0
  const newestMs = Math.max(...[source, new URL(import.meta.url)].map((file) => statSync(file).mtimeMs))
  if (builtMs < newestMs) writeFileSync(component, await buildFetcher())
  const manifest = new URL('./fetcher.component.toml', import.meta.url)
  copyFileSync(manifest, new URL('fetcher.component.toml', folder))
  // A secret is a file that not everybody may read.
  writeFileSync(new URL('api-key', folder), `${key}\n`, { mode: 0o600 })
  const approved = pinned(fileURLToPath(component), readFileSync(manifest))
  const tree = readFileSync(new URL('./bulkhead.toml', import.meta.url), 'utf8')
  writeFileSync(new URL('bulkhead.toml', folder), tree.replace('[children.fetcher]\n', `$&${approved}\n`))
}

// A guest inside another component, as tools leave it that put components together: the outer one imports what the guest
// imports, hands it on, and exports what the guest exports.
import { existsSync, readFileSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { componentNew, parse, print } from '@bytecodealliance/jco-transpile/wasm-tools'
import { guestFile } from './test-runtime.mjs'

const adapterFile = new URL('../../packages/component/vendor/wasi_snapshot_preview1.command.wasm', import.meta.url)

/**
 * @param {string} name of a guest in test/guests/build
 * @param {string} folder where to put the component
 * @returns its path
 */
export async function composedGuest(name, folder) {
  const file = join(folder, `composed-${name}.wasm`)
  if (!existsSync(file)) writeFileSync(file, await composed(await asComponent(readFileSync(guestFile(name)))))
  return file
}

/** @param {Uint8Array} bytes a component, or a core module for preview1 */
async function asComponent(bytes) {
  const isComponent = bytes[6] === 1
  if (isComponent) return bytes
  return componentNew(bytes, [['wasi_snapshot_preview1', readFileSync(adapterFile)]])
}

/** @param {Uint8Array} component */
async function composed(component) {
  const text = (await print(component)).trim()
  const lines = text.split('\n')
  // Types and imports come first and are numbered from 0: the same lines mean the same one component further out.
  const head = lines
    .slice(
      1,
      lines.findIndex((line) => line.startsWith('  (core module')),
    )
    .join('\n')
  const imports = [...head.matchAll(/^ {2}\(import "([^"]+)" \(instance/gm)].map(([, import_]) => import_)
  const exports = [...text.matchAll(/^ {2}\(export (?:\S+ )?(?:\(;\d+;\) )?"([^"]+)" \(instance/gm)].map(
    ([, name]) => name,
  )
  const handedOn = imports.map((import_, at) => `(with "${import_}" (instance ${at}))`).join(' ')
  return parse(`(component
    ${head}
    ${text.replace('(component', '(component $guest')}
    (instance $guest (instantiate $guest ${handedOn}))
    ${exports.map((name) => `(export "${name}" (instance $guest "${name}"))`).join('\n')})`)
}

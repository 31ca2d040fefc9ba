// Compiles words.c to words.wasm with clang, which is itself a WebAssembly program from npm: no compiler has to be here.
import { readFileSync, statSync, writeFileSync } from 'node:fs'
import { fileURLToPath } from 'node:url'
import * as toolchain from '@yowasp/clang'

/** Not in its types. @type {{ runClang: import('@yowasp/clang').Command }} */
const { runClang } = /** @type {any} */ (toolchain)

const source = new URL('./words.c', import.meta.url)
const output = new URL('./words.wasm', import.meta.url)

export async function buildExample() {
  const builtMs = statSync(output, { throwIfNoEntry: false })?.mtimeMs ?? 0
  if (builtMs >= statSync(source).mtimeMs) return
  const files = { 'words.c': readFileSync(source, 'utf8') }
  const command = ['clang', '--target=wasm32-wasip1', '-O2', '-Wall', '-Werror', 'words.c', '-o', 'words.wasm']
  const made = await runClang(command, files)
  const wasm = made?.['words.wasm']
  if (!(wasm instanceof Uint8Array)) throw new Error('clang made no words.wasm')
  writeFileSync(output, wasm)
}

if (process.argv[1] === fileURLToPath(import.meta.url)) await buildExample()

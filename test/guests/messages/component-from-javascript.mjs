// Makes a component out of a JavaScript module: QuickJS with the module in it, as a snapshot taken after its top level ran.
//
// The tool delivers two components, one inside which QuickJS would load further modules through the other, linked as
// shared libraries are. Neither is needed here: the module has been loaded, and the libraries lie at known places. What is
// left out of its text makes it an ordinary component, without calls between components and without the proposal
// `extended-const`, which Node 20 has only behind a flag of the whole process.
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { parse, print } from '@bytecodealliance/jco-transpile/wasm-tools'
import { componentize } from 'componentize-qjs'
import { witSource } from '../component-from-wat.mjs'

/**
 * An actor that may also print: to QuickJS the world has the functions of `wasi:cli/stdout` and `wasmcloud:messaging`, and
 * no `console`, `TextDecoder` or `TextEncoder`.
 *
 * @param {string} source a module: `export const handler = { handleMessage(message) { … } }`
 * @param {string} [world] all that it imports becomes code of the component, whether it is used or not
 * @param {import('../component-from-wat.mjs').MoreWit} [more]
 * @returns {Promise<Uint8Array>}
 */
export async function componentFromJavaScript(source, world = 'scripted-actor', more = undefined) {
  const folder = mkdtempSync(join(tmpdir(), 'bulkhead-guest-'))
  const isHidden = source.includes('wasi:http/')
  const named = (/** @type {string} */ text) => (isHidden ? text.replaceAll('wasi:', hidden) : text)
  try {
    const witPath = join(folder, 'world.wit')
    writeFileSync(witPath, named(witSource(more)))
    const made = { witPath, world, jsSource: named(source), sync: true, optSize: true }
    const { component } = await componentize(made)
    return await parse(flattened(await print(component)).replaceAll(hiddenName, shownName))
  } finally {
    rmSync(folder, { recursive: true, force: true })
  }
}

/**
 * The tool runs the module with a WASI of its own, to which `wasi:http` of the world does not fit. Under another name
 * nothing has to fit. QuickJS itself imports WASI too, and two imports have two names: so the world's get another version.
 */
const hidden = 'wasj:'
const hiddenName = /wasj:([\w/-]+)@(\d+\.\d+\.\d+)(-[\w.]+)?/g

/** QuickJS imports no drafts, so that theirs may stay. @type {(...parts: (string | undefined)[]) => string} */
function shownName(_whole, name, version, draft = '') {
  return `wasi:${name}@${draft === '' ? '0.2.11' : version}${draft}`
}

/** @param {string} text a component as the tool makes it */
function flattened(text) {
  const bases = basesIn(text)
  return innerComponent(text)
    .map((line) => withoutModuleLoader(line))
    .filter((line) => !/^ {4}\(export \S.* "init" \(func /.test(line))
    .join('\n')
    .replaceAll(/^ +\(core module \$(\S+)[\s\S]*?\n {4}\)$/gm, (module, library) => withSums(module, library, bases))
}

/** The lines of the first component inside, which is all but the module loader. @param {string} text */
function innerComponent(text) {
  const lines = text.split('\n')
  const begin = lines.indexOf('  (component (;0;)')
  const end = lines.indexOf('  )', begin)
  if (begin === -1 || end === -1) throw new Error('the component is not built as this version of the tool builds them')
  return ['(component', ...lines.slice(begin + 1, end), ')']
}

const loader = '(?:indirect-)?local:init/module-loader'
/** Takes the place of what would load further modules. Whoever asks for one at run time is stopped. */
const noLoader = `(core module $no-loader
      (func (export "resolve") (param i32 i32 i32 i32 i32) unreachable)
      (func (export "load") (param i32 i32 i32) unreachable))
    (core instance $no-loader (instantiate $no-loader))`

/** @param {string} line */
function withoutModuleLoader(line) {
  if (/^ {4}\((?:import "|alias export \$)local:init\/module-loader"? /.test(line)) return ''
  // All imports stand before it.
  if (line.startsWith('    (core module $main ')) return `${noLoader}\n${line}`
  const lowered = new RegExp(
    `^ +\\(core func (\\S+ ${loader}-(resolve|load)"|\\$${loader}-(resolve|load)) .*canon lower`,
  ).exec(line)
  if (lowered === null) return line
  return `    (alias core export $no-loader "${lowered[2] ?? lowered[3]}" (core func ${lowered[1]}))`
}

/** `library:memory_base` → where the main module says that it lies. @param {string} text */
function basesIn(text) {
  const main = /\(core module \$main [\s\S]*?\n {4}\)\n/.exec(text)?.[0] ?? ''
  const constants = new Map(
    [...main.matchAll(/\(global \(;(\d+);\) i32 i32\.const (\d+)\)/g)].map(([, index, value]) => [
      index,
      Number(value),
    ]),
  )
  return new Map(
    [...main.matchAll(/\(export "(\S+:\w+_base)" \(global (\d+)\)\)/g)].map(([, name, index]) => [
      name,
      constants.get(index),
    ]),
  )
}

/** @param {string} module @param {string} library @param {ReadonlyMap<string | undefined, number | undefined>} bases */
function withSums(module, library, bases) {
  const imported = [...module.matchAll(/\(import "[^"]+" "([^"]+)" \(global /g)].map(([, name]) => name)
  return module.replaceAll(/global\.get (\d+) i32\.const (\d+) i32\.add/g, (sum, index, offset) => {
    const base = bases.get(`${library}:${imported[Number(index)]?.replace(/^__/, '')}`)
    if (base === undefined) throw new Error(`\`${sum}\` in ${library}: no base is known`)
    return `i32.const ${base + Number(offset)}`
  })
}

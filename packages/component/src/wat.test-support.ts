import { readFileSync } from 'node:fs'
import { componentEmbed, componentNew, parse } from '@bytecodealliance/jco-transpile/wasm-tools'
import { decodeArtifact, encodeArtifact } from './artifact.js'
import { type BuildOptions, buildArtifact } from './build-artifact.js'
import type { Executable } from './executable.js'

export const MiB = 1024 * 1024

/** A component from the text between `(component` and `)`. */
export const component = (wat: string): Promise<Uint8Array> => parse(`(component ${wat})`)

/** A component whose core module's export `f` is its export `f`. */
export const around = (module: string): Promise<Uint8Array> =>
  component(`(core module $m ${module}) (core instance $i (instantiate $m))
    (func (export "f") (canon lift (core func $i "f")))`)

/** A component that does nothing but exist: imports and exports of a WIT world, every type in them. */
export async function worldComponent(world: string, extra = ''): Promise<Uint8Array> {
  const packages = ['cli', 'clocks', 'filesystem', 'http', 'io', 'messaging', 'random', 'sockets'].map((name) =>
    readFileSync(new URL(`../../contracts/wit/${name}.wit`, import.meta.url), 'utf8')
      .replace(/^package ([^;]+);/, 'package $1 {')
      .concat('}\n'),
  )
  const witSource = `package test:house;\n${extra}\nworld w { ${world} }\n${packages.join('')}`
  return componentNew(await componentEmbed({ witSource, dummy: true, world: 'w', features: { tag: 'all' } }), [])
}

export async function build(bytes: Uint8Array, options: Partial<BuildOptions> = {}) {
  return decodeArtifact(
    encodeArtifact(await buildArtifact(bytes, { memoryBytesMax: 64 * MiB, onStep: () => {}, ...options })),
  )
}

export async function executableOf(bytes: Uint8Array, options: Partial<BuildOptions> = {}): Promise<Executable> {
  const artifact = await build(bytes, options)
  const modules: Record<string, WebAssembly.Module> = {}
  for (const { name, bytes: module } of artifact.modules) modules[name] = await WebAssembly.compile(module)
  const { glue, cachedData } = artifact
  return cachedData === undefined ? { glue, modules } : { glue, cachedData, modules }
}

// Makes a component out of a core module in WAT: the WIT that the project bundles is embedded, and what the module does not
// import is left out of the component's type.
import { readdirSync, readFileSync } from 'node:fs'
import { componentEmbed, componentNew, parse, print } from '@bytecodealliance/jco-transpile/wasm-tools'

const witDirectory = new URL('../../packages/contracts/wit/', import.meta.url)
export const wasiVersion = '0.2.12'

const worlds = `package bulkhead:guests;
world everything {
  include wasi:cli/imports@${wasiVersion};
  import wasi:http/outgoing-handler@${wasiVersion};
  export wasi:cli/run@${wasiVersion};
}
world messenger {
  include wasi:cli/imports@${wasiVersion};
  import wasmcloud:messaging/consumer@0.2.0;
  export wasi:cli/run@${wasiVersion};
}
world actor {
  include wasi:cli/imports@${wasiVersion};
  import wasmcloud:messaging/consumer@0.2.0;
  export wasmcloud:messaging/handler@0.2.0;
}
world service {
  include wasi:cli/imports@${wasiVersion};
  import wasi:http/types@${wasiVersion};
  export wasi:http/incoming-handler@${wasiVersion};
}
world scripted-service {
  import wasi:cli/stdout@${wasiVersion};
  import wasi:clocks/monotonic-clock@${wasiVersion};
  import wasi:http/types@${wasiVersion};
  export wasi:http/incoming-handler@${wasiVersion};
}
world scripted-actor {
  import wasi:cli/stdout@${wasiVersion};
  import wasmcloud:messaging/consumer@0.2.0;
  export wasmcloud:messaging/handler@0.2.0;
}
`

/** Packages beside the bundled ones, and worlds that import them. @typedef {{ worlds: string, packages: string }} MoreWit */

/**
 * Each package of the bundle becomes a nested package, because one source text is all that the embedder takes.
 *
 * @param {MoreWit} [more]
 */
export function witSource(more = { worlds: '', packages: '' }) {
  const packages = readdirSync(witDirectory)
    .filter((name) => name.endsWith('.wit'))
    .map((name) => readFileSync(new URL(name, witDirectory), 'utf8'))
  return [
    worlds,
    more.worlds,
    more.packages,
    ...packages.map((text) => `${text.replace(/^package ([^;]+);/m, 'package $1 {')}\n}`),
  ].join('\n')
}

/**
 * @param {string} wat a core module that exports `memory`, `cabi_realloc` and what its world exports
 * @param {string} [world] `everything`: a command; `messenger`: one that also sends messages; `actor`: what handles messages;
 *   `service`: what answers HTTP requests; or one of `more`
 * @param {MoreWit} [more]
 */
export async function componentFromWat(wat, world = 'everything', more = undefined) {
  const core = await parse(wat)
  const embedded = await componentEmbed({ binary: core, witSource: witSource(more), world })
  return componentNew(embedded, [])
}

/**
 * Every function that a component may import, with the core type it is lowered to.
 * @returns {Promise<{ interface: string, name: string, params: string[], results: string[] }[]>}
 */
export async function everyImport() {
  const dummy = await componentEmbed({ dummy: true, witSource: witSource(), world: 'everything' })
  const text = await print(dummy)
  const types = [
    ...text.matchAll(/^ {2}\(type \(;\d+;\) \(func(?: \(param ([^)]*)\))?(?: \(result ([^)]*)\))?\)\)$/gm),
  ].map(([, params, results]) => ({ params: params?.split(' ') ?? [], results: results?.split(' ') ?? [] }))
  return [...text.matchAll(/\(import "cm32p2\|([^"@]+)@[^"]*" "([^"]+)" \(func \(;\d+;\) \(type (\d+)\)\)\)/g)].flatMap(
    ([, name = '', fn = '', type]) => {
      const shape = types[Number(type)]
      return fn.endsWith('_drop') || shape === undefined ? [] : [{ interface: name, name: fn, ...shape }]
    },
  )
}

// Runs in the actor's worker, before and around the guest: it imports nothing but `vm`.
import { Script } from 'node:vm'
import type { Executable } from './executable.js'
import { glueFileName } from './glue-file-name.js'
import './webassembly-types.js'

export type { Executable, PortableExecutable } from './executable.js'

/** Unversioned interface name to the object that the glue reads its functions and classes from. */
export type GlueImports = Readonly<Record<string, Readonly<Record<string, unknown>>>>
/** What the component exports: functions by name, and an object for each exported interface, with and without version. */
export type GuestExports = Readonly<Record<string, unknown>>

export type InstantiateHooks = {
  /**
   * The exact code of a preview1 program's exit, which the adapter flattens to success or failure. Must not return: what
   * it throws unwinds the guest.
   */
  readonly onExit?: (code: number) => never
  /** Called once for each linear memory, as soon as it exists. */
  readonly onMemory?: (memory: WebAssembly.Memory) => void
  /** A part of the component used a handle that it was not given. Must not return; without it, that is a trap. */
  readonly onForgedHandle?: (handle: number) => never
}

export type Instantiate = (imports: GlueImports, hooks?: InstantiateHooks) => GuestExports

/** Absent for a module that imports nothing. */
type CoreImports = WebAssembly.Imports | undefined
type GlueInstantiate = (
  getCoreModule: (name: string) => WebAssembly.Module,
  imports: GlueImports,
  instantiateCore: (module: WebAssembly.Module, imports: CoreImports) => WebAssembly.Instance,
) => unknown

const preview1 = 'wasi_snapshot_preview1'
/** The glue prints what a trap says; that belongs to the guest's own stderr, not to the host's terminal. */
const silentConsole = Object.freeze({ error: () => {} })
const glueGlobal = Object.freeze({ WebAssembly })

/**
 * Compiles the glue and returns what starts the guest: one call, one instance.
 *
 * @example
 * ```ts
 * const instantiate = loadExecutable(prepared.executable)
 * const exports = instantiate(host.imports, { onExit: (code) => { throw new GuestExit(code) } })
 * ```
 */
export function loadExecutable(executable: Executable): Instantiate {
  const { glue, cachedData, modules } = executable
  // Without `importModuleDynamically`, an `import()` in the script rejects.
  const script = new Script(glue, {
    filename: glueFileName,
    ...(cachedData === undefined
      ? {}
      : { cachedData: Buffer.from(cachedData.buffer, cachedData.byteOffset, cachedData.byteLength) }),
  })
  const makeInstantiate = script.runInThisContext() as (
    glueGlobal: object,
    glueConsole: object,
    forgedHandle: (handle: number) => never,
  ) => GlueInstantiate
  const getCoreModule = (name: string): WebAssembly.Module => {
    const module = Object.hasOwn(modules, name) ? modules[name] : undefined
    if (module === undefined) throw new TypeError(`the executable has no core module \`${name}\``)
    return module
  }
  return (imports, hooks = {}) => {
    const instantiate = makeInstantiate(glueGlobal, silentConsole, hooks.onForgedHandle ?? trapOnForgedHandle)
    const exports = instantiate(getCoreModule, imports, instantiateWith(hooks))
    if (typeof exports !== 'object' || exports === null || exports instanceof Promise) {
      throw new TypeError('the glue did not instantiate synchronously')
    }
    return exports as GuestExports
  }
}

function trapOnForgedHandle(handle: number): never {
  throw new WebAssembly.RuntimeError(`unknown handle ${handle}`)
}

function instantiateWith(
  hooks: InstantiateHooks,
): (module: WebAssembly.Module, imports: CoreImports) => WebAssembly.Instance {
  const seen = new WeakSet<WebAssembly.Memory>()
  return (module, imports) => {
    const instance = new WebAssembly.Instance(module, withExit(imports, hooks.onExit))
    for (const exported of Object.values(instance.exports)) {
      if (!(exported instanceof WebAssembly.Memory) || seen.has(exported)) continue
      seen.add(exported)
      hooks.onMemory?.(exported)
    }
    return instance
  }
}

function withExit(imports: CoreImports, onExit: ((code: number) => never) | undefined): CoreImports {
  const functions = imports?.[preview1]
  if (onExit === undefined || functions === undefined || !Object.hasOwn(functions, 'proc_exit')) return imports
  return { ...imports, [preview1]: { ...functions, proc_exit: (code: number) => onExit(code >>> 0) } }
}

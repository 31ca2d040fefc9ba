import './webassembly-types.js'

/**
 * What an actor's worker is given to run. Structured-cloneable between threads of one process: core modules travel
 * compiled.
 */
export type Executable = ExecutableScript & {
  /** By the file names that the glue asks for. */
  readonly modules: Readonly<Record<string, WebAssembly.Module>>
}

/** The same for a process of its own, which compiles the core modules itself. */
export type PortableExecutable = ExecutableScript & {
  readonly modules: readonly { readonly name: string; readonly bytes: Uint8Array }[]
}

type ExecutableScript = {
  /** The checked glue, as a script. */
  readonly glue: string
  /** V8's code cache for exactly this glue. Absent, or rejected by another V8: the glue is compiled as it is. */
  readonly cachedData?: Uint8Array
}

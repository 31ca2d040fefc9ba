// Node's type declarations leave `WebAssembly` to the browser's, which would bring a thousand globals that do not exist
// here. These are the parts that the runtime uses; whoever imports `@bulkhead/component/load` gets them too.
export {}

declare global {
  namespace WebAssembly {
    /** A compiled core module: opaque, and cloneable between the threads of one process. */
    class Module {
      constructor(bytes: Uint8Array)
      static imports(module: Module): { readonly module: string; readonly name: string; readonly kind: string }[]
      static exports(module: Module): { readonly name: string; readonly kind: string }[]
    }
    class Instance {
      constructor(module: Module, imports?: Imports)
      readonly exports: Exports
    }
    class Memory {
      constructor(descriptor: { readonly initial: number; readonly maximum?: number; readonly shared?: boolean })
      readonly buffer: ArrayBuffer
      grow(pages: number): number
    }
    class CompileError extends Error {}
    class LinkError extends Error {}
    class RuntimeError extends Error {}
    type Imports = Readonly<Record<string, Readonly<Record<string, unknown>>>>
    type Exports = Readonly<Record<string, unknown>>
    function compile(bytes: Uint8Array): Promise<Module>
  }
}

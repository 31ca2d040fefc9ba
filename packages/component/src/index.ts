export type { ComponentKind } from './artifact.js'
export { loadOrCreateCacheKey } from './cache-key-file.js'
export {
  type BuildPhase,
  type BuildProgress,
  ComponentBuilder,
  type ComponentBuilderOptions,
  type ComponentSource,
  type PortableComponent,
  type PreparedComponent,
  type PrepareOptions,
} from './component-builder.js'
export { declarations } from './declarations.js'
export type { DescribedImport, Description, Extent } from './describe.js'
export type { Executable, PortableExecutable } from './executable.js'
export { type Inspection, inspect } from './inspect.js'
export type { Need } from './needs.js'
export { resolveComponent } from './resolve-component.js'

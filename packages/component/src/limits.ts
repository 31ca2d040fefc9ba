/** Bytes of a component file (SPEC 13). */
export const componentBytesMax = 64 * 1024 * 1024
/** Milliseconds that adapting, verifying and transpiling one component may take. */
export const transpileMsMax = 60_000
/** Bytes of memory that the build process may use. */
export const buildMemoryBytesMax = 2 * 1024 ** 3
/** Megabytes of JavaScript heap of the thread that builds. */
export const buildHeapMegabytesMax = 1024
/** Milliseconds after the deadline in which the build process may still report; then it is killed. */
export const buildGraceMs = 2_000
/** JavaScript engines in the build process: its own, the thread that builds, and the one that replaces it after a failure. */
export const buildEngines = 3
/** Milliseconds that an idle build process stays. */
export const buildIdleMs = 15_000
/** Milliseconds between two looks at a build process's memory, where no limit can be set on it. */
export const memoryWatchMs = 50
/** Entries of all tables of a component together (SPEC 12). */
export const tableEntriesMax = 10_000_000
/** Globals of all instances in a component together: the engine keeps them outside of every memory, some 32 bytes each. */
export const globalsMax = 500_000
/** Bytes of a WebAssembly page. */
export const wasmPageBytes = 65_536
/** Pages that one memory can have at all. */
export const wasmPagesMax = 65_536
/** Core modules in one component. */
export const coreModulesMax = 1_000
/** Instances of core modules in one component. */
export const coreInstancesMax = 1_000
/** Characters of generated glue. */
export const glueCharactersMax = 32 * 1024 * 1024
/** Compiled artifacts that a builder keeps in memory, so that a program which is run again is not compiled again. */
export const compiledArtifactsMax = 4
/** Bytes of a cached artifact. */
export const artifactBytesMax = 256 * 1024 * 1024
/** Bytes of an embedded manifest (SPEC 4). */
export const manifestBytesMax = 256 * 1024
/** Names that one message lists. */
export const listedNamesMax = 20
/** Bytes of the key that artifacts are authenticated with. */
export const cacheKeyBytes = 32
/** Components inside components. */
export const nestedComponentsMax = 16

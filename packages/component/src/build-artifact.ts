import {
  editionNames,
  extractImportSections,
  type ImportedInterface,
  type InterfaceContract,
  parseImportTypes,
} from '@bulkhead/contracts'
import { BulkheadError } from '@bulkhead/vocabulary'
import { transpileBytes } from '@bytecodealliance/jco-transpile'
import { print } from '@bytecodealliance/jco-transpile/wasm-tools'
import { adapt } from './adapt.js'
import type { Artifact } from './artifact.js'
import { checkNames } from './check-names.js'
import { produceCodeCache } from './code-cache.js'
import { codeDigest } from './code-digest.js'
import { embeddedManifest } from './embedded-manifest.js'
import { verifyExports } from './export-errors.js'
import { kindOfExports } from './export-names.js'
import { exportedFunctions } from './exported-functions.js'
import { buildGlue, type CheckedGlue } from './glue/build-glue.js'
import { verifyImports } from './import-errors.js'
import { coreModulesMax } from './limits.js'
import { recognise } from './recognise.js'
import { toolError } from './tool-errors.js'
import { capLimits } from './wasm/cap-limits.js'
import { checkFunctions } from './wasm/check-functions.js'
import { readCoreModule } from './wasm/core-module.js'

export type BuildStep = 'adapt' | 'verify' | 'transpile'

export type BuildOptions = {
  readonly memoryBytesMax: number
  readonly onStep: (step: BuildStep) => void
  /** Interfaces of the host application, beside the bundled ones. */
  readonly interfaces?: readonly InterfaceContract[]
  /**
   * `unchecked` leaves the comparison of import types out, so that a test can prove that the argument validators hold
   * alone. Nothing that is exported from this workspace can set it.
   */
  readonly importTypes?: 'checked' | 'unchecked'
}

/**
 * The whole way from a stranger's bytes to what an actor may run. It runs in the build worker and runs no code of the
 * guest's. The order matters: types are compared before anything is transpiled, names and glue are checked before
 * anything is compiled, and the caps are written last, into the modules that will really be instantiated.
 *
 * @throws {BulkheadError} one of the `component-…` codes, or `resource-limit-exceeded`.
 */
export async function buildArtifact(bytes: Uint8Array, options: BuildOptions): Promise<Artifact> {
  const recognised = recognise(bytes)
  const manifest = embeddedManifest(bytes, recognised)
  // Before any tool is given the bytes: it refuses what is nested too deep.
  const digest = codeDigest(bytes, recognised)
  options.onStep('adapt')
  const { component, warnings } = await adapt(bytes, recognised)
  options.onStep('verify')
  const imported = await importTypesOf(component)
  if (options.importTypes !== 'unchecked') verifyImports(imported, options.interfaces)
  await verifyExports(component)
  const functions = await exportedFunctions(component)
  options.onStep('transpile')
  const emitted = await transpiled(component)
  const glue = buildGlue(emitted.glue)
  const modules = capped(emitted.modules, glue, options.memoryBytesMax)
  const cachedData = produceCodeCache(glue.script)
  return {
    facts: {
      codeDigest: digest,
      kind: kindOfExports(emitted.exports),
      imports: imported.map((each) => (each.version === undefined ? each.name : `${each.name}@${each.version}`)),
      exports: emitted.exports,
      functions,
      ...(manifest === undefined ? {} : { embeddedManifest: manifest }),
      warnings,
    },
    glue: glue.script,
    ...(cachedData === undefined ? {} : { cachedData }),
    modules,
  }
}

/** The complete types of a component's imports, from the few sections that describe them. */
export async function importTypesOf(component: Uint8Array): Promise<ImportedInterface[]> {
  const description = extractImportSections(component)
  try {
    return parseImportTypes(await print(description))
  } catch (thrown) {
    throw toolError('read', thrown)
  }
}

type Emitted = {
  readonly glue: string
  readonly modules: readonly { readonly name: string; readonly bytes: Uint8Array }[]
  readonly exports: readonly string[]
}

const GLUE_FILE = 'component.js'

async function transpiled(component: Uint8Array): Promise<Emitted> {
  const result = await transpile(component)
  const files = Object.entries(result.files)
  const glue = files.find(([name]) => name === GLUE_FILE)
  const modules = files.filter(([name]) => name !== GLUE_FILE).map(([name, bytes]) => ({ name, bytes }))
  if (glue === undefined || modules.some(({ name }) => !/^component\.core\d*\.wasm$/.test(name))) {
    throw new BulkheadError('component-transpile-failed', 'the transpiler wrote files of unknown names', {
      details: { files: files.map(([name]) => name) },
    })
  }
  if (modules.length > coreModulesMax) {
    throw new BulkheadError('component-too-large', `the component holds ${modules.length} core modules`, {
      details: { limit: coreModulesMax },
    })
  }
  return { glue: new TextDecoder().decode(glue[1]), modules, exports: result.exports.map(([name]) => name) }
}

async function transpile(component: Uint8Array): ReturnType<typeof transpileBytes> {
  try {
    // The name is ours: it would stand in the glue. `importBindings: 'js'` keeps every call on the way through the guard.
    return await transpileBytes(component, {
      name: 'component',
      instantiation: 'sync',
      importBindings: 'js',
      map: editionNames,
      emitTypescriptDeclarations: false,
    })
  } catch (thrown) {
    throw (await uncopiedTexts(component, thrown)) ?? toolError('transpiled', thrown)
  }
}

/** Where the parts of a component hand each other texts that are not UTF-8, the transpiler has no words, only a trap. */
async function uncopiedTexts(component: Uint8Array, thrown: unknown): Promise<BulkheadError | undefined> {
  if (!(thrown instanceof WebAssembly.RuntimeError)) return undefined
  const encoding = /string-encoding=(utf16|latin1\+utf16)/.exec(await print(component))?.[1]
  if (encoding === undefined) return undefined
  return new BulkheadError(
    'component-transpile-failed',
    `the component could not be transpiled: its parts hand each other texts in \`${encoding}\`, which cannot be copied here`,
    {
      details: { stage: 'transpiled', encoding },
      hint: 'build its parts with texts in UTF-8 (`string-encoding=utf8`)',
    },
  )
}

function capped(modules: Emitted['modules'], glue: CheckedGlue, memoryBytesMax: number): Artifact['modules'] {
  const counted = modules.map(({ name, bytes }) => {
    const module = readCoreModule(bytes)
    checkNames(module.imports.flatMap((each) => [each.module, each.name]))
    checkNames(module.exports.map((each) => each.name))
    checkFunctions(module)
    return { name, module, instances: glue.instances.get(name) ?? 0 }
  })
  const rewritten = capLimits(counted, memoryBytesMax)
  return counted.map(({ name, module }, index) => ({ name, bytes: rewritten[index] ?? module.bytes }))
}

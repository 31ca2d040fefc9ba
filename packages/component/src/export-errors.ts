import { type ExportType, exportTypes } from '@bulkhead/contracts'
import { BulkheadError } from '@bulkhead/vocabulary'
import { componentWit } from '@bytecodealliance/jco-transpile/wasm-tools'
import { readComponentTop } from './component-types.js'
import { asIncomingHandler, incomingHandler } from './incoming-handler-type.js'
import { toolError } from './tool-errors.js'
import { concatBytes, leb, sectionBytes } from './wasm/byte-writer.js'

const INSTANCE = 5

/**
 * Compares the type of every export that this host calls with the bundled interface. The transpiler does not: its glue
 * would call whatever the component gave that name.
 *
 * An export's type follows from instances inside of instances, so it is not read here. The component is written anew with
 * the same instance exported once more, this time *as* the type that it ought to have, and a validator says whether that
 * component is one.
 *
 * @throws {BulkheadError} `component-export-type-mismatch`; `component-invalid` when it is no component at all.
 */
export async function verifyExports(component: Uint8Array): Promise<void> {
  const top = readComponentTop(component)
  for (const { name, index } of top.instances) {
    const [bare = '', version = ''] = name.split('@')
    const expected = exportTypes.get(bare)
    const ours = bare === incomingHandler.name ? incomingHandler.version : expected?.version
    if (ours === undefined) continue
    if (!isCompatible(version, ours)) throw mismatch(name, `its version is not one of this host, which has ${ours}`)
    const ascribed =
      expected === undefined
        ? asIncomingHandler(component, top, index)
        : withAscription(component, expected, top.types, index)
    if (ascribed !== undefined && (await isValid(ascribed))) continue
    await componentWit(component).catch((thrown: unknown) => {
      throw toolError('read', thrown)
    })
    throw mismatch(name, 'its functions have other types than the interface')
  }
}

/** Versions before 1.0 keep their types within one minor number. */
function isCompatible(version: string, ours: string): boolean {
  const [major, minor] = ours.split('.')
  const [theirMajor, theirMinor, patch = '', ...rest] = version.split('.')
  return theirMajor === major && theirMinor === minor && /^\d{1,4}$/.test(patch) && rest.length === 0
}

/** The same component, with one instance exported once more under the type that it ought to have. */
function withAscription(component: Uint8Array, expected: ExportType, types: number, index: number): Uint8Array {
  const name = new TextEncoder().encode('bulkhead:expected/type')
  const entry = [0, ...leb(name.length), ...name, INSTANCE, ...leb(index), 1, INSTANCE, ...leb(types)]
  return concatBytes([component, sectionBytes(7, expected.typeSection), sectionBytes(11, [1, ...entry])])
}

async function isValid(component: Uint8Array): Promise<boolean> {
  try {
    await componentWit(component)
    return true
  } catch {
    return false
  }
}

function mismatch(name: string, what: string): BulkheadError {
  return new BulkheadError('component-export-type-mismatch', `the component exports \`${name}\`, but ${what}`, {
    details: { export: name },
    hint: 'build it against the published WIT of that interface',
  })
}

import type { FunctionContract, InterfaceContract } from './contract.js'
import { describeType } from './describe-type.js'
import { writtenInterface } from './editions.js'
import { mismatchesMax } from './limits.js'
import type { ImportedFunction, ImportedInterface } from './parse-import-types.js'
import { sameType } from './same-type.js'
import { isCompatible, isDraft } from './versions.js'

/** Why an import cannot be given to a component. */
export type ImportMismatch = {
  /** `unknown`: this host does not have it. `mismatch`: it has it with other types, which no honest tool produces. */
  readonly kind: 'unknown' | 'mismatch'
  /** With the version that the component wrote. */
  readonly interface: string
  readonly function?: string
  readonly message: string
}

/**
 * Compares what a component imports with what this host offers, by structure: names, order, integer widths, and which
 * interface declares each resource. A component may import fewer functions than there are.
 *
 * The transpiler does not do this: it hands a host function whatever the component declared its parameters to be.
 *
 * @returns every difference, at most `mismatchesMax`; empty when all agree.
 * @example
 * ```ts
 * compareImports(parseImportTypes(wat), interfaceContracts)
 * // [{ kind: 'mismatch', interface: 'wasi:random/random@0.2.0', function: 'get-random-bytes',
 * //    message: 'get-random-bytes: parameter `len` is record { to-string: u8 }, expected u64' }]
 * ```
 */
export function compareImports(
  imported: readonly ImportedInterface[],
  contracts: ReadonlyMap<string, InterfaceContract>,
): ImportMismatch[] {
  const findings: ImportMismatch[] = []
  for (const each of imported) {
    if (findings.length >= mismatchesMax) break
    findings.push(...compareInterface(each, contracts.get(each.name)))
  }
  return findings.slice(0, mismatchesMax)
}

function compareInterface(imported: ImportedInterface, contract: InterfaceContract | undefined): ImportMismatch[] {
  const written = writtenInterface(imported.name)
  const name = imported.version === undefined ? written : `${written}@${imported.version}`
  const unknown = (message: string): ImportMismatch => ({ kind: 'unknown', interface: name, message })
  // One of nothing but types asks for nothing: the interfaces that a component exports share their types so.
  if (contract === undefined && asksForNothing(imported)) return []
  if (contract === undefined) return [unknown(`\`${name}\` is not an interface of this host`)]
  if (!isCompatible(imported.version, contract.version)) {
    return [unknown(`\`${name}\` is not a version of this host, which has ${contract.version}`)]
  }
  const differing = imported.functions.flatMap((fn) => compareFunction(name, fn, contract))
  return [
    ...imported.foreign.map((text) => unknown(`\`${name}\` holds ${text}, which no interface of this host has`)),
    ...imported.resources
      .filter((resource) => !contract.resources.includes(resource))
      .map((resource) => unknown(`\`${name}\` has no resource \`${resource}\``)),
    // Drafts of one name differ among themselves: that proves nothing about who imports one.
    ...(isDraft(contract.version) ? differing.map((each) => ({ ...each, kind: 'unknown' as const })) : differing),
  ]
}

function compareFunction(
  interfaceName: string,
  found: ImportedFunction,
  contract: InterfaceContract,
): ImportMismatch[] {
  const expected = contract.functions.find((candidate) => candidate.name === found.name)
  const base = { interface: interfaceName, function: found.name }
  if (expected === undefined) {
    return [{ kind: 'unknown', ...base, message: `\`${interfaceName}\` has no function \`${found.name}\`` }]
  }
  return differences(found, expected, contract.name).map((message) => ({
    kind: 'mismatch',
    ...base,
    message: `${found.name}: ${message}`,
  }))
}

function differences(found: ImportedFunction, expected: FunctionContract, interfaceName: string): string[] {
  const messages: string[] = []
  const { shape, resource } = expected
  if (shape === 'method' && resource !== undefined) {
    const self = { kind: 'borrow', interface: interfaceName, resource } as const
    if (!sameType(found.receiver, self)) {
      messages.push(`parameter \`self\` is ${describeType(found.receiver)}, expected ${describeType(self)}`)
    }
  }
  if (found.params.length !== expected.params.length) {
    messages.push(`has ${found.params.length} parameters, expected ${expected.params.length}`)
  }
  for (const [index, parameter] of expected.params.entries()) {
    const other = found.params[index]
    if (other === undefined) break
    if (other.name !== parameter.name) {
      messages.push(`parameter ${index + 1} is named \`${other.name}\`, expected \`${parameter.name}\``)
    }
    if (!sameType(other.type, parameter.type)) {
      messages.push(
        `parameter \`${parameter.name}\` is ${describeType(other.type)}, expected ${describeType(parameter.type)}`,
      )
    }
  }
  if (!sameType(found.result, expected.result)) {
    messages.push(`the result is ${describeType(found.result)}, expected ${describeType(expected.result)}`)
  }
  return messages
}

function asksForNothing({ functions, resources, foreign }: ImportedInterface): boolean {
  return functions.length + resources.length + foreign.length === 0
}

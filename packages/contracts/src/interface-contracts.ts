import type { InterfaceContract } from './contract.js'
import { generatedContracts } from './generated/contracts.js'

/** The release of WASI that the contracts were generated from. */
export const wasiVersion: string = versionOf('wasi:io/streams')

/** Every interface that this host knows, by its name without version. */
export const interfaceContracts: ReadonlyMap<string, InterfaceContract> = new Map(
  generatedContracts.map((contract) => [contract.name, contract]),
)

function versionOf(name: string): string {
  return generatedContracts.find((contract) => contract.name === name)?.version ?? ''
}

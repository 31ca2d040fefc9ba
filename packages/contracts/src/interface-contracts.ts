import type { InterfaceContract } from './contract.js'
import { generatedContracts, generatedVersion } from './generated/contracts.js'

/** The release of WASI that the contracts were generated from. */
export const wasiVersion: string = generatedVersion

/** Every interface that this host knows, by its name without version. */
export const interfaceContracts: ReadonlyMap<string, InterfaceContract> = new Map(
  generatedContracts.map((contract) => [contract.name, contract]),
)

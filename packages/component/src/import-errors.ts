import { compareImports, type ImportedInterface, type InterfaceContract, interfaceContracts } from '@bulkhead/contracts'
import { BulkheadError } from '@bulkhead/vocabulary'
import { listedNamesMax } from './limits.js'

/**
 * Compares every import's type with the bundled interfaces and those of the host application.
 *
 * @throws {BulkheadError} `component-import-type-mismatch` or `component-import-unknown`, with every finding.
 */
export function verifyImports(
  imported: readonly ImportedInterface[],
  offered: readonly InterfaceContract[] = [],
): void {
  const own = offered.map((contract) => [contract.name, contract] as const)
  const findings = compareImports(imported, new Map([...interfaceContracts, ...own]))
  const mismatches = findings.filter((finding) => finding.kind === 'mismatch')
  if (mismatches.length > 0) {
    const lines = mismatches.map((finding) => `${finding.interface} ${finding.message}`)
    throw new BulkheadError(
      'component-import-type-mismatch',
      `the component imports functions with types that they do not have: ${listed(lines)}`,
      {
        details: { findings: lines },
        hint: mismatches.every((finding) => own.some(([name]) => finding.interface.startsWith(`${name}@`)))
          ? 'build it with the WIT that the host application offers now'
          : 'no honest toolchain writes other types for a standard interface; do not trust this component',
      },
    )
  }
  if (findings.length > 0) {
    const lines = findings.map((finding) => finding.message)
    throw unknownImports([...new Set(findings.map((each) => nameOf(each.interface, each.function)))], lines)
  }
}

/** `component-import-unknown` with the list. */
export function unknownImports(names: readonly string[], findings: readonly string[] = []): BulkheadError {
  return new BulkheadError(
    'component-import-unknown',
    `the component imports what this host does not have: ${listed(names.map((name) => `\`${name.slice(0, 200)}\``))}`,
    {
      details: { imports: names, findings },
      hint: 'this host has the WASI 0.2 interfaces cli, clocks, config, filesystem, http, io, keyvalue, logging, random and sockets',
    },
  )
}

function nameOf(interfaceName: string, functionName: string | undefined): string {
  return functionName === undefined ? interfaceName : `${interfaceName} ${functionName}`
}

function listed(names: readonly string[]): string {
  const shown = names.slice(0, listedNamesMax).join(', ')
  return names.length > listedNamesMax ? `${shown}, and ${names.length - listedNamesMax} more` : shown
}

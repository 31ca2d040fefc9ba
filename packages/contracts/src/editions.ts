// Drafts of one interface that are in use beside each other and have different types. The glue reads imports by names
// without versions, so that each such draft is a contract of its own, under a name of its own.

const editions: ReadonlyMap<string, string> = new Map(
  ['store', 'atomics', 'batch'].map((name) => [`wasi:keyvalue/${name}@0.2.0-draft2`, `wasi:keyvalue-draft2/${name}`]),
)

/** What the transpiler has to call these imports: written name → the name of the contract. */
export const editionNames: Readonly<Record<string, string>> = Object.fromEntries(editions)

/** The name of the contract that a written import means, and its version. */
export function splitImportName(written: string): [name: string, version: string | undefined] {
  const at = written.indexOf('@')
  if (at === -1) return [written, undefined]
  return [editions.get(written) ?? written.slice(0, at), written.slice(at + 1)]
}

/** The interface as components write it, of the name of a contract. */
export function writtenInterface(contract: string): string {
  return contract.replace('wasi:keyvalue-draft2/', 'wasi:keyvalue/')
}

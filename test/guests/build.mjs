// Builds the guests of the tests into ./build; what is newer than its sources stays. `node test/guests/build.mjs [--all]`
import { mkdirSync, readdirSync, readFileSync, renameSync, rmSync, statSync, writeFileSync } from 'node:fs'
import { fileURLToPath } from 'node:url'
import { parseArgs } from 'node:util'

const here = new URL('./', import.meta.url)
const outputDirectory = new URL('./build/', here)
const witDirectory = new URL('../../packages/contracts/wit/', here)

/** @typedef {{ name: string, sources: URL[], make: () => Promise<Uint8Array> }} Guest */

/** @param {URL} directory @param {string} extension */
function filesIn(directory, extension) {
  return readdirSync(directory)
    .filter((name) => name.endsWith(extension))
    .map((name) => new URL(name, directory))
}

/** @returns {Promise<Uint8Array>} A preview1 command module. */
async function fileOperator() {
  const { default: asc } = await import('assemblyscript/asc')
  /** @type {Uint8Array | undefined} */
  let binary
  const directory = new URL('./file-operator/', here)
  const { error, stderr } = await asc.main(
    [
      ...['index.ts', '--outFile', 'file-operator.wasm', '--runtime', 'stub', '--use', 'abort='],
      ...['-O3', '--debug', '--initialMemory', '128'],
    ],
    {
      readFile: (name) => {
        try {
          return readFileSync(new URL(name, directory), 'utf8')
        } catch {
          return null // The compiler asks for several spellings of each import.
        }
      },
      writeFile: (name, contents) => {
        if (name === 'file-operator.wasm' && typeof contents !== 'string') binary = contents
      },
      listFiles: () => [],
    },
  )
  if (error !== null || binary === undefined) throw new Error(`the file operator does not compile\n${stderr}`)
  return binary
}

/** @returns {Guest[]} */
function componentGuests(
  /** @type {Record<string, () => string | Promise<string>>} */ wats,
  /** @type {URL[]} */ sources,
) {
  return Object.entries(wats).map(([name, wat]) => ({
    name,
    sources,
    make: async () => {
      const { componentFromWat } = await import('./component-from-wat.mjs')
      return componentFromWat(await wat())
    },
  }))
}

/**
 * What sends and handles messages: small modules, and one guest each in AssemblyScript and JavaScript.
 *
 * @param {URL[]} common
 * @returns {Promise<Guest[]>}
 */
async function messageGuests(common) {
  const { messagePrograms } = await import('./messages/programs.mjs')
  const folder = new URL('./messages/', here)
  const assembly = new URL('./assembly/', folder)
  const assemblySources = [
    ...common,
    ...filesIn(assembly, '.ts'),
    new URL('./component-from-assemblyscript.mjs', folder),
  ]
  const small = Object.entries(messagePrograms).map(([name, wat]) => ({
    name,
    sources: [...common, new URL('./programs.mjs', folder)],
    make: async () => {
      const { componentFromWat } = await import('./component-from-wat.mjs')
      return componentFromWat(wat(), 'actor')
    },
  }))
  const inAssemblyScript = Object.entries(/** @type {const} */ ({ operator: 'actor', commander: 'messenger' })).map(
    ([name, world]) => ({
      name: `messages-${name}`,
      sources: assemblySources,
      make: async () => {
        const { componentFromAssemblyScript } = await import('./messages/component-from-assemblyscript.mjs')
        return componentFromAssemblyScript(fileURLToPath(new URL(`${name}.ts`, assembly)), world)
      },
    }),
  )
  const source = new URL('./javascript-actor.js', folder)
  const inJavaScript = {
    name: 'messages-javascript',
    sources: [...common, source, new URL('./component-from-javascript.mjs', folder)],
    make: async () => {
      const { componentFromJavaScript } = await import('./messages/component-from-javascript.mjs')
      return componentFromJavaScript(readFileSync(source, 'utf8'))
    },
  }
  return [...small, ...inAssemblyScript, inJavaScript]
}

/** @returns {Promise<Guest[]>} In the order in which they are built. */
async function guests() {
  const { programs } = await import('./programs.mjs')
  const { stackExhaustionGuests } = await import('./stack-exhaustion.mjs')
  const common = [
    new URL('./component-from-wat.mjs', here),
    new URL('./prelude.mjs', here),
    ...filesIn(witDirectory, '.wit'),
  ]
  return [
    { name: 'file-operator', sources: filesIn(new URL('./file-operator/', here), '.ts'), make: fileOperator },
    ...componentGuests(programs, [...common, new URL('./programs.mjs', here)]),
    ...componentGuests(stackExhaustionGuests, [...common, new URL('./stack-exhaustion.mjs', here)]),
    ...(await messageGuests(common)),
    ...(await import('./storage/storage-guests.mjs')).storageGuests(common),
    ...(await import('./interfaces/interface-guests.mjs')).interfaceGuests(common),
    ...(await import('./calls/calls-guests.mjs')).callsGuests(common),
    ...(await import('./lifecycle/lifecycle-guests.mjs')).lifecycleGuests(common),
    ...(await import('./http/http-guests.mjs')).httpGuests(common),
    ...(await import('./network/network-guests.mjs')).networkGuests(common),
  ]
}

/** @param {URL} file */
function modifiedMs(file) {
  return statSync(file, { throwIfNoEntry: false })?.mtimeMs ?? 0
}

/** @param {{ all?: boolean, report?: (line: string) => void }} [options] */
export async function buildGuests({ all = false, report = () => {} } = {}) {
  mkdirSync(outputDirectory, { recursive: true })
  for (const guest of await guests()) {
    const output = new URL(`${guest.name}.wasm`, outputDirectory)
    const newestMs = Math.max(...[new URL('./build.mjs', here), ...guest.sources].map(modifiedMs))
    if (!all && modifiedMs(output) >= newestMs) continue
    const startedMs = performance.now()
    const bytes = await guest.make()
    writeAtOnce(output, bytes)
    report(`built ${guest.name}.wasm  ${bytes.length} bytes  ${Math.round(performance.now() - startedMs)} ms`)
  }
}

/** Two builders may run beside each other: a reader never sees half a file. @param {URL} file @param {Uint8Array} bytes */
function writeAtOnce(file, bytes) {
  const draft = new URL(`${file.href}.${process.pid}`)
  try {
    writeFileSync(draft, bytes)
    renameSync(draft, file)
  } finally {
    rmSync(draft, { force: true })
  }
}

if (process.argv[1] === fileURLToPath(import.meta.url)) {
  const { values } = parseArgs({ options: { all: { type: 'boolean', default: false } } })
  await buildGuests({ all: values.all, report: (line) => process.stdout.write(`${line}\n`) })
}

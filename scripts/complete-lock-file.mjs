// Adds to package-lock.json what npm leaves out of it when the registry in use does not carry every platform's binaries:
// an entry for each optional dependency of another platform. Without them `npm ci` refuses the lock file, here or on the
// platform in question. Run it after `npm install`; `test/architecture` says when it is needed.
import { readFileSync, writeFileSync } from 'node:fs'

const file = new URL('../package-lock.json', import.meta.url)
const lock = JSON.parse(readFileSync(file, 'utf8'))
const { '': root, ...packages } = lock.packages

for (const entry of Object.values(packages)) {
  for (const [name, version] of Object.entries(entry.optionalDependencies ?? {})) {
    const path = `node_modules/${name}`
    // A range is resolved by npm alone; the binaries of one tool are always named by an exact version.
    if (packages[path] === undefined && /^\d+\.\d+\.\d+$/.test(version)) {
      packages[path] = entryFor(name, version, entry)
      console.log(`added ${name} ${version}`)
    }
  }
}

const sorted = Object.fromEntries(Object.entries(packages).sort(([one], [other]) => (one < other ? -1 : 1)))
lock.packages = { '': root, ...sorted }
writeFileSync(file, `${JSON.stringify(lock, null, 2)}\n`)

/** npm skips an entry by its `os`, `cpu` and `libc`; tools name these in the package's name. */
function entryFor(name, version, parent) {
  const words = name.split('/').at(-1).split('-')
  const os = { windows: 'win32' }
  const systems = ['android', 'darwin', 'freebsd', 'linux', 'openharmony', 'win32', 'windows']
  const system = systems.find((one) => words.includes(one))
  const cpu = ['arm64', 'x64', 'ia32', 'ppc64', 's390x', 'riscv64', 'arm'].find((one) => words.includes(one)) ?? 'x64'
  if (system === undefined) throw new Error(`${name} does not say its platform`)
  return {
    version,
    cpu: [cpu],
    ...(parent.dev === true ? { dev: true } : {}),
    ...(words.includes('musl') ? { libc: ['musl'] } : {}),
    optional: true,
    os: [os[system] ?? system],
  }
}

import { existsSync, mkdirSync, readdirSync, readFileSync, rmSync, statSync, symlinkSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { componentFromWat } from '../../test/guests/component-from-wat.mjs'

/** Makes the folders that the tour's children mount, empty but for what they are to find, and builds the small guests. */
export async function prepareExample(example) {
  for (const folder of ['out', 'counter', 'drop', 'outside']) {
    rmSync(join(example, folder), { recursive: true, force: true })
    mkdirSync(join(example, folder))
  }
  // What children did on an earlier tour would be held against them: they would begin in quarantine.
  rmSync(join(example, '.bulkhead/counters'), { recursive: true, force: true })
  writeFileSync(join(example, 'out/report.txt'), unfinishedReport())
  writeFileSync(join(example, 'outside/secret.txt'), 'Nobody in the sandbox may read this.\n')
  writeFileSync(join(example, 'drop/note.txt'), 'granted, and read\n')
  symlinkSync('../outside/secret.txt', join(example, 'drop/latest.txt'))
  await buildGuests(join(example, 'guests'))
}

/**
 * What stands in the report's place until tally has written it. The program that speaks would end well if the file were
 * missing; this it cannot end: it speaks for a while, then comes to a sentence that needs more memory than it was granted,
 * aborts, and its supervisor starts it again.
 */
function unfinishedReport() {
  return `${'The report is not written yet. '.repeat(60)}${'not written yet '.repeat(500)}`
}

async function buildGuests(folder) {
  for (const name of readdirSync(folder).filter((one) => one.endsWith('.wat'))) {
    const source = join(folder, name)
    const built = source.replace(/\.wat$/, '.wasm')
    if (existsSync(built) && statSync(built).mtimeMs > statSync(source).mtimeMs) continue
    writeFileSync(built, await componentFromWat(readFileSync(source, 'utf8')))
  }
}

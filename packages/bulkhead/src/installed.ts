// Perimeter: reads a file beside the code. The first import of index.ts, so that it speaks before other code fails.
import { readFileSync } from 'node:fs'
import { BulkheadError } from '@bulkhead/vocabulary'

/**
 * Threads and processes are started from files of the packages: a bundler that put this code into another file has left
 * them behind.
 *
 * @param place `import.meta.url` of code that lies one folder below its package
 * @throws {BulkheadError} `not-installed`
 */
export function assertInstalled(place: string | undefined): void {
  if (packageAbove(place) === 'bulkhead') return
  throw new BulkheadError('not-installed', `\`bulkhead\` runs as a package, and was bundled into \`${place}\``, {
    hint: 'mark it as external: esbuild --packages=external, or rollup with external: [/^@?bulkhead/]',
  })
}

function packageAbove(place: string | undefined): unknown {
  try {
    return JSON.parse(readFileSync(new URL('../package.json', place), 'utf8')).name
  } catch {
    return undefined
  }
}

assertInstalled(import.meta.url)

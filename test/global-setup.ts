import { bundleThreads } from '../packages/actor/bundle-threads.mjs'
import { buildGuests } from './guests/build.mjs'

/**
 * The guests are built once before any test. The packages were built by the script that started the tests; what actors run
 * is put together once more, for whoever has compiled one package alone since.
 */
export async function setup(): Promise<void> {
  await bundleThreads()
  await buildGuests({ report: (line) => console.log(line) })
}

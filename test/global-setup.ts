import { buildGuests } from './guests/build.mjs'

/** The guests are built once before any test; the packages were built by the script that started the tests. */
export async function setup(): Promise<void> {
  await buildGuests({ report: (line) => console.log(line) })
}

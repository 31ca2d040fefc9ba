import { fileURLToPath } from 'node:url'
import { createRuntime } from 'bulkhead'

/** Adapted guests are kept between runs of the tests, apart from the user's own cache. */
export const testCache = fileURLToPath(new URL('../guests/build/cache', import.meta.url))

/** @param {import('bulkhead').RuntimeOptions} [options] */
export function createTestRuntime(options = {}) {
  return createRuntime({ cache: testCache, ...options })
}

/** @param {string} name file name of a guest without `.wasm` */
export function guestFile(name) {
  return fileURLToPath(new URL(`../guests/build/${name}.wasm`, import.meta.url))
}

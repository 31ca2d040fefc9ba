import { ResourceExceeded } from '../endings.js'
import type { InterfaceImplementation } from '../link.js'

type RandomPowers = { readonly fillRandom: (bytes: Uint8Array) => void; readonly bytesPerCallMax: number }

/** `wasi:random/*`. The insecure ones are as good as the others: there is no reason to have two sources. */
export function randomInterfaces({ fillRandom, bytesPerCallMax }: RandomPowers): InterfaceImplementation[] {
  const bytes = (length: bigint): Uint8Array => {
    if (length > BigInt(bytesPerCallMax)) {
      const message = `${length} random bytes in one call; at most ${bytesPerCallMax}`
      throw new ResourceExceeded('random-bytes', bytesPerCallMax, message)
    }
    const filled = new Uint8Array(Number(length))
    fillRandom(filled)
    return filled
  }
  const u64 = (): bigint => new DataView(bytes(8n).buffer).getBigUint64(0)
  return [
    { name: 'wasi:random/random', functions: { 'get-random-bytes': bytes, 'get-random-u64': u64 } },
    {
      name: 'wasi:random/insecure',
      functions: { 'get-insecure-random-bytes': bytes, 'get-insecure-random-u64': u64 },
    },
    { name: 'wasi:random/insecure-seed', functions: { 'insecure-seed': () => [u64(), u64()] } },
  ]
}

import type { BigIntStats } from 'node:fs'

export type MetadataHash = { readonly lower: bigint; readonly upper: bigint }

const mask = (1n << 64n) - 1n

/** SplitMix64's finaliser: a permutation of 64 bits that mixes every bit into every other. */
function mix(value: bigint): bigint {
  let x = value & mask
  x = ((x ^ (x >> 30n)) * 0xbf58476d1ce4e5b9n) & mask
  x = ((x ^ (x >> 27n)) * 0x94d049bb133111ebn) & mask
  return x ^ (x >> 31n)
}

/**
 * Names an object without telling its device and inode: equal for the same object in the same guest run, and different
 * in every other run. Programs use it as an inode number, so it does not depend on the content.
 */
export function metadataHash(key: bigint, { dev, ino }: Pick<BigIntStats, 'dev' | 'ino'>): MetadataHash {
  const low = key & mask
  const high = (key >> 64n) & mask
  const lower = mix(mix(ino ^ low) ^ mix(dev ^ high))
  return { lower, upper: mix(lower ^ mix(dev + low) ^ high) }
}

/** The same for a directory that exists only in the guest's virtual root. */
export function virtualHash(key: bigint, path: string): MetadataHash {
  let hash = 0n
  for (let at = 0; at < path.length; at++) hash = mix(hash ^ BigInt(path.charCodeAt(at)))
  return metadataHash(key, { dev: mask, ino: hash })
}

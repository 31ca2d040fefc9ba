import { readFileSync } from 'node:fs'
import { expect, it } from 'vitest'

type Entry = {
  readonly version?: string
  readonly resolved?: string
  readonly optionalDependencies?: Readonly<Record<string, string>>
}

const lock: { readonly packages: Readonly<Record<string, Entry>> } = JSON.parse(
  readFileSync(new URL('../../package-lock.json', import.meta.url), 'utf8'),
)

it('has an entry for the binaries of every platform, or `npm ci` refuses it', () => {
  const missing = Object.values(lock.packages).flatMap(({ optionalDependencies = {} }) =>
    Object.entries(optionalDependencies)
      .filter(
        ([name, version]) => /^\d+\.\d+\.\d+$/.test(version) && lock.packages[`node_modules/${name}`] === undefined,
      )
      .map(([name, version]) => `${name}@${version}`),
  )
  expect(missing, 'node scripts/complete-lock-file.mjs').toEqual([])
})

it('names no registry', () => {
  const resolved = Object.values(lock.packages).map((entry) => entry.resolved ?? '')
  expect(resolved.filter((from) => /^https?:/.test(from))).toEqual([])
})

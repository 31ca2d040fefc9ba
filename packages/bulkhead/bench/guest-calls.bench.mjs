// What a guest pays for its host calls, by its own clock, in a worker of its own: under the runtime with every check and
// record, under stock jco with the stock shim, and (without a guest) on plain `node:fs`. Each round starts a fresh worker on
// each side, so what the compiler learns it learns anew everywhere.
import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { createRuntime } from 'bulkhead'
import { runPlain, runStock } from '../../../bench/baseline.mjs'
import { artifactCache, stockModule, workloadFile } from '../../../bench/build-guest.mjs'
import { medians, printPair } from '../../../bench/pair.mjs'

const workload = await workloadFile()
const module = await stockModule(workload)
const directory = mkdtempSync(join(tmpdir(), 'bulkhead-bench-'))
mkdirSync(join(directory, 'a/b'), { recursive: true })
writeFileSync(join(directory, 'a/b/1'), 'one')
writeFileSync(join(directory, 'a/b/2'), 'two')
writeFileSync(join(directory, 'large'), Buffer.alloc(64 * 1024 * 1024))
writeFileSync(join(directory, 'small'), Buffer.alloc(8 * 1024 * 1024))
for (const [folder, names] of [
  ['some', 1_000],
  ['many', 10_000],
]) {
  mkdirSync(join(directory, folder))
  for (let n = 0; n < names; n++) writeFileSync(join(directory, folder, `name-${n}`), '')
}
const runtime = await createRuntime({ cache: artifactCache })

/** Nanoseconds by the guest's own clock. */
const ours = async (operation, path, count) => {
  const { exitCode, stdout, exit } = await runtime.exec(workload, {
    args: ['workload', operation, path, String(count)],
    mounts: { '/': directory },
  })
  if (exitCode !== 0) throw new Error(`the guest ended with ${exitCode}: ${JSON.stringify(exit)}`)
  return Number(stdout)
}
const stock = async (operation, path, count) =>
  Number(await runStock({ module, args: ['workload', operation, path, String(count)], preopens: { '/': directory } }))
const plain = async (operation, path, count) =>
  Number(await runPlain({ operation, path: join(directory, path), count }))

try {
  const open = await medians(5, {
    ours: async () => (await ours('open-close', 'a/b/1', 20_000)) / 20_000,
    stock: async () => (await stock('open-close', 'a/b/1', 1_000)) / 1_000,
    plain: async () => (await plain('open-close', 'a/b/1', 20_000)) / 20_000,
  })
  const opening = { name: 'guest opens and closes a/b/1', ours: open.ours, unit: 'ns' }
  printPair({ ...opening, baseline: open.stock, of: 'stock jco and shim', aim: { ratioMax: 0.1 } })
  printPair({ ...opening, baseline: open.plain, of: 'plain fs, no guest' })

  // Within the burst of the audit rate: beyond it an actor that names ever other files waits for its own quota.
  const alternate = await medians(5, {
    ours: async () => (await ours('alternate', 'a/b/1', 1_500)) / 1_500,
    stock: async () => (await stock('alternate', 'a/b/1', 1_500)) / 1_500,
  })
  printPair({
    name: 'guest opens and closes two files in turn, each use its own record',
    ours: alternate.ours,
    baseline: alternate.stock,
    unit: 'ns',
    of: 'stock jco and shim',
  })

  const read = await medians(5, {
    ours: async () => (await ours('read', 'large', 1)) / 1e6,
    stock: async () => (await stock('read', 'large', 1)) / 1e6,
    plain: async () => (await plain('read', 'large', 1)) / 1e6,
  })
  const reading = { name: 'guest reads 64 MiB in pieces of 64 KiB', ours: read.ours, unit: 'ms' }
  printPair({ ...reading, baseline: read.plain, of: 'plain fs, no guest', aim: { ratioMax: 1.5 } })
  printPair({ ...reading, baseline: read.stock, of: 'stock jco and shim' })

  const pages = await medians(5, {
    ours: async () => (await ours('pages', 'small', 4)) / 1e6,
    stock: async () => ((await stock('pages', 'small', 1)) / 1e6) * 4,
    plain: async () => (await plain('pages', 'small', 4)) / 1e6,
  })
  const paging = { name: 'guest reads 32 MiB in pieces of 4 KiB', ours: pages.ours, unit: 'ms' }
  printPair({ ...paging, baseline: pages.plain, of: 'plain fs, no guest' })
  printPair({ ...paging, baseline: pages.stock, of: 'stock jco and shim' })

  // The adapter asks for the identity of each name, and so each is a decision on record. A thousand are within the burst of the
  // audit rate; ten thousand are not, and what is measured is the rate.
  for (const [folder, title] of [
    ['some', 'guest reads a directory of 1,000 names'],
    ['many', 'guest reads a directory of 10,000 names, at the audit rate'],
  ]) {
    const names = await medians(3, {
      ours: async () => (await ours('names', folder, 1)) / 1e6,
      stock: async () => (await stock('names', folder, 1)) / 1e6,
      plain: async () => (await plain('names', folder, 5)) / 5e6,
    })
    printPair({ name: title, ours: names.ours, unit: 'ms', baseline: names.plain, of: 'plain fs, no guest' })
    printPair({ name: title, ours: names.ours, unit: 'ms', baseline: names.stock, of: 'stock jco and shim' })
  }

  const call = await medians(5, {
    ours: async () => (await ours('clock', '-', 200_000)) / 200_000,
    stock: async () => (await stock('clock', '-', 100_000)) / 100_000,
  })
  printPair({
    name: 'guest calls an import that names no resource (clock)',
    ours: call.ours,
    baseline: call.stock,
    unit: 'ns',
    of: 'stock jco and shim',
    aim: { ratioMax: 0.5 },
  })
} finally {
  await runtime.stop()
  rmSync(directory, { recursive: true })
}

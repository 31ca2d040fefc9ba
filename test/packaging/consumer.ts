// An empty project in which the packages are installed as npm would install them from a registry: from their tarballs.
import { execFile, spawnSync } from 'node:child_process'
import {
  copyFileSync,
  mkdirSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  realpathSync,
  rmSync,
  writeFileSync,
} from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { guest, root } from '../end-to-end/command.js'

const patienceMs = 100_000

export type Packed = { readonly name: string; readonly file: string; readonly entries: readonly string[] }

export type Consumer = {
  readonly folder: string
  readonly packed: readonly Packed[]
  readonly close: () => void
}

export type Ended = { readonly status: number | null; readonly stdout: string; readonly stderr: string }

/** The workspaces that are published: all that are not private. */
export function publicWorkspaces(): readonly string[] {
  const folders = [...readdirSync(join(root, 'packages')).map((name) => `packages/${name}`), 'supervisors']
  return folders.filter((folder) => !JSON.parse(readFileSync(join(root, folder, 'package.json'), 'utf8')).private)
}

/** Packs them and installs the tarballs; `undefined` where what they depend on is neither cached nor to be had. */
export async function openConsumer(): Promise<Consumer | { readonly unreachable: string }> {
  const folder = realpathSync(mkdtempSync(join(tmpdir(), 'bulkhead-consumer-')))
  const close = () => rmSync(folder, { recursive: true, force: true })
  mkdirSync(join(folder, 'tarballs'))
  const packed = await pack(join(folder, 'tarballs'))
  const dependencies = Object.fromEntries(packed.map(({ name, file }) => [name, `file:${file}`]))
  const overrides = Object.fromEntries(packed.map(({ name }) => [name, `$${name}`]))
  const manifest = { name: 'consumer', private: true, type: 'module', dependencies, overrides }
  writeFileSync(join(folder, 'package.json'), JSON.stringify(manifest))
  copyFileSync(guest('hello'), join(folder, 'hello.wasm'))
  const wanted = ['install', '--prefer-offline', '--no-audit', '--no-fund', '--loglevel=error', '--fetch-retries=1']
  const installed = await runIn(folder, 'npm', wanted)
  if (installed.status === 0) return { folder, packed, close }
  close()
  if (/ENOTFOUND|ECONNREFUSED|EAI_AGAIN|ETIMEDOUT|ENOTCACHED|E503/.test(installed.stderr))
    return { unreachable: installed.stderr.split('\n')[0] ?? '' }
  throw new Error(installed.stderr)
}

async function pack(destination: string): Promise<readonly Packed[]> {
  const workspaces = publicWorkspaces().map((folder) => `--workspace=${folder}`)
  const wanted = ['pack', '--json', '--ignore-scripts', '--loglevel=error', `--pack-destination=${destination}`]
  const { status, stdout, stderr } = await runIn(root, 'npm', [...wanted, ...workspaces])
  if (status !== 0) throw new Error(stderr)
  // One npm says a list, another a table by name.
  const listed: readonly { name: string; filename: string; files: readonly { path: string }[] }[] = Object.values(
    JSON.parse(stdout),
  )
  return listed.map(({ name, filename, files }) => ({
    name,
    file: join(destination, filename),
    entries: files.map(({ path }) => path),
  }))
}

/** A program that must end by itself. The process of the tests goes on meanwhile. */
export function runIn(folder: string, program: string, args: readonly string[]): Promise<Ended> {
  const options = { cwd: folder, timeout: patienceMs, maxBuffer: 64 * 1024 * 1024 }
  return new Promise((resolve) => {
    execFile(program, args, options, (error, stdout, stderr) => {
      resolve({ status: error === null ? 0 : Number(error.code ?? -1), stdout, stderr })
    })
  })
}

/** The files of the project, each written where it says. */
export function write(folder: string, files: Readonly<Record<string, string>>): void {
  for (const [name, text] of Object.entries(files)) writeFileSync(join(folder, name), text)
}

/** What lies in a folder, all together. @returns bytes */
export function bytesUnder(folder: string): number {
  const { stdout } = spawnSync('du', ['-sb', folder], { encoding: 'utf8' })
  return Number(stdout.split('\t')[0])
}

// What is published, installed from its tarballs into an empty project, as somebody has it who has never seen this repository.

import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { copyFileSync, readFileSync } from 'node:fs'
import { createRequire } from 'node:module'
import { join } from 'node:path'
import { createInterface } from 'node:readline'
import { pathToFileURL } from 'node:url'
import { detectWalls } from '@bulkhead/actor'
import { publint } from 'publint'
import { formatMessage } from 'publint/utils'
import { afterAll, describe, expect, it, onTestFinished } from 'vitest'
import { root } from '../end-to-end/command.js'
import { pinned } from '../support/pinned.mjs'
import { guestFile } from '../support/test-runtime.mjs'
import { bytesUnder, openConsumer, runIn, write } from './consumer.js'

/** Bytes of the installed files (docs/embedding.md says them in MiB): ours, and with everything that they depend on. */
const ownBytesMax = 8 * 1024 * 1024
const installedBytesMax = 170 * 1024 * 1024

const opened = await openConsumer()
const isHere = 'folder' in opened
const walled = (await detectWalls()).up.has('bubblewrap')
const isInsisted = process.env['BULKHEAD_REGISTRY'] !== undefined
if (!isHere) console.warn(`the packages are not installed here, the registry is out of reach: ${opened.unreachable}`)
const { folder, packed, close } = isHere ? opened : { folder: '', packed: [], close: () => {} }
afterAll(close)

it.runIf(isInsisted)('the packages can be installed', () => expect(isHere).toBe(true))

describe.runIf(isHere)('each tarball', () => {
  it('has its code with types, its licence and its README, and neither tests nor sources nor maps', () => {
    expect(packed.length).toBeGreaterThan(20)
    for (const { name, entries } of packed) {
      expect(entries, name).toEqual(
        expect.arrayContaining(['LICENSE', 'README.md', 'dist/index.js', 'dist/index.d.ts']),
      )
      const foreign = entries.filter((path) => /\.test[.-]|\.map$|^src\/|(^|\/)(test|guests|fixtures)\//.test(path))
      expect(foreign, name).toEqual([])
      expect(readFileSync(join(folder, 'node_modules', name, 'LICENSE'), 'utf8')).toBe(
        readFileSync(join(root, 'LICENSE'), 'utf8'),
      )
    }
  })

  it('has what is not compiled: adapters, bundles of threads, the live page', () => {
    const entriesOf = (name: string) => packed.find((each) => each.name === name)?.entries
    expect(entriesOf('@bulkhead/component')).toEqual(
      expect.arrayContaining([
        'vendor/LICENSE',
        'vendor/wasi_snapshot_preview1.command.wasm',
        'vendor/wasi_snapshot_preview1.reactor.wasm',
      ]),
    )
    expect(entriesOf('@bulkhead/actor')).toEqual(
      expect.arrayContaining(['worker', 'process/bridge', 'process/worker'].map((name) => `dist/${name}.bundled.js`)),
    )
    expect(entriesOf('@bulkhead/inspector')).toEqual(
      expect.arrayContaining(['dist/page/index.html', 'dist/page/LICENSES.txt']),
    )
  })

  it('pleases publint', async () => {
    for (const { name, file } of packed) {
      const bytes = readFileSync(file)
      const tarball = bytes.buffer.slice(bytes.byteOffset, bytes.byteOffset + bytes.byteLength)
      const { messages, pkg = {} } = await publint({ pack: { tarball }, strict: true })
      expect(
        messages.map((message) => formatMessage(message, pkg)),
        name,
      ).toEqual([])
    }
  })

  it('has types wherever its code is found', async () => {
    const { checkPackage, createPackageFromTarballData } = await loadTypeChecks()
    for (const { name, file } of packed) {
      const { problems } = await checkPackage(createPackageFromTarballData(readFileSync(file)))
      // Packages of ES modules alone: old resolution has no `exports`, `require` is told to import().
      const counted = problems.filter(({ kind, resolutionKind }) => {
        const isOld = resolutionKind === 'node10' || resolutionKind === 'node16-cjs'
        return !isOld && kind !== 'CJSResolvesToESM'
      })
      expect(counted, name).toEqual([])
    }
  })

  it('is as light as the guide says, without the tools that build components from sources', () => {
    const ours = bytesUnder(join(folder, 'node_modules/@bulkhead')) + bytesUnder(join(folder, 'node_modules/bulkhead'))
    expect(ours).toBeLessThan(ownBytesMax)
    expect(bytesUnder(join(folder, 'node_modules'))).toBeLessThan(installedBytesMax)
    const lock = JSON.parse(readFileSync(join(folder, 'package-lock.json'), 'utf8'))
    const installed = Object.keys(lock.packages)
    expect(installed).toContain('node_modules/@bytecodealliance/jco-transpile')
    for (const tool of ['@bytecodealliance/jco', '@bytecodealliance/componentize-js', 'typescript', 'esbuild'])
      expect(installed).not.toContain(`node_modules/${tool}`)
  })
})

const host = `
const runtime = await createRuntime()
const { exitCode, stdout } = await runtime.exec('hello.wasm')
console.log(exitCode, stdout.trim())
await runtime.stop()
`

describe.runIf(isHere)('an application that installed them', () => {
  it('imports, runs a component, and ends by itself', async () => {
    write(folder, { 'host.mjs': `import { createRuntime } from 'bulkhead'\n${host}` })
    expect(await runIn(folder, 'node', ['host.mjs'])).toMatchObject({ status: 0, stdout: '0 hello\n', stderr: '' })
  })

  it('may be CommonJS', async () => {
    const text = `async function main() {\nconst { createRuntime } = await import('bulkhead')\n${host}}\nmain()\n`
    write(folder, { 'host.cjs': text })
    expect(await runIn(folder, 'node', ['host.cjs'])).toMatchObject({ status: 0, stdout: '0 hello\n', stderr: '' })
  })

  it('has the command', async () => {
    const command = join(folder, 'node_modules/.bin/bulkhead')
    const { version } = JSON.parse(readFileSync(join(root, 'packages/cli/package.json'), 'utf8'))
    expect(await runIn(folder, command, ['--version'])).toMatchObject({ status: 0, stdout: `${version}\n` })
    expect(await runIn(folder, command, ['exec', 'hello.wasm'])).toMatchObject({ status: 0, stdout: 'hello\n' })
  })

  it('runs a tree, twice in one process, and nothing of it keeps the process alive', async () => {
    const child = `[children.hello]\ncomponent = "hello.wasm"\n${pinned(join(folder, 'hello.wasm'))}\n`
    for (const name of ['one', 'two']) write(folder, { [`${name}.toml`]: `state = "${name}.state"\n${child}` })
    write(folder, {
      'tree.mjs': `
import { createRuntime } from 'bulkhead'
const counted = () => process.eventNames().map((name) => [name, process.listenerCount(name)])
const known = new Set(Object.keys(globalThis))
const before = JSON.stringify([counted(), process.env])
const runtimes = await Promise.all(['one.toml', 'two.toml'].map((tree) => createRuntime({ tree })))
for (const runtime of runtimes) {
  const { asExpected, children } = await runtime.settled
  console.log(asExpected, children.map(({ id, state }) => id + ' ' + state).join())
}
console.log(new Set(runtimes.map(({ id }) => id)).size)
await runtimes[0].stop()
console.log((await runtimes[1].exec('hello.wasm')).stdout.trim())
await runtimes[1].stop()
console.log(before === JSON.stringify([counted(), process.env]))
// What zod and lmdb note for themselves, and nothing of ours.
console.log(Object.keys(globalThis).filter((name) => !known.has(name) && !/^__(zod|lmdb)_/.test(name)).length)
`,
    })
    const { status, stdout, stderr } = await runIn(folder, 'node', ['tree.mjs'])
    expect({ status, stderr }).toEqual({ status: 0, stderr: '' })
    expect(stdout.split('\n')).toEqual(['true hello completed', 'true hello completed', '2', 'hello', 'true', '0', ''])
  })

  it.runIf(walled)('moves a child behind walls, into a process that starts from the installed files', async () => {
    copyFileSync(guestFile('calls-callee'), join(folder, 'callee.wasm'))
    const pin = pinned(join(folder, 'callee.wasm'))
    write(folder, {
      'climb.toml': `state = "climb.state"\n[children.callee]\ncomponent = "callee.wasm"\nquotas.deadline = "1s"\n${pin}\n`,
      'climb.mjs': `
import { createRuntime } from 'bulkhead'
const runtime = await createRuntime({ tree: 'climb.toml' })
const level = () => runtime.children()[0].level
while (level() !== 'process') {
  const hasEnded = new Promise((resolve) => runtime.on('health', ({ type }) => type === 'child.exited' && resolve()))
  await runtime.call('callee', 'spin', [], { deadline: '60s' }).catch(() => {})
  await hasEnded
}
console.log(await runtime.call('callee', 'greet', ['you'], { deadline: '60s' }), level())
await runtime.stop()
`,
    })
    expect(await runIn(folder, 'node', ['climb.mjs'])).toMatchObject({ status: 0, stdout: 'hello, you process\n' })
  })

  it('shows its tree on a page', async () => {
    const child = `[children.callee]\ncomponent = "callee.wasm"\n${pinned(guestFile('calls-callee'))}\n`
    copyFileSync(guestFile('calls-callee'), join(folder, 'callee.wasm'))
    write(folder, { 'shown.toml': `state = "shown.state"\n${child}` })
    const command = join(folder, 'node_modules/.bin/bulkhead')
    const running = spawn(command, ['run', 'shown.toml', '--log', 'json', '--inspect', '127.0.0.1:0'], { cwd: folder })
    onTestFinished(() => void running.kill('SIGKILL'))
    const ended = once(running, 'close')
    let url: string | undefined
    for await (const line of createInterface({ input: running.stdout })) {
      const record: { readonly record: string; readonly url?: string } = JSON.parse(line)
      if (record.record === 'inspecting') {
        url = record.url
        break
      }
    }
    running.stdout.resume()
    const page = await fetch(`${url}`)
    expect([page.status, page.headers.get('content-type')]).toEqual([200, expect.stringContaining('text/html')])
    const script = /src="([^"]+\.js)"/.exec(await page.text())?.[1]
    expect((await fetch(new URL(`${script}`, url))).headers.get('content-type')).toContain('javascript')
    expect(await (await fetch(new URL('livez', url))).text()).toBe('ok\n')
    running.kill('SIGTERM')
    expect((await ended)[0]).toBe(0)
  })

  it.each(['node16', 'nodenext', 'bundler'])('compiles against their types under %s', async (kind) => {
    write(folder, {
      'consumer.ts': `
import { BulkheadError, createRuntime, type Runtime } from 'bulkhead'
import { openInspector } from '@bulkhead/inspector'
export async function start(signal: AbortSignal): Promise<Runtime> {
  const runtime = await createRuntime({ tree: 'bulkhead.toml' })
  runtime.on('health', (event) => console.log(event.type))
  const code: number = (await runtime.exec('hello.wasm', { signal })).exitCode
  if (code !== 0) throw new BulkheadError('usage', 'no')
  await openInspector(runtime)
  // @ts-expect-error: a tree is not a number
  await createRuntime({ tree: 7 })
  return runtime
}
`,
    })
    const module = kind === 'bundler' ? 'esnext' : kind
    const types = ['--types', 'node', '--typeRoots', join(root, 'node_modules/@types')]
    const options = [
      '--noEmit',
      '--strict',
      '--skipLibCheck',
      '--target',
      'es2022',
      '--lib',
      'es2023,esnext.disposable',
    ]
    const compiler = join(root, 'node_modules/typescript/bin/tsc')
    const wanted = [compiler, ...options, ...types, '--module', module, '--moduleResolution', kind, 'consumer.ts']
    expect(await runIn(folder, 'node', [...wanted, '--ignoreConfig'])).toMatchObject({ status: 0, stdout: '' })
  })

  it('is bundled with bulkhead left outside, and is told so when it was taken in', async () => {
    write(folder, { 'app.mjs': `import { createRuntime } from 'bulkhead'\n${host}` })
    const bundle = async (file: string, ...more: string[]) => {
      const options = ['--bundle', '--platform=node', '--format=esm', '--log-level=error', `--outfile=${file}`]
      const done = await runIn(folder, join(root, 'node_modules/.bin/esbuild'), ['app.mjs', ...options, ...more])
      expect(done).toMatchObject({ status: 0, stderr: '' })
      return await runIn(folder, 'node', [file])
    }
    expect(await bundle('outside.mjs', '--packages=external')).toMatchObject({ status: 0, stdout: '0 hello\n' })
    const inside = await bundle('inside.mjs')
    expect(inside.status).toBe(1)
    expect(inside.stderr).toMatch(/`bulkhead` runs as a package, and was bundled into `file:.*inside\.mjs`/)
    expect(inside.stderr).toContain("code: 'not-installed'")
  })
})

type Problem = { readonly kind: string; readonly resolutionKind?: string }
type TypeChecks = {
  readonly createPackageFromTarballData: (tarball: Uint8Array) => unknown
  readonly checkPackage: (found: unknown) => Promise<{ readonly problems: readonly Problem[] }>
}

/** What the command `attw` runs, without a process for each tarball. */
async function loadTypeChecks(): Promise<TypeChecks> {
  const command = createRequire(import.meta.url).resolve('@arethetypeswrong/cli/package.json')
  return import(pathToFileURL(createRequire(command).resolve('@arethetypeswrong/core')).href)
}

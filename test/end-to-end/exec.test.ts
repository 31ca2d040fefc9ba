import { randomBytes } from 'node:crypto'
import { existsSync, mkdirSync, readFileSync, symlinkSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { describe, expect, it } from 'vitest'
import { componentFromWat } from '../guests/component-from-wat.mjs'
import { freshDirectory, guest, python, run } from './command.js'

/** Asks for a gibibyte of random bytes in one call, which has no error to answer with. */
const greedyForRandomness = `(module
  (import "wasi:random/random@0.2.12" "get-random-bytes" (func $random (param i64 i32)))
  (memory (export "memory") 1)
  (func (export "cabi_realloc") (param i32 i32 i32 i32) (result i32) (i32.const 1024))
  (func (export "wasi:cli/run@0.2.12#run") (result i32) (call $random (i64.const 1073741824) (i32.const 16)) (i32.const 0)))`

/** Traps in a function whose name would clear the screen of whoever reads of it. */
const trapsWithEscapes = String.raw`(module
  (memory (export "memory") 1)
  (func $evil (@name "x\1b[2J") unreachable)
  (func (export "cabi_realloc") (param i32 i32 i32 i32) (result i32) (i32.const 1024))
  (func (export "wasi:cli/run@0.2.12#run") (result i32) (call $evil) (i32.const 0)))`

describe('exit codes are exact', () => {
  it.each([
    ['the end of main', [guest('hello')], 0],
    ['an entry point that returns `err`', [guest('give-up')], 1],
    ['exit-with-code of a component', [guest('exit-code')], 33],
    ['a trap', [guest('trap')], 134],
    ['a deadline', ['--deadline', '300ms', guest('spin')], 124],
    ['sys.exit of a preview1 program', [python, '-c', 'import sys; sys.exit(33)'], 33],
    ['an uncaught exception', [python, '-c', '1/0'], 1],
    ['abort', [python, '-c', 'import os; os.abort()'], 134],
    [
      'more memory than allowed, which Python survives',
      ['--memory', '32MiB', python, '-c', 'x = bytearray(1 << 28)'],
      1,
    ],
    [
      'something denied, and --strict',
      ['--strict', python, '-c', 'import os\ntry: open("/etc/passwd")\nexcept OSError: pass'],
      3,
    ],
    ['nothing denied, and --strict', ['--strict', guest('hello')], 0],
    ['something denied, --strict, and a code of its own', ['--strict', python, '-c', 'open("/etc/passwd")'], 1],
  ])('%s', async (_what, args, exitCode) => {
    const done = await run(['exec', ...args])
    expect(done.exitCode, done.stderr).toBe(exitCode)
  })

  it('137 when a limit kills', async () => {
    const file = join(freshDirectory(), 'greedy.wasm')
    writeFileSync(file, await componentFromWat(greedyForRandomness))
    const done = await run(['exec', file])
    expect(done.exitCode, done.stderr).toBe(137)
  })

  it('names the function of a trap without obeying its name', async () => {
    const file = join(freshDirectory(), 'escapes.wasm')
    writeFileSync(file, await componentFromWat(trapsWithEscapes))
    const { exitCode, stderr } = await run(['exec', file])
    expect(exitCode).toBe(134)
    expect(stderr).toContain(String.raw`x\x1b[2J`)
    expect(stderr).not.toContain('\x1b[2J')
  })

  it.each(['SIGINT', 'SIGTERM'] as const)('ends by %s with the code that shells expect', async (signal) => {
    const done = await run(['exec', guest('spin')], {
      onOutput: (stdout, child) => {
        if (stdout.includes('spinning')) child.kill(signal)
      },
    })
    expect(done.exitCode).toBe(signal === 'SIGINT' ? 130 : 143)
  })
})

describe('standard streams', () => {
  it('carry a mebibyte of random bytes unchanged', async () => {
    const bytes = randomBytes(1024 * 1024)
    const done = await run(['exec', guest('echo')], { stdin: bytes })
    expect(done.exitCode, done.stderr).toBe(0)
    expect(done.stdoutBytes.equals(bytes)).toBe(true)
  })

  it('end quietly when nobody reads stdout any more', async () => {
    const done = await run(['exec', python, '-c', 'while True: print("y" * 1000)'], {
      onStart: (child) => {
        child.stdout?.once('data', () => child.stdout?.destroy())
      },
    })
    expect(done.exitCode).toBe(141)
    expect(done.stderr).not.toContain('EPIPE')
  })

  it('keep stdout and stderr apart', async () => {
    const done = await run(['exec', python, '-c', 'import sys; print("out"); print("err", file=sys.stderr)'])
    expect(done.stdout).toBe('out\n')
    expect(done.stderr).toBe('err\n')
  })
})

describe('arguments and variables', () => {
  it('gives everything after FILE to the program, and drops one separator', async () => {
    const show = 'import sys; print(sys.argv[1:])'
    const done = await run(['exec', python, '--', '-c', show, '--json', '--', '-x'])
    expect(done.stdout, done.stderr).toBe("['--json', '--', '-x']\n")
  })

  it('hands over the named variables and no other', async () => {
    const show = 'import os; print(sorted(os.environ.items()))'
    const done = await run(['exec', '--env', 'A=1', '--env', 'MINE', python, '-c', show], {
      env: { MINE: 'caller', SECRET: 'x' },
    })
    expect(done.stdout, done.stderr).toBe("[('A', '1'), ('MINE', 'caller')]\n")
  })
})

describe('denials', () => {
  it('prints none for a hello world, though a language start-up looks for many files', async () => {
    const done = await run(['exec', python, '-c', 'print("hello")'])
    expect(done).toMatchObject({ exitCode: 0, stdout: 'hello\n', stderr: '' })
  })

  it('says what was refused, why, and the flag that allows it; with that flag it is allowed', async () => {
    const folder = freshDirectory()
    const file = join(folder, 'notes.txt')
    writeFileSync(file, 'granted\n')
    const program = `print(open(${JSON.stringify(file)}).read(), end="")`
    const denied = await run(['exec', python, '-c', program])
    expect(denied.exitCode).toBe(1)
    expect(denied.stderr).toContain(`denied  filesystem.read ${file}    nothing is mounted at`)
    const hint = /once: +--read (\S+)/.exec(denied.stderr)?.[1] ?? ''
    const allowed = await run(['exec', '--read', hint, python, '-c', program])
    expect(allowed).toMatchObject({ exitCode: 0, stdout: 'granted\n', stderr: '' })
  })

  it('never lets a path that a guest made up steer the terminal', async () => {
    const done = await run(['exec', '--mount', `/d=${freshDirectory()}`, python, '-c', 'open("/d/\\x1b[2J", "w")'])
    // Python prints the name escaped; what Bulkhead prints is looked at.
    expect(done.stderr).toContain('/d/\\x1b[2J')
    expect(done.stderr).not.toContain('\u001b')
  })

  it('lets a symlink out of a mount lead nowhere, and the file beside it be read', async () => {
    const folder = freshDirectory()
    mkdirSync(join(folder, 'room'))
    writeFileSync(join(folder, 'flag.txt'), 'flag')
    writeFileSync(join(folder, 'room/note.txt'), 'note')
    symlinkSync('../flag.txt', join(folder, 'room/out'))
    symlinkSync('/etc/passwd', join(folder, 'room/passwd'))
    const open = (path: string): string => `try: print(open("${path}").read())\nexcept OSError: print("refused")`
    const program = ['/room/note.txt', '/room/out', '/room/passwd'].map(open).join('\n')
    const done = await run(['exec', '--read', `${folder}/room:/room`, '--verbose', python, '-c', program])
    expect(done.stdout).toBe('note\nrefused\nrefused\n')
    // An absolute target starts at the guest's own root, where nothing is mounted; what the host has at that path is told.
    expect(done.stderr).toContain('denied  filesystem.read /etc/passwd')
    expect(done.stderr).toContain('probe   filesystem.read /flag.txt')
  })

  it('mounts read-only with --read, and the neighbour --write may write', async () => {
    const folder = freshDirectory()
    const program = 'open("/d/x", "w").write("1")'
    const refused = await run(['exec', '--read', `${folder}:/d`, python, '-c', program])
    expect(refused.exitCode).toBe(1)
    expect(refused.stderr).toContain('denied  filesystem.')
    expect(existsSync(join(folder, 'x'))).toBe(false)
    const allowed = await run(['exec', '--write', `${folder}:/d`, python, '-c', program])
    expect(allowed, allowed.stderr).toMatchObject({ exitCode: 0, stderr: '' })
    expect(readFileSync(join(folder, 'x'), 'utf8')).toBe('1')
  })

  it('lets --deny win over --read', async () => {
    const folder = freshDirectory()
    writeFileSync(join(folder, 'open.txt'), 'open')
    writeFileSync(join(folder, 'secret.txt'), 'secret')
    const program = 'print(open("/d/open.txt").read())\nopen("/d/secret.txt")'
    const flags = ['--read', `${folder}:/d`, '--deny', 'filesystem.read=/d/secret*']
    const done = await run(['exec', ...flags, python, '-c', program])
    expect(done.stdout).toBe('open\n')
    expect(done.exitCode).toBe(1)
    expect(done.stderr).toContain('denied  filesystem.read /d/secret.txt')
  })

  it('prints nothing of its own with --quiet', async () => {
    const done = await run(['exec', '--quiet', python, '-c', 'try: open("/etc/passwd")\nexcept OSError: pass'])
    expect(done).toMatchObject({ exitCode: 0, stdout: '', stderr: '' })
  })

  it('prints the result as the last line of stderr with --json', async () => {
    const done = await run(['exec', '--json', python, '-c', 'print("out"); open("/etc/passwd")'])
    expect(done.stdout).toBe('out\n')
    const result = JSON.parse(done.stderr.trimEnd().split('\n').at(-1) ?? '')
    expect(result).toMatchObject({
      exitCode: 1,
      denied: [{ kind: 'filesystem', action: 'read', resource: '/etc/passwd', layer: 'mount', count: 1 }],
      exit: { class: 'crash', exitCode: 1 },
    })
    expect(result.usage.memoryPeak).toBeGreaterThan(1024 * 1024)
    expect(result.probes).toBeGreaterThanOrEqual(0)
  })
})

it('learns the least manifest, which then suffices', async () => {
  const folder = freshDirectory()
  mkdirSync(join(folder, 'data'))
  writeFileSync(join(folder, 'data/a.txt'), 'a')
  const program = [python, '-c', 'open("/data/b.txt", "w").write(open("/data/a.txt").read())']
  const learned = join(folder, 'Component.toml')
  await run(['exec', '--write', `${folder}/data:/data`, '--learn', learned, ...program])
  const refused = await run(['exec', '--learn', learned, ...program])
  expect(refused.exitCode).toBe(2)
  expect(refused.stderr).toContain('exists already')

  const mount = ['--mount', `/data=${folder}/data`]
  const without = await run(['exec', ...mount, ...program])
  expect(without.exitCode).toBe(1)
  const allowed = await run(['exec', ...mount, '--manifest', learned, ...program])
  expect(allowed, allowed.stderr).toMatchObject({ exitCode: 0, stderr: '' })
  const more = await run(['exec', ...mount, '--manifest', learned, python, '-c', 'open("/data/c.txt", "w")'])
  expect(more.exitCode).toBe(1)
})

describe('refused before it starts', () => {
  it.each([
    ['a host that is none', ['--net', '0177.0.0.1:443', guest('hello')], '0177.0.0.1'],
    ['a policy that is not there', ['-P', 'p.toml', guest('hello')], 'p.toml` cannot be read'],
    ['an unknown flag', ['--nett', guest('hello')], '--nett'],
    ['no file', [], 'missing required argument'],
    ['a missing file', ['./nothing.wasm'], 'nothing.wasm'],
    ['a missing package', ['npm:@nobody/nothing/x.wasm'], '@nobody/nothing'],
    ['a deadline that is none', ['--deadline', 'soon', guest('hello')], '--deadline `soon` is not a duration'],
    ['a pattern that is none', ['--allow', 'filesystem.read=data/**', guest('hello')], 'data/**'],
    ['a mount of nothing', ['--read', '/nowhere/at/all:/d', guest('hello')], '/nowhere/at/all'],
  ])('%s: exit 2', async (_what, args, message) => {
    const done = await run(['exec', ...args])
    expect(done.exitCode, done.stderr).toBe(2)
    expect(done.stderr).toContain(message)
    expect(done.stderr).not.toMatch(/^ +at /m)
    expect(done.stdout).toBe('')
  })

  it('says in JSON what it says to people', async () => {
    const done = await run(['exec', '--json', './nothing.wasm'])
    expect(JSON.parse(done.stderr)).toMatchObject({ error: { code: 'component-not-found' } })
  })

  it('what is no WebAssembly, or only the beginning of it', async () => {
    const folder = freshDirectory()
    const whole = readFileSync(guest('hello'))
    writeFileSync(join(folder, 'text.wasm'), 'not wasm at all')
    writeFileSync(join(folder, 'empty.wasm'), '')
    writeFileSync(join(folder, 'half.wasm'), whole.subarray(0, Math.floor(whole.length / 2)))
    for (const name of ['text.wasm', 'empty.wasm', 'half.wasm']) {
      const done = await run(['exec', join(folder, name)])
      expect(done.exitCode, name).toBe(2)
      expect(done.stderr, name).toMatch(/^error: .+/)
    }
  })
})

it('keeps a log with --state, and none without', async () => {
  const cwd = freshDirectory()
  await run(['exec', guest('sockets-connect')], { cwd })
  expect(existsSync(join(cwd, '.bulkhead'))).toBe(false)
  await run(['exec', '--state', 'state', guest('sockets-connect')], { cwd })
  const verified = await run(['audit', 'verify', 'state'], { cwd })
  expect(verified, verified.stderr).toMatchObject({ exitCode: 0, stderr: '' })
  expect(verified.stdout).toMatch(/^intact {2}\d+ records? in 1 file/)
  const denied = await run(['audit', 'query', 'state', '--verdict', 'denied', '--kind', 'network'], { cwd })
  expect(denied.stdout).toContain('network.connect tcp://127.0.0.1:80')
})

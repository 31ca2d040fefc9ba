import {
  chmodSync,
  closeSync,
  mkdtempSync,
  openSync,
  readFileSync,
  realpathSync,
  renameSync,
  rmSync,
  symlinkSync,
  writeFileSync,
} from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { Denial } from '@bulkhead/vocabulary'
import { afterEach, beforeEach, describe, expect, test } from 'vitest'
import type { HostCallContext } from './host-call-context.js'
import type { AskedRequest } from './host-interface.js'
import { until } from './interfaces.test.support.js'
import { spawnArgumentsMax, spawnInputBytesMax } from './limits.js'
import { type SpawnOptions, spawnAllowed } from './spawn-allowed.js'

let folder: string
beforeEach(() => {
  folder = realpathSync(mkdtempSync(join(tmpdir(), 'bulkhead-spawn-')))
})
afterEach(() => rmSync(folder, { recursive: true }))

function script(name: string, text: string): string {
  const path = join(folder, name)
  writeFileSync(path, `#!/bin/sh\n${text}\n`)
  chmodSync(path, 0o755)
  return path
}

/** A call of a component to which these paths are granted. */
class Call {
  readonly abort = new AbortController()
  readonly asked: AskedRequest[] = []
  readonly #granted: readonly string[]
  readonly #meanwhile: () => void

  constructor(granted: readonly string[], meanwhile: () => void = () => {}) {
    this.#granted = granted
    this.#meanwhile = meanwhile
  }

  run(options: SpawnOptions, deadlineMs?: number) {
    const context: HostCallContext = {
      ...{
        child: 'one',
        incarnation: 1,
        interface: 'acme:tools/run@1.0.0',
        function: 'run',
        signal: this.abort.signal,
      },
      ...(deadlineMs === undefined ? {} : { deadlineMs }),
      authorize: async (request) => {
        this.asked.push(request)
        this.#meanwhile()
        if (!this.#granted.includes(request.resource)) throw new Denial('process-access-denied', 'denied')
      },
    }
    return spawnAllowed(context, options)
  }
}

const text = (bytes: Uint8Array): string => new TextDecoder().decode(bytes)

describe('a program that is granted', () => {
  test('runs, and no other', async () => {
    const [mine, other] = [script('mine', 'echo mine'), script('other', 'echo other')]
    const call = new Call([mine])
    expect(text((await call.run({ executable: mine })).stdout)).toBe('mine\n')
    await expect(call.run({ executable: other })).rejects.toBeInstanceOf(Denial)
    expect(call.asked).toEqual([mine, other].map((resource) => ({ kind: 'process', action: 'spawn', resource })))
  })

  test('gets its arguments as they are, its input, an empty environment and a fixed directory', async () => {
    const path = script('tell', 'printf "%s|" "$@"; cat; env; pwd; echo oops >&2; exit 3')
    const args = ['$(id)', 'a b', '*']
    const done = await new Call([path]).run({ executable: path, args, stdin: new TextEncoder().encode('in\n') })
    expect(
      text(done.stdout)
        .split('\n')
        .filter((line) => !/^(PWD|SHLVL|_|OLDPWD)=/.test(line)),
    ).toEqual(['$(id)|a b|*|in', '/', ''])
    expect(done).toMatchObject({ exitCode: 3 })
    expect(text(done.stderr)).toBe('oops\n')
    const there = await new Call([path]).run({ executable: path, directory: folder })
    expect(text(there.stdout)).toContain(`${folder}\n`)
  })

  test('may be a binary', async () => {
    const node = realpathSync(process.execPath)
    const done = await new Call([node]).run({ executable: node, args: ['-p', '6 * 7'] })
    expect(text(done.stdout)).toBe('42\n')
  })

  test('has none of this process’s descriptors', async () => {
    const path = script('list', 'ls -l /proc/self/fd')
    const kept = openSync(join(folder, 'secret'), 'w')
    try {
      const done = await new Call([path]).run({ executable: path })
      expect(text(done.stdout)).not.toContain('secret')
      expect(text(done.stdout)).toContain('1 -> ')
    } finally {
      closeSync(kept)
    }
  })
})

describe('what is decided is what runs', () => {
  test('a link is granted by what it leads to', async () => {
    const real = script('real', 'echo real')
    const link = join(folder, 'link')
    symlinkSync(real, link)
    const call = new Call([link])
    await expect(call.run({ executable: link })).rejects.toBeInstanceOf(Denial)
    expect(call.asked[0]?.resource).toBe(real)
    expect(text((await new Call([real]).run({ executable: link })).stdout)).toBe('real\n')
  })

  test('what takes its place in the meantime does not run', async () => {
    const granted = script('granted', 'echo granted')
    const evil = script('evil', 'echo evil')
    const call = new Call([granted], () => renameSync(evil, granted))
    expect(text((await call.run({ executable: granted })).stdout)).toBe('granted\n')
  })
})

describe('a program that goes on', () => {
  const forever = 'sleep 600 & echo $! ; wait'

  test('is killed at its deadline, with what it has started', async () => {
    const path = script('forever', forever)
    const pidFile = join(folder, 'pid')
    const noting = script('noting', `sleep 600 & echo $! > ${pidFile}; echo on; wait`)
    await expect(new Call([path]).run({ executable: path, deadlineMs: 100 })).rejects.toMatchObject({
      code: 'call-timeout',
    })
    const call = new Call([noting])
    const running = call.run({ executable: noting })
    const pid = await until(() => pidIn(pidFile))
    call.abort.abort(new Error('the guest has gone'))
    await expect(running).rejects.toThrow('the guest has gone')
    await until(() => !isAlive(pid))
  })

  test('has no longer than its guest has', async () => {
    const path = script('forever', forever)
    await expect(new Call([path]).run({ executable: path }, 100)).rejects.toMatchObject({ code: 'call-timeout' })
  })

  test('and leaves somebody behind takes them with it', async () => {
    const pidFile = join(folder, 'pid')
    const path = script('leaving', `sleep 600 & echo $! > ${pidFile}; echo left`)
    const done = await new Call([path]).run({ executable: path })
    expect(text(done.stdout)).toBe('left\n')
    const pid = await until(() => pidIn(pidFile))
    await until(() => !isAlive(pid))
  })

  test('and writes without end is killed', async () => {
    const path = script('yes', 'while :; do echo yes; done')
    await expect(new Call([path]).run({ executable: path, outputBytesMax: 1_000 })).rejects.toMatchObject({
      code: 'resource-limit-exceeded',
      details: { resource: 'stdout', limit: 1_000 },
    })
  })

  test('and is ended by a signal says so', async () => {
    const path = script('suicide', 'kill -TERM $$')
    expect(await new Call([path]).run({ executable: path })).toMatchObject({ signal: 'SIGTERM' })
  })

  test('does not read its input', async () => {
    const path = script('deaf', 'exit 0')
    const stdin = new Uint8Array(spawnInputBytesMax)
    expect(await new Call([path]).run({ executable: path, stdin })).toMatchObject({ exitCode: 0 })
  })
})

describe('is refused', () => {
  const wrong: readonly (readonly [what: string, options: Partial<SpawnOptions>, code: string])[] = [
    ['a relative path', { executable: 'sh' }, 'usage'],
    ['a file that is not there', { executable: '/nowhere/at/all' }, 'interface-failed'],
    ['a directory', { executable: '/usr' }, 'interface-failed'],
    ['too many arguments', { args: Array.from({ length: spawnArgumentsMax + 1 }, () => '') }, 'usage'],
    ['too long arguments', { args: ['x'.repeat(64 * 1024)] }, 'usage'],
    ['a NUL', { args: ['a\0b'] }, 'usage'],
    ['too much input', { stdin: new Uint8Array(spawnInputBytesMax + 1) }, 'usage'],
    ['too much output', { outputBytesMax: 2 ** 30 }, 'usage'],
    ['no time', { deadlineMs: 0 }, 'usage'],
    ['too much time', { deadlineMs: 1e9 }, 'usage'],
  ]
  test.each(wrong)('%s', async (_, options, code) => {
    const path = script('fine', 'echo fine')
    const call = new Call([path, '/usr'])
    await expect(call.run({ executable: path, ...options })).rejects.toMatchObject({ code })
  })

  test('what is no program', async () => {
    const path = join(folder, 'text')
    writeFileSync(path, 'text')
    await expect(new Call([path]).run({ executable: path })).rejects.toMatchObject({ code: 'interface-failed' })
  })
})

function pidIn(file: string): number | undefined {
  try {
    const found = Number(readFileSync(file, 'utf8'))
    return found > 0 ? found : undefined
  } catch {
    return undefined
  }
}

/** Killed children of children are reaped by whoever is there for it, perhaps late. */
function isAlive(pid: number): boolean {
  try {
    return !/^State:\s+Z/m.test(readFileSync(`/proc/${pid}/status`, 'utf8'))
  } catch {
    return false
  }
}

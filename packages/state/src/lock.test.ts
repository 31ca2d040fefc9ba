import { type ChildProcess, spawn } from 'node:child_process'
import { once } from 'node:events'
import { existsSync, mkdirSync, mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { createRequire } from 'node:module'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { createInterface } from 'node:readline'
import { pathToFileURL } from 'node:url'
import { afterEach, beforeEach, describe, expect, it } from 'vitest'
import { acquireLock } from './lock.js'
import { ownMark } from './process-mark.js'

// Real processes, really killed. They import the built package.
const entry = pathToFileURL(createRequire(import.meta.url).resolve('@bulkhead/state')).href
const onLinux = process.platform === 'linux'

let base = ''
let lock = ''
const children: ChildProcess[] = []
beforeEach(() => {
  base = mkdtempSync(join(tmpdir(), 'bulkhead-lock-'))
  lock = join(base, 'lock')
  mkdirSync(lock)
})
afterEach(() => {
  for (const child of children.splice(0)) child.kill('SIGKILL')
  rmSync(base, { recursive: true, force: true })
})

type Held = { readonly child: ChildProcess; readonly says: AsyncIterator<string> }

/** A process that runs `body` with `state` the opened directory; lines that it prints come back. */
function run(body: string): Held {
  const program = `import { StateDirectory } from ${JSON.stringify(entry)}
    const open = () => StateDirectory.open(${JSON.stringify(base)})
    ${body}`
  const child = spawn(process.execPath, ['--input-type=module', '-e', program], { stdio: ['pipe', 'pipe', 'inherit'] })
  children.push(child)
  const lines = createInterface({ input: child.stdout as NodeJS.ReadableStream })
  return { child, says: lines[Symbol.asyncIterator]() }
}

const hold = `
  const state = await open()
  console.log(state.previousStop)
  setInterval(() => {}, 1000)`

async function line(held: Held): Promise<string> {
  const next = await held.says.next()
  return next.done === true ? '' : next.value
}

async function die(child: ChildProcess): Promise<void> {
  const exit = once(child, 'exit')
  child.kill('SIGKILL')
  await exit
}

const numbers = (): number[] =>
  readdirSync(lock)
    .filter((name) => /^\d+$/.test(name))
    .map(Number)
const rewrite = (change: (content: { holder: Record<string, unknown> }) => void): void => {
  const [name] = numbers()
  const path = join(lock, String(name))
  const content = JSON.parse(readFileSync(path, 'utf8'))
  change(content)
  writeFileSync(path, JSON.stringify(content))
}

describe('the lock', () => {
  it('is refused while another process lives, naming its pid and path, and free once it was killed', async () => {
    const held = run(hold)
    expect(await line(held)).toBe('first')
    const { pid } = held.child
    await expect(acquireLock(lock)).rejects.toMatchObject({
      code: 'state-locked',
      message: `process ${pid} uses the state directory \`${base}\``,
      details: { pid, path: base, lock: join(lock, '1') },
      hint: expect.stringContaining(`stop process ${pid}`),
    })
    await die(held.child)
    const mine = await acquireLock(lock)
    expect(mine.previousStop).toBe('unclean')
    expect(numbers()).toEqual([2])
    await mine.release('clean')
    expect(numbers()).toEqual([2])
    expect((await acquireLock(lock)).previousStop).toBe('clean')
  })

  it('is refused to the process that has it', async () => {
    const mine = await acquireLock(lock)
    await expect(acquireLock(lock)).rejects.toMatchObject({
      code: 'state-locked',
      message: `this process uses the state directory \`${base}\` already`,
      details: { pid: process.pid },
      hint: expect.stringContaining('another `state`'),
    })
    await mine.release('clean')
    await (await acquireLock(lock)).release('clean')
  })

  it('goes to exactly one of 20 processes that find the same stale one', async () => {
    const stale = run(hold)
    await line(stale)
    await die(stale.child)
    const racers = Array.from({ length: 20 }, () =>
      run(`
        console.log('ready')
        for await (const go of process.stdin) break
        try { const state = await open(); console.log('won ' + state.previousStop) }
        catch (error) { console.log(error.code) }
        setInterval(() => {}, 1000)`),
    )
    await Promise.all(racers.map(line))
    for (const { child } of racers) child.stdin?.write('go\n')
    const results = await Promise.all(racers.map(line))
    expect(results.filter((result) => result === 'won unclean')).toHaveLength(1)
    expect(results.filter((result) => result === 'state-locked')).toHaveLength(19)
  }, 30_000)

  it('is never held twice while processes take it, let it go and die holding it', async () => {
    const inside = join(base, 'tmp', 'inside')
    // `inside` is made exclusively and removed by whoever holds the lock. A second holder finds it there; or, as opening
    // sweeps `tmp` (so that a killed holder leaves none), takes it away from under the first one, whose removal then fails.
    const contender = `
      import { closeSync, openSync, rmSync } from 'node:fs'
      let taken = 0
      const until = Date.now() + 1500
      while (Date.now() < until) {
        let state
        try { state = await open() } catch (error) {
          if (error.code !== 'state-locked') { console.log('error ' + error.message); process.exit(1) }
          continue
        }
        try { closeSync(openSync(${JSON.stringify(inside)}, 'wx')) } catch { console.log('two holders'); process.exit(1) }
        taken++
        await new Promise((resolve) => setTimeout(resolve, Math.random() < 0.5 ? 0 : 1))
        if (Math.random() < 0.02) { console.log('died holding ' + taken); process.kill(process.pid, 'SIGKILL') }
        rmSync(${JSON.stringify(inside)})
        if (Math.random() < 0.5) await state.close(); else await state.abandon()
      }
      console.log('done ' + taken)`
    const contenders = Array.from({ length: 6 }, () => run(contender))
    const exits = contenders.map(({ child }) => once(child, 'exit'))
    const says = await Promise.all(contenders.map(line))
    // One that says it dies is still alive for a moment, and holds the lock.
    await Promise.all(exits)
    for (const said of says) expect(said).toMatch(/^(done|died holding) \d+$/)
    expect(says.reduce((sum, said) => sum + Number(said.split(' ').at(-1)), 0)).toBeGreaterThan(20)
    await (await acquireLock(lock)).release('clean')
  }, 30_000)

  it('is not taken by a contender that stalls and creates a number used long ago', async () => {
    for (let round = 0; round < 5; round++) await (await acquireLock(lock)).release('clean')
    const holder = await acquireLock(lock)
    // What such a contender leaves when it dies at the worst instant: a low number, of a dead process.
    const dead = { state: 'held', nonce: '0'.repeat(32), holder: { ...ownMark(), pid: 2 ** 22 + 1 } }
    writeFileSync(join(lock, '3'), JSON.stringify(dead))
    await expect(acquireLock(lock)).rejects.toMatchObject({ code: 'state-locked' })
    await holder.release('clean')
    const next = await acquireLock(lock)
    expect(next.previousStop).toBe('clean')
    expect(numbers()).toEqual([7])
  })

  it.runIf(onLinux)('knows a pid that was used again, and a reboot', async () => {
    await acquireLock(lock)
    rewrite((content) => {
      content.holder['startTicks'] = '1'
    })
    const second = await acquireLock(lock)
    expect(second.previousStop).toBe('unclean')
    rewrite((content) => {
      content.holder['bootId'] = '00000000-0000-0000-0000-000000000000'
    })
    expect((await acquireLock(lock)).previousStop).toBe('unclean')
  })

  it.runIf(onLinux)('does not take the word of another machine for dead', async () => {
    await acquireLock(lock)
    rewrite((content) => {
      content.holder['bootId'] = '00000000-0000-0000-0000-000000000000'
      content.holder['hostname'] = 'another-machine'
    })
    await expect(acquireLock(lock)).rejects.toMatchObject({
      code: 'state-locked',
      hint: expect.stringContaining('remove'),
    })
  })

  it.runIf(onLinux)(
    'asks the socket of a holder in another pid namespace: refused while it lives, free once it was killed',
    async () => {
      const held = run(hold)
      await line(held)
      const elsewhere = (): void =>
        rewrite((content) => {
          content.holder['pidNamespace'] = 'pid:[1]'
          content.holder['pid'] = 1
        })
      elsewhere()
      await expect(acquireLock(lock)).rejects.toMatchObject({ code: 'state-locked', details: { life: 'alive' } })
      await die(held.child)
      expect((await acquireLock(lock)).previousStop).toBe('unclean')
      expect(readdirSync(lock).filter((name) => name.endsWith('.sock'))).toHaveLength(1)
    },
  )

  it.runIf(onLinux)('takes a holder in another pid namespace for alive when its socket is gone', async () => {
    await acquireLock(lock)
    for (const name of readdirSync(lock)) if (name.endsWith('.sock')) rmSync(join(lock, name))
    rewrite((content) => {
      content.holder['pidNamespace'] = 'pid:[1]'
    })
    await expect(acquireLock(lock)).rejects.toMatchObject({ code: 'state-locked', details: { life: 'unknown' } })
  })

  it.runIf(onLinux)('takes a killed process for dead although its parent has not looked', async () => {
    // The shell starts the holder, kills it and never waits for it: the holder stays defunct.
    const program = `import { StateDirectory } from '${entry}'; await StateDirectory.open(process.argv[1]); console.log('held'); setInterval(() => {}, 1000)`
    const parent = spawn(process.execPath, [
      '-e',
      `const { spawn } = require('node:child_process')
       const child = spawn(process.execPath, ['--input-type=module', '-e', ${JSON.stringify(program)}, ${JSON.stringify(base)}], { stdio: ['ignore', 'pipe', 'inherit'] })
       child.stdout.once('data', () => {
         process.kill(child.pid, 'SIGKILL')
         console.log(child.pid)
         const end = Date.now() + 5000
         while (Date.now() < end) {}
       })`,
    ])
    children.push(parent)
    const [said] = await once(parent.stdout, 'data')
    const stat = `/proc/${Number(String(said))}/stat`
    for (let i = 0; i < 100 && !/\) Z /.test(readFileSync(stat, 'utf8')); i++) {
      await new Promise((resolve) => setTimeout(resolve, 10))
    }
    expect(existsSync(stat)).toBe(true)
    expect((await acquireLock(lock)).previousStop).toBe('unclean')
  })

  it('says so when a lock file is not one of ours', async () => {
    for (const text of [
      '',
      '{',
      '[]',
      '{"state":"held"}',
      '{"state":"held","nonce":"x","holder":{}}',
      'x'.repeat(5_000),
    ]) {
      writeFileSync(join(lock, '7'), text)
      await expect(acquireLock(lock), text.slice(0, 20)).rejects.toMatchObject({ code: 'store-corrupt' })
    }
    rmSync(join(lock, '7'))
    await (await acquireLock(lock)).release('clean')
  })
})

// What code can do that has broken out of its guest and runs with all the powers of Node, inside the process of its actor.
// A test build of the worker evaluates a script of the test there. Beside each refusal stands what is allowed.
import { execFileSync } from 'node:child_process'
import { createSocket } from 'node:dgram'
import {
  mkdirSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  realpathSync,
  renameSync,
  rmSync,
  symlinkSync,
  writeFileSync,
} from 'node:fs'
import { createServer, type Server } from 'node:net'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { setTimeout as sleep } from 'node:timers/promises'
import { detectWalls } from '@bulkhead/actor'
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, it } from 'vitest'
import { Ledger } from '../../packages/actor/dist/ledger.js'
import { ledgerEntries } from '../../packages/actor/dist/process/ledger-mirror.js'
import { actorLab } from '../support/actor-lab.mjs'
import { guestFile } from '../support/test-runtime.mjs'

const walls = await detectWalls()
const walled = walls.up.has('bubblewrap')
if (!walled) console.warn(`nothing is tried from inside a process here: ${walls.missing.get('bubblewrap')}`)

const anEmptyLedger = ledgerEntries(new Ledger())
const marker = 'a-secret-that-nobody-granted'
let lab: Awaited<ReturnType<typeof actorLab>>
let root: string
let granted: string
beforeAll(async () => {
  lab = await actorLab('process')
})
afterAll(() => lab.close())
beforeEach(() => {
  root = realpathSync(mkdtempSync(join(tmpdir(), 'escape-')))
  granted = join(root, 'granted')
  mkdirSync(granted)
  writeFileSync(join(granted, 'file'), 'granted')
  writeFileSync(join(root, 'secret'), marker)
})
afterEach(() => rmSync(root, { recursive: true }))

const everything = ['read /data/**', 'write /data/**', 'create /data/**', 'delete /data/**']
type Options = { allow?: string[]; mode?: 'read' | 'write'; hidden?: string[]; deadlineMs?: number }

/** Runs a script inside; it sees `granted`, `root`, and `attempt`, which answers with what a function returned or threw. */
async function inside(script: string, { allow = everything, mode = 'write', ...options }: Options = {}) {
  const prelude = `
    const fs = require('node:fs'), net = require('node:net'), os = require('node:os'), path = require('node:path')
    const child = require('node:child_process')
    const granted = ${JSON.stringify(granted)}, root = ${JSON.stringify(root)}
    const attempt = async (name, act) => {
      try { return [name, String(await act())] } catch (thrown) { return [name, '!' + (thrown.code ?? thrown.message)] }
    }
    const all = async (acts) => Object.fromEntries(await Promise.all(Object.entries(acts).map(([n, a]) => attempt(n, a))))
  `
  const chunks: Uint8Array[] = []
  const actor = await lab.run(
    guestFile('hello'),
    { allow, host: granted, mode },
    { deadlineMs: 30_000, ...options, entry: 'hostile-worker.test.support.js', args: ['guest', prelude + script] },
    { stdout: (chunk) => void chunks.push(chunk), stdin: silent() },
  )
  const report = await actor.exited
  const text = Buffer.concat(chunks).toString()
  return { report, answer: (text === '' ? undefined : JSON.parse(text)) as Record<string, string> }
}

/** An input that stays open and says nothing. */
async function* silent(): AsyncGenerator<Uint8Array> {
  await sleep(20_000, undefined, { ref: false })
  yield new Uint8Array(1)
}

const isRefused = expect.stringMatching(/^!/)

describe.runIf(walled)('files', () => {
  it('what was granted can be read and written; nothing else is there, by whatever spelling', async () => {
    symlinkSync(join(root, 'secret'), join(granted, 'link'))
    symlinkSync('../secret', join(granted, 'relative'))
    symlinkSync('..', join(granted, 'up'))
    const { report, answer } = await inside(`return await all({
      allowedRead: () => fs.readFileSync(granted + '/file', 'utf8'),
      allowedWrite: () => { fs.writeFileSync(granted + '/made', 'made'); return 'written' },
      absolute: () => fs.readFileSync(root + '/secret'),
      dots: () => fs.readFileSync(granted + '/../secret'),
      manyDots: () => fs.readFileSync(granted + '/../'.repeat(40) + root + '/secret'),
      slashes: () => fs.readFileSync('//' + root + '//secret'),
      bytes: () => fs.readFileSync(Buffer.from(root + '/secret')),
      url: () => fs.readFileSync(require('node:url').pathToFileURL(root + '/secret')),
      procRoot: () => fs.readFileSync('/proc/self/root' + root + '/secret'),
      procOne: () => fs.readFileSync('/proc/1/root' + root + '/secret'),
      procCwd: () => fs.readFileSync('/proc/self/cwd/..' + root + '/secret'),
      byHandle: () => fs.readFileSync('/proc/self/fd/' + fs.openSync(granted) + '/../secret'),
      link: () => fs.readFileSync(granted + '/link'),
      relative: () => fs.readFileSync(granted + '/relative'),
      up: () => fs.readFileSync(granted + '/up/secret'),
      ownLink: () => { fs.symlinkSync('/etc/passwd', granted + '/mine'); return fs.readFileSync(granted + '/mine') },
      hardLink: () => fs.linkSync(root + '/secret', granted + '/hard'),
      passwd: () => fs.readFileSync('/etc/passwd'),
      shadow: () => fs.readFileSync('/etc/shadow'),
      home: () => fs.readdirSync(os.userInfo().homedir),
      rename: () => fs.renameSync(granted + '/file', root + '/moved'),
    })`)
    expect(report).toMatchObject({ exitCode: 0 })
    const { allowedRead, allowedWrite, ...others } = answer
    expect([allowedRead, allowedWrite]).toEqual(['granted', 'written'])
    for (const [name, got] of Object.entries(others)) expect([name, got]).toEqual([name, isRefused])
    expect(readFileSync(join(granted, 'made'), 'utf8')).toBe('made')
    expect(readdirSync(root).sort()).toEqual(['granted', 'secret'])
  })

  it('what is mounted for reading, or granted for reading only, cannot be written', async () => {
    const attempts = `return await all({
      read: () => fs.readFileSync(granted + '/file', 'utf8'),
      write: () => fs.writeFileSync(granted + '/file', 'x'),
      make: () => fs.writeFileSync(granted + '/new', 'x'),
      remove: () => fs.unlinkSync(granted + '/file'),
      times: () => fs.utimesSync(granted + '/file', 1, 1),
    })`
    for (const options of [{ mode: 'read' as const }, { allow: ['read /data/**'] }]) {
      const { answer } = await inside(attempts, options)
      const { read, ...writes } = answer
      expect(read).toBe('granted')
      expect(new Set(Object.values(writes))).toEqual(new Set(['!EROFS']))
    }
    const { answer } = await inside(attempts)
    expect(answer['write']).toBe('undefined')
  })

  it('no file is left behind that runs with the rights of its owner, and no device', async () => {
    const { answer } = await inside(`return await all({
      made: () => { fs.writeFileSync(granted + '/made', 'x', { mode: 0o755 }); return 'made' },
      setuid: () => fs.writeFileSync(granted + '/setuid', 'x', { mode: 0o4755 }),
      setgid: () => fs.writeFileSync(granted + '/setgid', 'x', { mode: 0o2755 }),
      chmod: () => fs.chmodSync(granted + '/made', 0o4755),
      fchmod: () => fs.fchmodSync(fs.openSync(granted + '/made', 'r'), 0o4755),
    })`)
    const { made, ...others } = answer
    expect(made).toBe('made')
    expect(new Set(Object.values(others))).toEqual(new Set(['!EPERM']))
    expect(readdirSync(granted).sort()).toEqual(['file', 'made'])
  })

  it('a mount in which nothing is granted is not there at all', async () => {
    const { answer } = await inside(`return await all({ list: () => fs.readdirSync(granted) })`, { allow: [] })
    expect(answer['list']).toBe('!ENOENT')
  })

  it('a directory that is exchanged for a link while it starts leads nowhere', async () => {
    const elsewhere = join(root, 'elsewhere')
    mkdirSync(elsewhere)
    writeFileSync(join(elsewhere, 'file'), marker)
    const said: string[] = []
    const script = `return require('node:fs').readFileSync(${JSON.stringify(join(granted, 'file'))}, 'utf8')`
    const actor = await lab.run(
      guestFile('hello'),
      { allow: everything, host: granted, mode: 'write' },
      { entry: 'hostile-worker.test.support.js', args: ['guest', script] },
      { stdout: (chunk) => void said.push(Buffer.from(chunk).toString()), stdin: silent() },
    )
    // bubblewrap has just been started, and has hardly mounted anything yet.
    renameSync(granted, join(root, 'away'))
    symlinkSync(elsewhere, granted)
    await actor.exited
    expect(said.join('')).not.toContain(marker)
  })

  it("another child's directory cannot be written, though it lies beside", async () => {
    mkdirSync(join(root, 'other'))
    const { answer } = await inside(`return await all({
      write: () => fs.writeFileSync(root + '/other/x', 'x'),
      make: () => fs.mkdirSync(root + '/another'),
      mine: () => { fs.mkdirSync(granted + '/own'); return 'made' },
    })`)
    expect(answer).toEqual({ write: isRefused, make: isRefused, mine: 'made' })
    expect(readdirSync(join(root, 'other'))).toEqual([])
  })

  it('nothing outside of what was granted can be written, and nothing of the kernel', async () => {
    const { answer } = await inside(`return await all({
      root: () => fs.writeFileSync('/x', ''),
      ours: () => fs.writeFileSync('/bulkhead/node_modules/@bulkhead/actor/dist/process/worker.js', ''),
      node: () => fs.openSync(process.execPath, 'r+'),
      dev: () => fs.writeFileSync('/dev/x', ''),
      shm: () => fs.writeFileSync('/dev/shm/x', ''),
      tmp: () => fs.writeFileSync('/tmp/x', ''),
      corePattern: () => fs.openSync('/proc/sys/kernel/core_pattern', 'r+'),
      sysctl: () => fs.openSync('/proc/sys/vm/overcommit_memory', 'r+'),
      sysrq: () => fs.openSync('/proc/sysrq-trigger', 'w'),
      memory: () => fs.openSync('/proc/self/mem', 'r+'),
      score: () => fs.writeFileSync('/proc/self/oom_score_adj', '-1000'),
      sys: () => fs.readdirSync('/sys'),
      disk: () => fs.readdirSync('/dev').join(),
      nothing: () => { fs.writeFileSync('/dev/null', 'x'); return 'gone' },
    })`)
    const { disk, nothing, ...others } = answer
    expect(disk).toBe('null')
    expect(nothing).toBe('gone')
    for (const [name, got] of Object.entries(others)) expect([name, got]).toEqual([name, isRefused])
  })
})

describe.runIf(walled)('the runtime itself', () => {
  it('its state directory is empty where it lies in a mount, and its socket is not there', async () => {
    const state = join(granted, 'state')
    mkdirSync(state)
    writeFileSync(join(state, 'admin.token'), marker)
    writeFileSync(join(granted, 'shadow'), marker)
    const server = await listening(join(state, 'admin.sock'))
    const attempts = `return await all({
      list: () => fs.readdirSync(granted + '/state').length,
      token: () => fs.readFileSync(granted + '/state/admin.token'),
      hiddenFile: () => fs.readFileSync(granted + '/shadow', 'utf8').length,
      write: () => fs.writeFileSync(granted + '/state/x', 'x'),
      unmount: () => fs.rmdirSync(granted + '/state'),
      away: () => fs.renameSync(granted + '/state', granted + '/elsewhere'),
      beside: () => fs.readFileSync(granted + '/file', 'utf8'),
    })`
    const { answer } = await inside(attempts, { hidden: [state, join(granted, 'shadow'), join(granted, 'not-there')] })
    expect(answer).toEqual({
      list: '0',
      token: isRefused,
      hiddenFile: expect.stringMatching(/^(0|!EACCES)$/),
      write: isRefused,
      unmount: isRefused,
      away: isRefused,
      beside: 'granted',
    })
    expect(readdirSync(state).sort()).toEqual(['admin.sock', 'admin.token'])
    await closed(server)
  })

  it('shows nothing of its environment, its descriptors or its name', async () => {
    const script = join(import.meta.dirname, 'process-rung-descriptors.mjs')
    const secret = join(root, 'secret')
    const output = execFileSync(
      'bash',
      ['-c', `exec 57<"$1" 5<"$1"; exec "$2" "$3" "$4"`, 'bash', secret, process.execPath, script, granted],
      {
        env: { ...process.env, MARKER: marker },
        encoding: 'utf8',
      },
    )
    const seen = JSON.parse(output)
    expect(Object.keys(seen.environment)).toEqual([])
    expect(seen.texts).not.toContain(marker)
    expect(seen.texts).not.toContain(root)
    expect(seen.hostname).toBe('guest')
    const known = /^(socket:\[\d+\]|pipe:\[\d+\]|anon_inode:\[\w+\]|\/dev\/null)$/
    expect(seen.descriptors.filter((target: string) => !known.test(target))).toEqual([])
    expect(seen.descriptors.length).toBeGreaterThan(8)
  })
})

describe.runIf(walled)('the world', () => {
  it('no socket can be made, to nobody and for nobody', async () => {
    const reached: string[] = []
    const servers = await Promise.all([
      listening(join(granted, 'in-a-mount.sock'), () => reached.push('path')),
      listening('\0escape-test', () => reached.push('abstract')),
      listening(0, () => reached.push('tcp')),
    ])
    const udp = createSocket('udp4').on('message', () => reached.push('udp'))
    await new Promise<void>((resolve) => udp.bind(0, '127.0.0.1', resolve))
    const tcpPort = portOf(servers[2])
    const { answer } = await inside(`
      const connect = (...to) => () => new Promise((resolve, reject) => {
        net.connect(...to).once('connect', () => resolve('connected')).once('error', reject)
      })
      const listen = (...at) => () => new Promise((resolve, reject) => {
        net.createServer().once('error', reject).listen(...at, () => resolve('listening'))
      })
      return await all({
        tcp: connect(${tcpPort}, '127.0.0.1'),
        tcp6: connect(${tcpPort}, '::1'),
        metadata: connect(80, '169.254.169.254'),
        path: connect(granted + '/in-a-mount.sock'),
        abstract: connect('\\0escape-test'),
        udp: () => new Promise((resolve, reject) => {
          const socket = require('node:dgram').createSocket('udp4').once('error', reject)
          socket.send('x', ${udp.address().port}, '127.0.0.1', (error) => error ? reject(error) : resolve('sent'))
        }),
        listenTcp: listen(0),
        listenPath: listen(granted + '/mine.sock'),
        dns: () => require('node:dns').promises.resolve4('example.com'),
        lookup: () => require('node:dns').promises.lookup('example.com'),
        inspector: () => { require('node:inspector').open(0); return require('node:inspector').url() ?? Promise.reject(new Error('none')) },
      })`)
    for (const [name, got] of Object.entries(answer)) expect([name, got]).toEqual([name, isRefused])
    expect(reached).toEqual([])
    udp.close()
    for (const server of servers) await closed(server)
  })

  it('no process can be started, whatever is there to start', async () => {
    writeFileSync(join(granted, 'script'), '#!/bin/sh\necho out > escaped\n', { mode: 0o755 })
    const { answer } = await inside(`
      const run = (...words) => () => {
        const done = child.spawnSync(...words)
        if (done.error) throw done.error
        return done.status
      }
      return await all({
        node: run(process.execPath, ['-e', '0']),
        shell: run('/bin/sh', ['-c', 'true']),
        script: run(granted + '/script'),
        loader: run('/lib64/ld-linux-x86-64.so.2', [process.execPath, '-e', '0']),
        fork: () => new Promise((resolve, reject) => child.fork(granted + '/file').once('error', reject).once('exit', resolve)),
        addon: () => process.dlopen({ exports: {} }, granted + '/file'),
        computed: () => new Function('return 6 * 7')(),
      })`)
    const { computed, ...others } = answer
    expect(computed).toBe('42')
    for (const [name, got] of Object.entries(others)) expect([name, got]).toEqual([name, isRefused])
    expect(readdirSync(granted).sort()).toEqual(['file', 'script'])
  })

  it('nobody outside can be signalled, or seen', async () => {
    const { answer } = await inside(`return await all({
      host: () => process.kill(${process.pid}, 0),
      bystander: () => process.kill(${process.ppid}, 0),
      processes: () => fs.readdirSync('/proc').filter((name) => /^[0-9]+$/.test(name)).join(),
      parent: () => process.ppid,
      priority: () => os.setPriority(0, 0),
      uid: () => process.setuid(1000),
    })`)
    expect(answer).toEqual({
      host: '!ESRCH',
      bystander: '!ESRCH',
      processes: '1',
      parent: '0',
      priority: isRefused,
      uid: isRefused,
    })
  })

  it('memory that no guest has cannot be taken, and the host goes on', async () => {
    const { report } = await inside(
      `const held = []
      for (;;) try { held.push(Buffer.alloc(16 * 1024 * 1024, 1)) } catch { await new Promise(setImmediate) }`,
      { deadlineMs: 2_000 },
    )
    expect(report.class).toBe('resource')
  })
})

describe.runIf(walled)('the channel', () => {
  const frame = `const frame = (text) => {
    const body = Buffer.from(text), head = Buffer.alloc(4); head.writeUInt32LE(body.length); return Buffer.concat([head, body])
  }
  const wait = () => new Promise((resolve) => setTimeout(resolve, 5_000));\n`

  it.each([
    ['a frame that is not one', `fs.writeSync(3, frame('nonsense'))`],
    ['a frame of an unknown kind', `fs.writeSync(3, frame('{"kind":"grant"}'))`],
    ['a member too many', `fs.writeSync(3, frame('{"kind":"ready","deadline":0}'))`],
    ['a frame larger than any', `fs.writeSync(3, Buffer.from([255, 255, 255, 255]))`],
    ['to be ready twice', `fs.writeSync(3, frame('{"kind":"ready"}'))`],
    [
      'an exit code that no program has',
      `fs.writeSync(3, frame('{"kind":"ended","outcome":{"kind":"exited","code":256},"leakedDescriptors":0}'))`,
    ],
    ['rules of the future', `fs.writeSync(3, frame('{"kind":"bound","version":9,"entered":9}'))`],
    ['a record that is not one', `fs.writeSync(4, frame('nonsense'))`],
    ['a record larger than any', `fs.writeSync(4, Buffer.from([255, 255, 255, 255]))`],
    ['words on its input', `fs.writeSync(5, 'x')`],
    ['a lane as it cannot be', `new Int32Array(ledger.memory).fill(-1)`],
  ])('%s is a security fault', async (_name, act) => {
    const { report } = await inside(`${frame}${act}; await wait()`)
    expect(report).toMatchObject({ class: 'security', hostility: 'injection' })
    expect(report.reason).toContain('a process sent what it may not')
  })

  it('no more files are open than its guest may have, with what Node needs', async () => {
    const { answer } = await inside(`return all({
      some: () => Array.from({ length: 200 }, () => fs.openSync(granted + '/file', 'r')).length,
      many: () => { for (;;) fs.openSync(granted + '/file', 'r') },
    })`)
    expect(answer).toEqual({ some: '200', many: '!EMFILE' })
  })

  it('much talk costs the talker its time', async () => {
    const { report, answer } = await inside(`${frame}
      const one = frame(JSON.stringify({ kind: 'ledger', entries: ${JSON.stringify(anEmptyLedger)} }))
      let sent = 0
      for (const until = Date.now() + 1_500; Date.now() < until; sent++) {
        try { fs.writeSync(3, one) } catch (thrown) { if (thrown.code !== 'EAGAIN') throw thrown }
      }
      return { sent: String(sent) }`)
    expect(report).toMatchObject({ exitCode: 0 })
    expect(Number(answer['sent'])).toBeGreaterThan(0)
  })

  it('a process that closes everything and stays is ended at its deadline', async () => {
    const { report } = await inside(
      `${frame} for (const fd of [3, 4, 5, 6, 7]) { try { fs.closeSync(fd) } catch {} }\n for (;;) {}`,
      { deadlineMs: 1_500 },
    )
    expect(['resource', 'crash', 'security']).toContain(report.class)
  })

  it('a process that says goodbye and stays is ended', async () => {
    const { report } = await inside(`${frame}
      fs.writeSync(3, frame('{"kind":"ended","outcome":{"kind":"exited","code":5},"leakedDescriptors":0}'))
      for (;;) {}`)
    // What the bridge says afterwards of its own may come to light first: then it has lied.
    expect(['crash', 'security']).toContain(report.class)
    if (report.class === 'crash') expect(report.exitCode).toBe(5)
    expect(report.usage.wallMs).toBeLessThan(25_000)
  })

  it('words beyond what is read stop their talker, and its end is seen', async () => {
    const { report } = await inside(
      `const line = Buffer.alloc(65536, 'x')
 for (const fd of [2, 7]) fs.write(fd, line, () => {})
      for (;;) { try { fs.writeSync(2, line) } catch (thrown) { if (thrown.code !== 'EAGAIN') throw thrown } }`,
      { deadlineMs: 1_500 },
    )
    expect(report).toMatchObject({ class: 'resource', commandExitCode: 124 })
  })

  it('a thread that is stuck in the kernel ends with its process', async () => {
    execFileSync('mkfifo', [join(granted, 'fifo')])
    const { report } = await inside(`fs.openSync(granted + '/fifo', 'r')`, { deadlineMs: 500 })
    expect(report).toMatchObject({ class: 'resource', commandExitCode: 124 })
  })
})

function listening(where: string | number, reached: () => void = () => {}): Promise<Server> {
  const server = createServer((socket) => {
    reached()
    socket.destroy()
  })
  return new Promise((resolve) => void server.listen(where, () => resolve(server)))
}

function portOf(server: Server | undefined): number {
  const address = server?.address()
  return typeof address === 'object' && address !== null ? address.port : 0
}

function closed(server: Server): Promise<void> {
  return new Promise((resolve) => void server.close(() => resolve()))
}

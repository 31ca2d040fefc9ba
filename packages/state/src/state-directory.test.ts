import {
  chmodSync,
  chownSync,
  existsSync,
  lstatSync,
  mkdirSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  rmSync,
  statSync,
  symlinkSync,
  writeFileSync,
} from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterEach, beforeEach, describe, expect, it } from 'vitest'
import { StateDirectory } from './state-directory.js'

let base = ''
let root = ''
beforeEach(() => {
  base = mkdtempSync(join(tmpdir(), 'bulkhead-state-'))
  root = join(base, 'state')
})
afterEach(() => rmSync(base, { recursive: true, force: true }))

const bytes = (text: string): Uint8Array => new TextEncoder().encode(text)
const mode = (path: string): number => statSync(path).mode & 0o777

describe('opening', () => {
  it('makes a directory of mode 0700, with its parents, whatever the umask', async () => {
    const umask = process.umask(0)
    try {
      const state = await StateDirectory.open(join(root, 'deep'), { create: true })
      expect(mode(state.root)).toBe(0o700)
      expect(mode(root)).toBe(0o700)
      expect(mode(join(state.root, 'version'))).toBe(0o600)
      await state.close()
    } finally {
      process.umask(umask)
    }
  })

  it('says that there is none, unless it may make one', async () => {
    await expect(StateDirectory.open(root)).rejects.toMatchObject({ code: 'state-not-found' })
    expect(existsSync(root)).toBe(false)
  })

  it('says how the one before stopped: first, clean', async () => {
    const first = await StateDirectory.open(root, { create: true })
    expect(first.previousStop).toBe('first')
    await first.close()
    const second = await StateDirectory.open(root)
    expect(second.previousStop).toBe('clean')
    await second.close()
  })

  it('is not vouched for by a holder that abandons it', async () => {
    await (await StateDirectory.open(root, { create: true })).abandon()
    const next = await StateDirectory.open(root)
    expect(next.previousStop).toBe('unclean')
    await next.close()
    await next.abandon()
    expect((await StateDirectory.open(root)).previousStop).toBe('clean')
  })

  it('refuses a directory in which others may write, and takes one that others may only read, closing it', async () => {
    for (const open of [0o770, 0o707, 0o722]) {
      const path = join(base, `open-${open}`)
      mkdirSync(path)
      chmodSync(path, open)
      await expect(StateDirectory.open(path, { create: true })).rejects.toMatchObject({ code: 'state-insecure' })
    }
    mkdirSync(root)
    chmodSync(root, 0o755)
    const state = await StateDirectory.open(root)
    expect(mode(root)).toBe(0o700)
    await state.close()
  })

  it.runIf(process.getuid?.() === 0)('refuses a directory of another user', async () => {
    mkdirSync(root, { mode: 0o700 })
    chownSync(root, 12_345, 12_345)
    await expect(StateDirectory.open(root)).rejects.toMatchObject({ code: 'state-insecure' })
    chownSync(root, 0, 0)
    await (await StateDirectory.open(root)).close()
  })

  it('refuses a directory that holds the files of someone else, and leaves it as it is', async () => {
    mkdirSync(root, { mode: 0o755 })
    writeFileSync(join(root, 'thesis.tex'), 'years of work')
    await expect(StateDirectory.open(root, { create: true })).rejects.toMatchObject({ code: 'state-version' })
    expect(readdirSync(root)).toEqual(['thesis.tex'])
    expect(mode(root)).toBe(0o755)
  })

  it('refuses a file, and a directory of another version, whose unclean stop it does not cover up', async () => {
    writeFileSync(join(base, 'file'), '')
    await expect(StateDirectory.open(join(base, 'file'), { create: true })).rejects.toMatchObject({
      code: 'state-version',
    })
    await (await StateDirectory.open(root, { create: true })).abandon()
    const version = readFileSync(join(root, 'version'))
    writeFileSync(join(root, 'version'), 'bulkhead-state 2\n')
    await expect(StateDirectory.open(root)).rejects.toMatchObject({ code: 'state-version' })
    writeFileSync(join(root, 'version'), version)
    expect((await StateDirectory.open(root)).previousStop).toBe('unclean')
  })

  it('follows a link to the directory, once', async () => {
    await (await StateDirectory.open(root, { create: true })).close()
    symlinkSync(root, join(base, 'link'))
    const state = await StateDirectory.open(join(base, 'link'))
    expect(state.root).toBe(root)
    await state.close()
  })

  it('sweeps what an interrupted writer left', async () => {
    await (await StateDirectory.open(root, { create: true })).close()
    writeFileSync(join(root, 'tmp', '.tmp-1-half'), 'half')
    writeFileSync(join(root, 'lock', '.tmp-1-half'), 'half')
    const state = await StateDirectory.open(root)
    expect(readdirSync(join(root, 'tmp'))).toEqual([])
    expect(readdirSync(join(root, 'lock')).filter((name) => name.startsWith('.tmp'))).toEqual([])
    await state.close()
  })
})

describe('paths', () => {
  it('stay inside, and away from the names that it keeps for itself', async () => {
    const state = await StateDirectory.open(root, { create: true })
    expect(state.path('audit', 'journal.jsonl')).toBe(join(root, 'audit', 'journal.jsonl'))
    expect(mode(state.directory('audit', 'old'))).toBe(0o700)
    const bad = [[], [''], ['.'], ['..'], ['a', '..', '..', 'x'], ['a/b'], ['a\0'], ['lock', '0'], ['tmp'], ['version']]
    for (const segments of [...bad, ['x'.repeat(201)], Array.from({ length: 17 }, () => 'a')]) {
      expect(() => state.path(...segments), segments.join('/').slice(0, 20)).toThrow(
        expect.objectContaining({ code: 'usage' }),
      )
    }
    expect(state.path('x'.repeat(200))).toContain('xxx')
    await state.close()
    expect(() => state.directory('late')).toThrow(expect.objectContaining({ code: 'usage' }))
    await expect(state.secret('late.key', 32)).rejects.toMatchObject({ code: 'usage' })
    await expect(state.replaceFile('late', bytes('x'))).rejects.toMatchObject({ code: 'usage' })
  })
})

describe('secrets', () => {
  it('are made once, 0600, and stay', async () => {
    const state = await StateDirectory.open(root, { create: true })
    const [one, two] = await Promise.all([state.secret('audit.key', 32), state.secret('audit.key', 32)])
    expect(one).toHaveLength(32)
    expect(two).toEqual(one)
    expect(mode(join(root, 'audit.key'))).toBe(0o600)
    expect(await state.secret('cache.key', 32)).not.toEqual(one)
    await state.close()
    const next = await StateDirectory.open(root)
    expect(await next.secret('audit.key', 32)).toEqual(one)
    await next.close()
  })

  it('are refused when others may reach them, are of another size, or not files', async () => {
    const state = await StateDirectory.open(root, { create: true })
    await state.secret('k', 32)
    for (const open of [0o640, 0o604, 0o602]) {
      chmodSync(join(root, 'k'), open)
      await expect(state.secret('k', 32)).rejects.toMatchObject({ code: 'state-insecure' })
    }
    chmodSync(join(root, 'k'), 0o600)
    expect(await state.secret('k', 32)).toHaveLength(32)
    await expect(state.secret('k', 64)).rejects.toMatchObject({ code: 'store-corrupt' })
    symlinkSync(join(root, 'k'), join(root, 'l'))
    await expect(state.secret('l', 32)).rejects.toMatchObject({ code: 'store-corrupt' })
    state.directory('d')
    await expect(state.secret('d', 32)).rejects.toMatchObject({ code: 'store-corrupt' })
    await expect(state.secret('short', 15)).rejects.toMatchObject({ code: 'usage' })
    await expect(state.secret('long', 1_025)).rejects.toMatchObject({ code: 'usage' })
    await state.close()
  })
})

describe('replacing a file', () => {
  it('gives all of the old or all of the new, and leaves nothing beside it', async () => {
    const state = await StateDirectory.open(root, { create: true })
    state.directory('counters')
    await state.replaceFile('counters/a', bytes('old'))
    const before = lstatSync(join(root, 'counters', 'a')).ino
    await state.replaceFile('counters/a', bytes('new'))
    expect(readFileSync(join(root, 'counters', 'a'), 'utf8')).toBe('new')
    expect(lstatSync(join(root, 'counters', 'a')).ino).not.toBe(before)
    expect(mode(join(root, 'counters', 'a'))).toBe(0o600)
    await state.replaceFile('empty', new Uint8Array())
    expect(readFileSync(join(root, 'empty'))).toHaveLength(0)
    expect(readdirSync(join(root, 'tmp'))).toEqual([])
    await expect(state.replaceFile('nowhere/a', bytes('x'))).rejects.toThrow('ENOENT')
    expect(readdirSync(join(root, 'tmp'))).toEqual([])
    await state.close()
  })
})

import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { mkdtempSync, rmSync } from 'node:fs'
import { createRequire } from 'node:module'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { createInterface } from 'node:readline'
import { pathToFileURL } from 'node:url'
import { jsonCodec, StateDirectory } from '@bulkhead/state'
import { Store } from '@bulkhead/state/store'
import { AccountBook, type AccountRecord, type Accounts, ladderTiming } from '@bulkhead/supervisors'
import { parseChildId } from '@bulkhead/vocabulary'
import { afterEach, beforeEach, describe, expect, it } from 'vitest'
import { KeptAccounts } from './kept-accounts.js'
import { accountKeptMs } from './limits.js'
import { readRecord } from './read-record.js'

const bad = parseChildId('bad')
const identity = { origin: '/srv/tree', codeDigest: 'sha256:aa' }
const nowMs = 1_700_000_000_000
let root = ''
let failures: unknown[] = []

beforeEach(() => {
  root = mkdtempSync(join(tmpdir(), 'bulkhead-accounts-'))
  failures = []
})
afterEach(() => rmSync(root, { recursive: true, force: true }))

type Host = { readonly state: StateDirectory; readonly kept: KeptAccounts; readonly book: AccountBook }

async function host(wallNowMs = nowMs): Promise<Host> {
  const state = await StateDirectory.open(root, { create: true })
  const wallMs = (): number => wallNowMs
  const kept = await KeptAccounts.open(state, { wallMs, onFailure: (error) => failures.push(error) })
  const walls = new Set(['bubblewrap'] as const)
  return { state, kept, book: new AccountBook({ store: kept, timing: ladderTiming(), walls, nowMs: () => 0, wallMs }) }
}

async function shut({ state, kept }: Host): Promise<void> {
  await kept.close()
  await state.close()
}

const hostile = (fresh: Accounts): Accounts => ({
  ...fresh,
  level: 'process',
  quarantine: { cause: 'hostility', phase: 'closed' },
  quarantines: 2,
  isHeldBySecurity: true,
  because: 'a handle was forged',
})

describe('accounts on the disk', () => {
  it('are there for the next process, with their deadlines', async () => {
    const first = await host()
    const fresh = first.book.recall(bad, identity)
    const accounts: Accounts = {
      ...fresh,
      score: { points: 3, sinceMs: -5 },
      restarts: { chargedAtMs: [-7, -6], failuresInARow: 2, lastDelayMs: 400 },
      level: 'reduced',
      quarantine: { cause: 'exhausted', phase: 'closed', untilMs: 9_000 },
      quarantines: 1,
    }
    first.book.keep(bad, identity, accounts)
    await shut(first)
    const second = await host(nowMs + 1_000)
    expect(second.book.recall(bad, {})).toEqual({
      ...accounts,
      score: { points: 3, sinceMs: -1_005 },
      restarts: { ...accounts.restarts, chargedAtMs: [-1_007, -1_006] },
      quarantine: { cause: 'exhausted', phase: 'closed', untilMs: 8_000 },
    })
    await shut(second)
  })

  it('seed the same code under another name, and not another tenant’s', async () => {
    const first = await host()
    first.book.keep(bad, identity, hostile(first.book.recall(bad, identity)))
    first.book.forget(bad)
    await shut(first)
    const second = await host(nowMs + 10 * accountKeptMs)
    const renamed = second.book.recall(parseChildId('renamed'), identity)
    expect(renamed.quarantine?.cause).toBe('hostility')
    expect(second.book.recall(bad, {}).quarantine?.cause).toBe('hostility')
    expect(second.book.recall(parseChildId('acme/bad'), { ...identity, tenant: 'acme' }).level).toBe('thread')
    await shut(second)
  })

  it('of children that are gone, and seeds, are dropped after 30 days unless security holds them', async () => {
    const first = await host()
    const reduced = { ...first.book.recall(bad, identity), level: 'reduced' } as const
    first.book.keep(bad, identity, reduced)
    first.book.forget(bad)
    const stays = parseChildId('stays')
    first.book.keep(stays, {}, reduced)
    await shut(first)
    const second = await host(nowMs + accountKeptMs + 1)
    expect(second.kept.get('child bad')).toBeUndefined()
    expect(second.kept.get('code  sha256:aa')).toBeUndefined()
    expect(second.kept.get('child stays')?.accounts.level).toBe('reduced')
    await shut(second)
  })

  it('are found by long keys, each its own', async () => {
    const deep = (last: string): string => `origin  /${'very-long-directory/'.repeat(100)}${last}`
    const first = await host()
    const record: AccountRecord = { accounts: first.book.recall(bad, {}), sinceMs: nowMs }
    first.kept.put([
      [deep('a'), record],
      [deep('b'), { ...record, sinceMs: nowMs - 1 }],
    ])
    await shut(first)
    const second = await host()
    expect([second.kept.get(deep('a'))?.sinceMs, second.kept.get(deep('b'))?.sinceMs]).toEqual([nowMs, nowMs - 1])
    second.kept.put([[deep('a'), undefined]])
    expect(second.kept.get(deep('a'))).toBeUndefined()
    await shut(second)
  })

  it('of a thousand children that crash together are all there', async () => {
    const first = await host()
    const record: AccountRecord = { accounts: first.book.recall(bad, {}), sinceMs: nowMs }
    for (let i = 0; i < 1_000; i++) first.kept.put([[`child c${i}`, record]])
    await shut(first)
    const second = await host()
    for (let i = 0; i < 1_000; i++) expect(second.kept.get(`child c${i}`)?.sinceMs).toBe(nowMs)
    await shut(second)
  })

  it('that cannot be written are held against children all the same, and written later', async () => {
    const one = await host()
    const accounts = one.book.recall(bad, {})
    await one.kept.flush()
    const tooLong = `child ${'x'.repeat(3)}\ud800`
    one.kept.put([[tooLong, { accounts, sinceMs: nowMs }]])
    one.book.keep(bad, {}, hostile(accounts))
    await one.kept.flush()
    expect(failures).toHaveLength(1)
    expect(one.kept.get('child bad')?.accounts.quarantine?.cause).toBe('hostility')
    one.kept.put([[tooLong, undefined]])
    await shut(one)
  })
})

it('survives kill -9: what was flushed is there, and nothing half-written', async () => {
  const at = (specifier: string): string => JSON.stringify(pathToFileURL(require.resolve(specifier)).href)
  const require = createRequire(import.meta.url)
  const kept = JSON.stringify(new URL('./accounts/kept-accounts.js', pathToFileURL(require.resolve('bulkhead'))).href)
  const writer = `
    import { writeSync } from 'node:fs'
    import { StateDirectory } from ${at('@bulkhead/state')}
    import { KeptAccounts } from ${kept}
    const state = await StateDirectory.open(process.argv[1])
    const accounts = await KeptAccounts.open(state, { wallMs: () => ${nowMs}, onFailure: (error) => { throw error } })
    const record = (points) => ({ sinceMs: ${nowMs}, accounts: {
      restarts: { chargedAtMs: [], failuresInARow: 0, lastDelayMs: 0 }, score: { points, sinceMs: 0 },
      level: 'thread', quarantines: 0, isHeldBySecurity: false } })
    for (let n = accounts.get('child n')?.accounts.score.points ?? 0; ; n++) {
      accounts.put([['child n', record(n)], ['code  x', record(n)]])
      await accounts.flush()
      writeSync(1, n + '\\n')
    }
  `
  await shut(await host())
  for (let round = 0; round < 4; round++) {
    const child = spawn(process.execPath, ['--input-type=module', '-e', writer, root], {
      stdio: ['ignore', 'pipe', 'inherit'],
    })
    let acknowledged = -1
    const lines = createInterface(child.stdout)
    lines.on('line', (line) => {
      acknowledged = Number(line)
      if (acknowledged % 7 === round) child.kill('SIGKILL')
    })
    await Promise.all([once(child, 'exit'), once(lines, 'close')])
    const after = await host()
    const points = after.kept.get('child n')?.accounts.score.points ?? -1
    expect(points).toBeGreaterThanOrEqual(acknowledged)
    expect(after.kept.get('code  x')?.accounts.score.points).toBe(points)
    await shut(after)
  }
})

describe('what lies there', () => {
  const whole = {
    sinceMs: 1,
    accounts: {
      restarts: { chargedAtMs: [1], failuresInARow: 1, lastDelayMs: 200 },
      score: { points: 1, sinceMs: 2 },
      level: 'reduced',
      quarantine: { cause: 'exhausted', phase: 'closed', untilMs: 3 },
      quarantines: 1,
      isHeldBySecurity: false,
      because: 'x',
    },
  }
  const changed = (path: readonly string[], value: unknown): unknown => {
    const copy = structuredClone(whole) as Record<string, unknown>
    let at = copy
    for (const name of path.slice(0, -1)) at = at[name] as Record<string, unknown>
    at[path.at(-1) ?? ''] = value
    return copy
  }

  it('is believed when it is whole', () => {
    expect(readRecord(whole)).toEqual({ ...whole, accounts: { ...whole.accounts, cleanSinceMs: undefined } })
    expect(readRecord(changed(['isGone'], true)).isGone).toBe(true)
    expect(readRecord(changed(['codeDigest'], 'sha256:aa')).codeDigest).toBe('sha256:aa')
  })

  it.each([
    [['sinceMs'], '1'],
    [['isGone'], false],
    [['codeDigest'], 7],
    [['accounts'], null],
    [['accounts', 'level'], 'quarantine'],
    [['accounts', 'quarantines'], -1],
    [['accounts', 'isHeldBySecurity'], 0],
    [['accounts', 'because'], 7],
    [['accounts', 'score', 'points'], 1.5],
    [['accounts', 'restarts', 'chargedAtMs'], Array.from({ length: 1_002 }, () => 1)],
    [['accounts', 'restarts', 'chargedAtMs'], [Number.NaN]],
    [['accounts', 'quarantine', 'cause'], 'boredom'],
    [['accounts', 'quarantine', 'phase'], []],
    [['accounts', 'quarantine', 'untilMs'], 'soon'],
  ])('is not, with another %s', (path, value) => {
    expect(() => readRecord(changed(path, value))).toThrow(TypeError)
  })

  it('ends the start of a host when it is something else: nobody begins with a clean slate because of it', async () => {
    await shut(await host())
    const state = await StateDirectory.open(root)
    const store = await Store.open(state, 'counters')
    const table = store.table(
      'accounts',
      jsonCodec((found) => found),
    )
    await store.transact(() => table.put('child bad', { accounts: 'none' }))
    await store.close()
    await state.close()
    await expect(host()).rejects.toMatchObject({ code: 'store-corrupt' })
  })
})

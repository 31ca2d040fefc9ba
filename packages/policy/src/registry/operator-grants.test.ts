import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { documentBytesMax } from '@bulkhead/document'
import { StateDirectory } from '@bulkhead/state'
import { Store } from '@bulkhead/state/store'
import { parseDigest } from '@bulkhead/vocabulary'
import { afterEach, beforeEach, describe, expect, it } from 'vitest'
import { operatorGrantsPerChildMax, subjectBytesMax } from './limits.js'
import { type OperatorGrant, OperatorGrants } from './operator-grants.js'
import { Subjects } from './subjects.js'

let root = ''
let state: StateDirectory
let store: Store
let grants: OperatorGrants
beforeEach(async () => {
  root = mkdtempSync(join(tmpdir(), 'bulkhead-grants-'))
  state = await StateDirectory.open(root)
  store = await Store.open(state, 'grants')
  grants = new OperatorGrants(store)
})
afterEach(async () => {
  await store.close()
  await state.close()
  rmSync(root, { recursive: true, force: true })
})

const one = parseDigest(`sha256:${'1'.repeat(64)}`)
const two = parseDigest(`sha256:${'2'.repeat(64)}`)

function grant(pattern: string, more: Partial<OperatorGrant> = {}): OperatorGrant {
  return { kind: 'filesystem', action: 'read', pattern, digest: one, grantedBy: 'ana', time: 1_000, ...more }
}
const patterns = (list: readonly OperatorGrant[]): readonly string[] => list.map(({ pattern }) => pattern)

describe('operator grants', () => {
  it('belong to a child, oldest first', async () => {
    await grants.add('ingest', grant('/b/**', { time: 2, reason: 'incident' }))
    await grants.add('ingest', grant('/a/**', { time: 1 }))
    await grants.add('ingest2', grant('/c/**'))
    await grants.add('acme/ingest', grant('/d/**'))
    expect(patterns(grants.list('ingest', one, 3))).toEqual(['/a/**', '/b/**'])
    expect(grants.all('ingest')[1]).toEqual(grant('/b/**', { time: 2, reason: 'incident' }))
    expect(patterns(grants.all('acme/ingest'))).toEqual(['/d/**'])
    expect(patterns(grants.all('nobody'))).toEqual([])
    expect(grants.everyChild().map(({ child }) => child)).toEqual(['acme/ingest', 'ingest', 'ingest', 'ingest2'])
  })

  it('do not pass to another component in the same place', async () => {
    await grants.add('ingest', grant('/a/**'))
    await grants.add('ingest', grant('/a/**', { digest: two }))
    await grants.add('ingest', grant('/b/**', { digest: two }))
    expect(patterns(grants.list('ingest', one, 2))).toEqual(['/a/**'])
    expect(patterns(grants.list('ingest', two, 2))).toEqual(['/a/**', '/b/**'])
    const removed = await grants.removeOtherDigests('ingest', two)
    expect(removed).toEqual([{ child: 'ingest', grant: grant('/a/**') }])
    expect(grants.list('ingest', one, 2)).toEqual([])
    expect(patterns(grants.list('ingest', two, 2))).toEqual(['/a/**', '/b/**'])
    expect(await grants.removeOtherDigests('ingest', two)).toEqual([])
  })

  it('end at their instant, even before they are purged', async () => {
    await grants.add('ingest', grant('/a/**', { expiresAt: 5_000 }))
    await grants.add('other', grant('/b/**', { expiresAt: 4_000 }))
    await grants.add('ingest', grant('/c/**'))
    expect(grants.nextExpiry()).toBe(4_000)
    expect(patterns(grants.list('ingest', one, 4_999))).toEqual(['/a/**', '/c/**'])
    expect(patterns(grants.list('ingest', one, 5_000))).toEqual(['/c/**'])
    const purged = await grants.purgeExpired(4_000)
    expect(purged.map(({ child }) => child)).toEqual(['other'])
    expect(grants.nextExpiry()).toBe(5_000)
    expect(await grants.purgeExpired(4_000)).toEqual([])
    await grants.purgeExpired(5_000)
    expect(grants.nextExpiry()).toBeUndefined()
    expect(patterns(grants.all('ingest'))).toEqual(['/c/**'])
  })

  it('are removed by their exact words, to whatever component they were made', async () => {
    await grants.add('ingest', grant('/a/**'))
    await grants.add('ingest', grant('/a/**', { digest: two }))
    await grants.add('ingest', grant('/a/**', { action: 'write' }))
    const words = { kind: 'filesystem', action: 'read', pattern: '/a/**' }
    expect(await grants.remove('ingest', { ...words, pattern: '/a/b' })).toBe(false)
    expect(await grants.remove('other', words)).toBe(false)
    expect(await grants.remove('ingest', words)).toBe(true)
    expect(grants.all('ingest')).toEqual([grant('/a/**', { action: 'write' })])
  })

  it('are added and removed together or not at all', async () => {
    await grants.addAll('ingest', [grant('/a'), grant('/b'), grant('/c')])
    await expect(grants.addAll('ingest', [grant('/d'), grant('/a')])).rejects.toMatchObject({ code: 'grant-refused' })
    expect(patterns(grants.all('ingest'))).toEqual(['/a', '/b', '/c'])
    expect(await grants.removeAll('ingest', [grant('/a'), grant('/c'), grant('/nothing')])).toBe(2)
    expect(patterns(grants.all('ingest'))).toEqual(['/b'])
  })

  it('are refused twice, until the first has expired', async () => {
    await grants.add('ingest', grant('/a/**', { expiresAt: 2_000 }))
    await expect(grants.add('ingest', grant('/a/**', { grantedBy: 'bea' }))).rejects.toMatchObject({
      code: 'grant-refused',
      hint: "bulkhead revoke ingest 'filesystem.read=/a/**'",
    })
    expect(grants.all('ingest')).toEqual([grant('/a/**', { expiresAt: 2_000 })])
    await grants.add('ingest', grant('/a/**', { time: 2_000 }))
    expect(grants.all('ingest')).toEqual([grant('/a/**', { time: 2_000 })])
  })

  it('are refused when they would be over at once, or are malformed', async () => {
    await expect(grants.add('ingest', grant('/a/**', { expiresAt: 1_000 }))).rejects.toMatchObject({
      code: 'grant-refused',
    })
    const digest = 'sha256:short' as typeof one
    const never = Number.MAX_SAFE_INTEGER
    const wrongs = [grant(''), grant('/a', { grantedBy: '' }), grant('/a', { expiresAt: never })]
    for (const wrong of [...wrongs, grant('/a', { reason: 'x'.repeat(1_001) })]) {
      await expect(grants.add('ingest', wrong)).rejects.toMatchObject({ code: 'usage' })
    }
    await expect(grants.add('ingest', grant('/a', { digest }))).rejects.toMatchObject({
      code: 'component-digest-mismatch',
    })
    await expect(grants.add('../x', grant('/a'))).rejects.toMatchObject({ code: 'component-rejected-name' })
    expect(grants.everyChild()).toEqual([])
  })

  it('are bounded for each child, without those that have expired', async () => {
    await grants.add('ingest', grant('/expired', { expiresAt: 1_500 }))
    const many = Array.from({ length: operatorGrantsPerChildMax }, (_, index) => grant(`/g${index}`, { time: 2_000 }))
    await Promise.all(many.map((each) => grants.add('ingest', each)))
    await expect(grants.add('ingest', grant('/more', { time: 2_000 }))).rejects.toMatchObject({
      code: 'grant-refused',
      message: expect.stringContaining(`at most ${operatorGrantsPerChildMax}`),
    })
    expect(grants.list('ingest', one, 2_000)).toHaveLength(operatorGrantsPerChildMax)
    await grants.add('other', grant('/more'))
  })

  it('survive a restart; what is no grant is not believed', async () => {
    await grants.add('ingest', grant('/a/**'))
    await store.close()
    store = await Store.open(state, 'grants')
    grants = new OperatorGrants(store)
    expect(grants.all('ingest')).toEqual([grant('/a/**')])
    const table = store.table('operator-grants', { encode: (text: string) => text, decode: String })
    await store.transact(() => table.put('ingest#x', '{"kind":"filesystem"}'))
    expect(() => grants.all('ingest')).toThrow(expect.objectContaining({ code: 'store-corrupt' }))
  })
})

describe('subjects', () => {
  const text = (found: unknown): string => {
    if (typeof found !== 'string') throw new TypeError('not a text')
    return found
  }

  it('are what was last known of each child', async () => {
    const subjects = new Subjects(store, text)
    expect(subjects.get('ingest')).toBeUndefined()
    await subjects.put('ingest', 'first')
    await subjects.put('ingest', 'second')
    await subjects.put('ingest', 'second')
    await subjects.put('acme/other', 'x')
    expect(subjects.get('ingest')).toBe('second')
    expect([...subjects.all()]).toEqual([
      ['acme/other', 'x'],
      ['ingest', 'second'],
    ])
    expect(await subjects.remove('ingest')).toBe(true)
    expect(await subjects.remove('ingest')).toBe(false)
  })

  it('are bounded, and checked', async () => {
    const subjects = new Subjects(store, text)
    // Whoever writes a manifest must not be able to make it too large to keep.
    await subjects.put('ingest', '\n'.repeat(documentBytesMax))
    await subjects.put('ingest', 'x'.repeat(subjectBytesMax - 2))
    await expect(subjects.put('ingest', 'x'.repeat(subjectBytesMax - 1))).rejects.toMatchObject({ code: 'usage' })
    expect(subjects.get('ingest')).toHaveLength(subjectBytesMax - 2)
    await expect(subjects.put('../x', 'x')).rejects.toMatchObject({ code: 'component-rejected-name' })
    const numbers = new Subjects(store, (found) => {
      if (typeof found !== 'number') throw new TypeError('not a number')
      return found
    })
    expect(() => numbers.get('ingest')).toThrow(expect.objectContaining({ code: 'store-corrupt' }))
  })
})

// An operator takes away what real guests of a real tree are using: when `revoke()` has resolved, nothing of it is left.
import { closeSync, openSync, writeSync } from 'node:fs'
import { afterEach, beforeEach, describe, expect, it } from 'vitest'
import { readFile, type Session, World } from '../end-to-end/authority/world.js'

let world: World
let session: Session
beforeEach(() => {
  world = new World()
})
afterEach(() => world.remove())

const mounts = { '/data': '{ host = "data", mode = "write" }' }
const everything = ['read', 'write', 'create', 'delete'].map(
  (action) => `filesystem.${action} = [{ pattern = "/data/**", optional = true }]`,
)

describe('what a guest holds open', () => {
  beforeEach(async () => {
    world.write('data/x', 'before')
    for (const name of ['1', '2', '3']) world.write(`data/folder/${name}`, name)
    world.tree({ holder: { grants: everything, mounts }, beside: { grants: everything, mounts } })
    session = await world.start()
  })

  const holds = [
    'f = os.open("/data/x", os.O_RDWR)',
    'entries = os.scandir("/data/folder")',
    'folder = os.open("/data/folder", os.O_RDONLY | os.O_DIRECTORY)',
    'def tried(act):',
    '  try: act()',
    '  except OSError as error: return error.errno != 0',
    '  return False',
    'tries = lambda: [tried(act) for act in (',
    '  lambda: os.read(f, 1), lambda: os.write(f, b"!"), lambda: os.fstat(f) and os.ftruncate(f, 3),',
    '  lambda: os.listdir("/data/folder"), lambda: list(os.scandir("/data/folder")),',
    '  lambda: open("/data/x").close(), lambda: os.rename("/data/x", "/data/y") or os.rename("/data/y", "/data/x"))]',
    '_ = tries()',
  ].join('\n')

  it('is worth nothing to it any more, and its neighbour keeps all of it', async () => {
    for (const child of ['holder', 'beside']) {
      expect(await session.ask(child, holds)).toEqual({ value: Array(7).fill(false) })
    }
    const revoked = await session.runtime.revoke('holder', [
      'filesystem.read=/data/**',
      'filesystem.write=/data/**',
      'filesystem.create=/data/**',
      'filesystem.delete=/data/**',
    ])
    expect(revoked.bound).toMatchObject({ child: 'holder', within: 'running', stuck: false })
    expect(await session.ask('holder', '_ = tries()')).toEqual({ value: Array(7).fill(true) })
    expect(await session.ask('beside', '_ = tries()')).toEqual({ value: Array(7).fill(false) })
    expect((await session.runtime.policy.history('holder')).map(({ version }) => version)).toEqual([1])
  })

  it('is taken from it while it sleeps, without waking it', async () => {
    await session.ask('holder', holds)
    const asleep = 'print("asleep", file=sys.stderr, flush=True)\ntime.sleep(1.2)\n_ = tries()'
    const sleeping = session.tell('holder', asleep)
    await session.until(() => session.output('holder', 'stderr').includes('asleep'))
    await session.runtime.revoke('holder', ['filesystem.read=/data/**', 'filesystem.write=/data/**'])
    await session.runtime.revoke('holder', ['filesystem.create=/data/**', 'filesystem.delete=/data/**'])
    expect(session.output('holder')).not.toContain(`[${sleeping}, `)
    expect(await session.answer('holder', sleeping)).toEqual({ value: Array(7).fill(true) })
    expect(session.state('holder')).toBe('running')
  })
})

it('two hundred times granted and revoked, nothing that came after a revocation was ever read', async () => {
  const rounds = 200
  const content = openSync(world.write('data/x', 'open   '), 'r+')
  // In place: who still holds the file open would see it too.
  const put = (word: 'open' | 'shut', round: number): void => {
    writeSync(content, `${word} ${String(round).padStart(3, '0')}`, 0)
  }
  world.tree({ spinner: { grants: [], mounts } })
  session = await world.start()
  // It says what it saw at once: on a machine without a moment to spare it may be stopped, and then begins anew.
  const spinning = session.tell(
    'spinner',
    [
      'seen, f = set(), None',
      'def saw(text):',
      '  if text in seen: return',
      '  seen.add(text)',
      '  print("saw", text, file=sys.stderr, flush=True)',
      'def look():',
      '  global f',
      '  if f is None: f = os.open("/data/x", os.O_RDONLY)',
      '  os.lseek(f, 0, 0)',
      '  saw(os.read(f, 64).decode())',
      'while True:',
      '  try: saw(open("/data/x").read())',
      '  except OSError: saw("refused")',
      '  try: look()',
      '  except OSError:',
      '    if f is not None: os.close(f)',
      '    f = None',
      '  try:',
      '    open("/ctl/stop").close()',
      '    break',
      '  except OSError: pass',
    ].join('\n'),
  )
  for (let round = 0; round < rounds; round++) {
    put('open', round)
    await session.runtime.grant('spinner', 'filesystem.read=/data/x')
    // Most are taken away at once, in the middle of anything; some have certainly been of use before.
    const word = `saw open ${String(round).padStart(3, '0')}`
    if (round % 10 === 0) await session.until(() => session.output('spinner', 'stderr').includes(word), word)
    const { bound } = await session.runtime.revoke('spinner', 'filesystem.read=/data/x')
    expect(bound.stuck).toBe(false)
    put('shut', round)
  }
  world.write('ctl/spinner/stop', '')
  closeSync(content)
  await session.answer('spinner', spinning)
  const seen = session
    .output('spinner', 'stderr')
    .split('\n')
    .filter((line) => line.startsWith('saw '))
    .map((line) => line.slice(4, 8))
  expect(new Set(seen)).toEqual(new Set(['open', 'refu']))

  await world.stop()
  // The log says the same: nothing was granted by a table that came with a revocation.
  const moves = session.events.flatMap(({ type, child, policyVersion, reason }) =>
    type === 'policy.updated' && child === 'spinner' ? [{ policyVersion, isOpen: reason?.includes('granted') }] : [],
  )
  expect(moves).toHaveLength(2 * rounds)
  const isOpenAt = new Map(moves.map(({ policyVersion, isOpen }) => [policyVersion, isOpen]))
  const granted = (await world.audit({ event: 'access-granted' })).filter(({ resource }) => resource === '/data/x')
  expect(granted.length).toBeGreaterThan(0)
  expect(granted.filter(({ policyVersion }) => isOpenAt.get(policyVersion) !== true)).toEqual([])
  const acts = (await world.audit()).map(({ event }) => event).filter((event) => event.startsWith('permission-'))
  expect(acts).toEqual(Array.from({ length: rounds }, () => ['permission-granted', 'permission-revoked']).flat())
})

it('a grant that expires ends inside the running child, and is said to have ended', async () => {
  world.write('data/x', 'x')
  world.tree({ child: { grants: [], mounts } })
  session = await world.start()
  expect(await session.ask('child', readFile('/data/x'))).toEqual({ errno: 'EACCES' })
  await session.runtime.grant('child', 'filesystem.read=/data/x', { expiresMs: 400, reason: 'a look' })
  expect(session.runtime.grants('child')).toMatchObject([{ pattern: '/data/x', reason: 'a look' }])
  const spun = session.ask(
    'child',
    'n = 0\nwhile True:\n  try: open("/data/x").close(); n += 1\n  except OSError: break\n_ = n > 0',
  )
  expect(await spun).toEqual({ value: true })
  await session.until(() => session.events.some(({ reason }) => reason === 'a grant expired'), 'the end of the grant')
  expect(session.runtime.grants('child')).toEqual([])
  const [ended] = await world.audit({ event: 'permission-revoked' })
  expect(ended).toMatchObject({ resource: '/data/x', reason: 'it expired' })
})

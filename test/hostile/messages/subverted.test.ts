// What a worker holds, and what one that has escaped all its checks could do with it.
import { MessagePort } from 'node:worker_threads'
import type { RingMemory } from '@bulkhead/audit'
import { afterAll, afterEach, beforeAll, expect, it } from 'vitest'
import { messageLab, operatorIn, testEntry, until } from '../../support/message-lab.mjs'

let lab: Awaited<ReturnType<typeof messageLab>>
beforeAll(async () => {
  lab = await messageLab()
})
afterAll(() => lab.close())
afterEach(() => lab.clear())

type Operator = Awaited<ReturnType<typeof operatorIn>>
const operator = (spec: Parameters<typeof operatorIn>[1] = {}) => operatorIn(lab, spec)

type Held = { readonly memories: Set<SharedArrayBuffer>; readonly ports: Set<MessagePort> }

/** Every piece of shared memory and every port inside of a value. */
function heldIn(
  value: unknown,
  held: Held = { memories: new Set(), ports: new Set() },
  seen = new Set<unknown>(),
): Held {
  if (typeof value !== 'object' || value === null || seen.has(value)) return held
  seen.add(value)
  if (value instanceof SharedArrayBuffer) held.memories.add(value)
  else if (value instanceof MessagePort) held.ports.add(value)
  else if (ArrayBuffer.isView(value)) heldIn(value.buffer, held, seen)
  else if (value instanceof Map) for (const entry of value) heldIn(entry, held, seen)
  else if (value instanceof Set) for (const entry of value) heldIn(entry, held, seen)
  else for (const key of Reflect.ownKeys(value)) heldIn(Reflect.get(value, key), held, seen)
  return held
}

/** What each piece of memory is, by what the lab made it for: `lane alice → bob`. */
function namesOf(...operators: Operator[]): Map<SharedArrayBuffer, string> {
  const names = new Map<SharedArrayBuffer, string>()
  for (const { id, member } of operators) {
    const { begin, box, inbox, actor } = member
    if (actor === undefined) throw new Error(`${id} has ended`)
    names.set(member.told[0] as SharedArrayBuffer, `ledger of ${id}`)
    const own = member.told.find((each) => (each as { kind?: string }).kind === 'begin') as Record<string, unknown>
    const { buffer, run, pace, bell } = own['ring'] as RingMemory
    names.set(buffer, `audit of ${id}`)
    names.set(run, `audit run of ${id}`)
    names.set(pace.buffer, `audit rate of ${id}`)
    names.set(bell, 'bell of the journal')
    for (const stream of ['stdout', 'stderr', 'logs']) {
      for (const memory of heldIn(own[stream]).memories) names.set(memory, `${stream} of ${id}`)
    }
    for (const memory of heldIn(begin.outboundRate).memories) names.set(memory, `rate of ${id}`)
    for (const [kind, read] of [['mailbox', box] as const, ['inbox', inbox] as const]) {
      const memory = read?.mailbox.readerMemory()
      if (memory === undefined) continue
      names.set(memory.bell, `bell of the ${kind} of ${id}`)
      names.set(memory.mark, `mark of the ${kind} of ${id}`)
      for (const { sender, ring, arena } of memory.inlets) {
        const lane = `${sender.id} → ${kind} of ${id}`
        for (const each of heldIn(ring).memories) names.set(each, `lane ${lane}`)
        if (arena !== undefined) names.set(arena, `arena ${lane}`)
      }
    }
  }
  const host = lab.hostBox.mailbox.readerMemory()
  names.set(host.bell, 'bell of the host')
  for (const { sender, ring } of host.inlets) {
    for (const each of heldIn(ring).memories) names.set(each, `lane ${sender.id} → the host`)
  }
  return names
}

it('each worker holds the two ends of its own lanes, bells, and nothing of a lane between others', async () => {
  const bob = await operator({ id: 'bob', subscribe: ['b.*'], publish: ['a.*'] })
  const alice = await operator({ id: 'alice', publish: ['b.*'], request: ['b.*'], subscribe: ['a.*'] })
  const carol = await operator({ id: 'carol', publish: ['b.*', 'a.*'], request: ['b.*'] })
  const secret = 'the-secret-between-alice-and-bob'
  expect(await alice.tell(`request b.x 20000 publish a.x print ${secret}`)).toBe('= ok')
  expect(await alice.tell(`burst b.x 1 1 100000`)).toBe('1')
  expect(await carol.tell('request b.x 20000 publish a.x print of carol')).toBe('= ok')
  expect(await carol.tell('burst a.x 1 1 100000')).toBe('1')
  await until(() => alice.member.stdout.includes('of carol') && alice.member.stdout.includes('done 1'))
  expect(await bob.tell('print')).toBe('ok')

  const names = namesOf(alice, bob, carol)
  const heldBy = (one: Operator) => {
    const held = heldIn(one.member.told)
    expect(held.ports.size).toBe(0)
    return [...held.memories].map((memory) => names.get(memory) ?? 'something that nobody knows').sort()
  }
  const own = (id: string) => [
    ...['ledger', 'audit', 'audit run', 'audit rate', 'stdout', 'stderr', 'logs', 'rate'].map(
      (what) => `${what} of ${id}`,
    ),
    ...['bell', 'mark'].flatMap((what) => [`${what} of the mailbox of ${id}`, `${what} of the inbox of ${id}`]),
    `lane host → mailbox of ${id}`,
    'bell of the journal',
    'bell of the host',
    `lane ${id} → the host`,
  ]
  const all = [
    'lane alice → mailbox of bob',
    'arena alice → mailbox of bob',
    'lane bob → inbox of alice',
    'lane bob → mailbox of alice',
    'lane carol → mailbox of bob',
    'lane bob → inbox of carol',
    'lane carol → mailbox of alice',
    'arena carol → mailbox of alice',
  ]
  const lanesOf = (id: string) => all.filter((lane) => lane.includes(` ${id} → `) || lane.endsWith(` of ${id}`))
  const bells = {
    alice: ['bell of the mailbox of bob'],
    bob: ['bell of the mailbox of alice', 'bell of the inbox of alice', 'bell of the inbox of carol'],
    carol: ['bell of the mailbox of alice', 'bell of the mailbox of bob'],
  }
  for (const [one, id] of [[alice, 'alice'] as const, [bob, 'bob'] as const, [carol, 'carol'] as const]) {
    expect(heldBy(one)).toEqual([...own(id), ...lanesOf(id), ...bells[id]].sort())
  }

  // And by their bytes: the secret lies where alice and bob hold it, and in nothing of carol's.
  const holdsSecret = (one: Operator) =>
    [...heldIn(one.member.told).memories].some((memory) => Buffer.from(new Uint8Array(memory)).includes(secret))
  expect([alice, bob, carol].map(holdsSecret)).toEqual([true, true, false])
})

it('a worker whose guard lets everything pass is found out by the reader, who goes on with the others', async () => {
  const bob = await operator({ id: 'bob', subscribe: ['orders.*', 'bills.*'] })
  const mallory = await operator({
    ...{ id: 'mallory', publish: ['orders.*'], subverted: true, entry: testEntry('granting-worker') },
  })
  const carol = await operator({ id: 'carol', publish: ['bills.*'] })
  expect(await mallory.tell('publish orders.new print allowed')).toBe('ok')
  await until(() => bob.member.stdout === 'allowed\n')
  // Its own checks say that this is well.
  expect(await mallory.tell('publish bills.new print stolen')).toBe('ok')
  await until(() => bob.events('breach').length === 1)
  expect(bob.events('breach')).toMatchObject([
    {
      mailbox: bob.member.box?.id,
      breach: { sender: { id: 'mallory', incarnation: 1 }, error: { code: 'topic-access-denied' } },
    },
  ])
  await mallory.tell('publish orders.new print after it')
  expect(await carol.tell('publish bills.new print honest')).toBe('ok')
  await until(() => bob.member.stdout.includes('honest'))
  expect(bob.member.stdout).toBe('allowed\nhonest\n')
})

it('without the checks of its own worker a guest reaches nobody with whom it shares no topic', async () => {
  const bob = await operator({ id: 'bob', subscribe: ['bills.*'] })
  const mallory = await operator({
    ...{ id: 'mallory', publish: ['orders.*'], request: [], subverted: true, entry: testEntry('granting-worker') },
  })
  const outcome = await mallory.tell('publish bills.new print stolen')
  await until(() => bob.events('breach').length === 1 || outcome !== 'ok')
  expect(await bob.tell('print')).toBe('ok')
  expect(bob.member.stdout).toBe('\n')
})

it('a guest that makes up a reply-to, or takes a topic of the host, is refused and put on record', async () => {
  const mallory = await operator({ guest: 'messages-forging', publish: ['>'] })
  expect(await mallory.tell('xx')).toBe('11')
  await until(() => mallory.records().length >= 2)
  expect(mallory.records()).toMatchObject([
    { resource: '_inbox.1.*', verdict: 'denied', reason: expect.stringContaining('reply-to') },
    { resource: '$sys.shutdown', verdict: 'denied' },
  ])
})

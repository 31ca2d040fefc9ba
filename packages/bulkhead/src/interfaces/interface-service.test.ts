import { interfaceArgumentBytesMax } from '@bulkhead/contracts'
import { Denial } from '@bulkhead/vocabulary'
import { afterEach, describe, expect, test } from 'vitest'
import { DeclaredError } from './declared-error.js'
import type { HostCallContext } from './host-call-context.js'
import type { HostFunction, HostInterface } from './host-interface.js'
import { InterfaceService } from './interface-service.js'
import { contactsWith, crmTable, err, kinds, Lab, ok, until } from './interfaces.test.support.js'
import { callsPerSecondMax, interfaceAnswerBytesMax, interfacesMax, orphansPerChildMax, runsMax } from './limits.js'

let lab: Lab
afterEach(() => lab.close())

const open = async (functions: Readonly<Record<string, Partial<HostFunction>>> = {}): Promise<Lab> => {
  lab = await Lab.open(contactsWith(functions))
  return lab
}

const accesses = () =>
  lab.records.flatMap((record) =>
    record.type === 'access' ? [`${record.verdict} ${record.kind}.${record.action} ${record.resource}`] : [],
  )

describe('a call of a host application’s function', () => {
  test('is done when it is granted, and is on record before', async () => {
    let recorded: readonly string[] = []
    await open({
      find: {
        run: async (query: string) => {
          recorded = await until(() => accesses().length > 0 && accesses())
          return `found ${query}`
        },
      },
    })
    expect(await lab.guest(crmTable(['cust-*'])).call('find', 'cust-1')).toEqual(ok('found cust-1'))
    expect(recorded).toEqual(['granted crm.find cust-1'])
    expect(lab.records[0]).toMatchObject({ rule: 'cust-* (crm.toml:3)', layer: 'manifest', policyVersion: 1 })
  })

  test('is not done when it is denied, and the guest gets the error of its type', async () => {
    let runs = 0
    await open({ find: { run: () => `${++runs}` } })
    const guest = lab.guest(crmTable(['cust-*']))
    expect(await guest.call('find', 'other')).toEqual(err('access-denied'))
    expect(runs).toBe(0)
    await until(() => accesses().includes('denied crm.find other'))
    expect(await guest.call('find', 'cust-1')).toEqual(ok('1'))
    expect(guest.told).toEqual({ breaches: [], faults: [] })
  })

  test('is denied when the guest leaves it empty, or writes what no rule can mean', async () => {
    await open()
    const guest = lab.guest(crmTable(['*']))
    expect(await guest.call('find', '')).toEqual(err('access-denied'))
    expect(await guest.call('find', 'a\nb')).toEqual(err('access-denied'))
    expect(await guest.call('find', 'a'.repeat(100_000))).toEqual(err('access-denied'))
    expect(await guest.call('find', 'a'.repeat(4_096))).toMatchObject({ value: { tag: 'ok' } })
  })

  test('gets the error that `denied` makes, with the reason for the host’s own ears', async () => {
    let heard = ''
    await open({
      find: {
        denied: (reason) => {
          heard = reason
          return 'not-found'
        },
      },
    })
    expect(await lab.guest(crmTable([])).call('find', 'a')).toEqual(err('not-found'))
    expect(heard).toMatch(/^crm.find of `a` is denied: /)
  })

  test('without an error of its own ends the guest that is denied, as the guest’s doing', async () => {
    await open()
    const guest = lab.guest(crmTable(['a']))
    expect(await guest.call('photo', 'b')).toEqual({ kind: 'refused', message: 'denied' })
    expect(guest.told.faults).toEqual([])
    expect(await guest.call('photo', 'a')).toEqual({ kind: 'value', value: Uint8Array.of(1) })
  })

  test('that asks for nothing is done for everybody, without a record', async () => {
    await open()
    expect(await lab.guest(crmTable([])).call('count')).toEqual({ kind: 'value', value: 3 })
    await lab.service.close()
    expect(accesses()).toEqual([])
  })

  test('may ask for several things, of which each must be granted', async () => {
    let runs = 0
    const both = (names: string) => names.split(',').map((resource) => ({ kind: 'crm', action: 'find', resource }))
    await open({ find: { authorize: both, run: () => `${++runs}` } })
    const guest = lab.guest(crmTable(['a', 'b']))
    expect(await guest.call('find', 'a,b')).toEqual(ok('1'))
    expect(await guest.call('find', 'a,c')).toEqual(err('access-denied'))
    expect(runs).toBe(1)
  })

  test('knows who calls it', async () => {
    let seen: HostCallContext | undefined
    await open({
      find: {
        run: (query: string, context: HostCallContext) => {
          seen = context
          return query
        },
      },
    })
    await lab.guest(crmTable(['a']), 'ingest', () => 250).call('find', 'a')
    expect(seen).toMatchObject({
      child: 'ingest',
      tenant: 'acme',
      incarnation: 2,
      interface: 'acme:crm/contacts@1.0.0',
      function: 'find',
      deadlineMs: 250,
    })
    expect(seen?.signal.aborted).toBe(false)
  })

  test('returns a declared error by throwing it', async () => {
    const thrown = new DeclaredError('not-found')
    await open({ find: { run: () => Promise.reject(thrown) } })
    expect(await lab.guest(crmTable(['a'])).call('find', 'a')).toEqual(err('not-found'))
    expect(lab.failures).toEqual([])
  })
})

describe('a further request in the middle of the work', () => {
  const changing = {
    find: {
      run: async (query: string, { authorize }: HostCallContext) => {
        await authorize({ kind: 'crm', action: 'change', resource: query })
        return 'changed'
      },
    },
  }

  test('is decided and recorded like the first', async () => {
    await open(changing)
    const guest = lab.guest(crmTable(['*'], 1, ['mine-*']))
    expect(await guest.call('find', 'mine-1')).toEqual(ok('changed'))
    expect(await guest.call('find', 'other')).toEqual(err('access-denied'))
    await until(() => accesses().includes('denied crm.change other'))
  })

  test('throws a denial that the function may handle', async () => {
    await open({
      find: {
        run: (query: string, { authorize }: HostCallContext) =>
          authorize({ kind: 'crm', action: 'change', resource: query }).catch((error: unknown) => {
            if (!(error instanceof Denial)) throw error
            return `${error.code} ${String(error.details['layer'])}`
          }),
      },
    })
    expect(await lab.guest(crmTable(['*'])).call('find', 'a')).toEqual(ok('interface-access-denied manifest'))
  })

  test.each([
    ['filesystem', 'read', '/data/a', 'filesystem-access-denied'],
    ['network', 'connect', 'https://example.com:443', 'network-access-denied'],
    ['storage', 'write', 'self:notes:a', 'storage-access-denied'],
    ['messaging', 'publish', 'orders.new', 'topic-access-denied'],
    ['environment', 'read', 'API_KEY', 'environment-access-denied'],
    ['process', 'spawn', '/usr/bin/sort', 'process-access-denied'],
    ['crm', 'change', 'a', 'interface-access-denied'],
  ])('of %s.%s of `%s` is denied as %s', async (kind, action, resource, code) => {
    await open({
      find: {
        run: (_query: string, { authorize }: HostCallContext) =>
          authorize({ kind, action, resource }).catch((error: Denial) => `${error.code}: ${error.message}`),
      },
    })
    const answer = await lab.guest(crmTable(['*'])).call('find', 'a')
    expect(answer).toEqual(ok(expect.stringContaining(`${code}: ${kind}.${action} of \`${resource}\` is denied`)))
  })
})

describe('a host application that goes wrong', () => {
  const failing: readonly (readonly [what: string, given: Partial<HostFunction>, says: RegExp])[] = [
    ['throws', { run: () => Promise.reject(new Error('the CRM is down')) }, /the CRM is down/],
    ['returns another type', { run: () => 5 }, /`result.val`: found `5`, expected string/],
    ['returns too much', { run: () => 'x'.repeat(interfaceAnswerBytesMax) }, /more than 1048576 bytes/],
    ['throws no case of its type', { run: () => Promise.reject(new DeclaredError('broken')) }, /expected enum/],
    ['cannot say what is asked for', { authorize: () => never() }, /no idea/],
    ['asks for nothing at all', { authorize: () => [] }, /returned 0 requests/],
    [
      'asks for an unknown kind',
      { authorize: () => ({ kind: 'mail', action: 'send', resource: 'a' }) },
      /`mail` is not a kind/,
    ],
    [
      'asks for an unknown action',
      { authorize: () => ({ kind: 'crm', action: 'send', resource: 'a' }) },
      /no action `send`/,
    ],
    [
      'asks for no resource',
      { authorize: () => ({ kind: 'crm', action: 'find', resource: 5 }) as never },
      /the resource of `crm.find`/,
    ],
    ['asks with nothing', { authorize: () => undefined as never }, /`undefined` is not a kind/],
    [
      'makes no error for the denied',
      { authorize: () => [{ kind: 'crm', action: 'find', resource: 'z' }], denied: () => 'no' },
      /expected enum/,
    ],
  ]
  test.each(failing)('ends the guest at its own cost: it %s', async (_, given, says) => {
    await open({ find: given })
    const guest = lab.guest(crmTable(['a']))
    expect(await guest.call('find', 'a')).toEqual({ kind: 'failed', message: 'the host application has failed' })
    expect(guest.told.faults).toEqual([expect.stringMatching(says)])
    expect(lab.failures).toEqual([
      expect.objectContaining({
        child: 'one',
        function: 'find',
        error: expect.objectContaining({ message: expect.stringMatching(says) }),
      }),
    ])
  })

  test('may have an error for it', async () => {
    await open({ find: { run: () => Promise.reject(new Error('down')), failed: () => 'not-found' } })
    const guest = lab.guest(crmTable(['a']))
    expect(await guest.call('find', 'a')).toEqual(err('not-found'))
    expect(guest.told.faults).toEqual([])
    expect(lab.failures).toHaveLength(1)
  })

  test('may go wrong there too', async () => {
    await open({ find: { run: () => Promise.reject(new Error('down')), failed: () => never() } })
    const guest = lab.guest(crmTable(['a']))
    expect(await guest.call('find', 'a')).toMatchObject({ kind: 'failed' })
    expect(guest.told.faults).toEqual([expect.stringMatching(/no idea/)])
  })

  test('returns something where there is nothing to return', async () => {
    await open({ count: { run: () => undefined } })
    const guest = lab.guest(crmTable([]))
    expect(await guest.call('count')).toMatchObject({ kind: 'failed' })
  })
})

/** `find` that never ends by itself, and hears of its signals. */
function hanging() {
  const signals: AbortSignal[] = []
  const ends: (() => void)[] = []
  const find: Partial<HostFunction> = {
    run: (_query: string, { signal }: HostCallContext) => {
      signals.push(signal)
      return new Promise<string>((resolve) => ends.push(() => resolve('at last')))
    },
  }
  return { signals, ends, find }
}

describe('newer rules', () => {
  test('end a call that they do not allow, at once', async () => {
    const { signals, find } = hanging()
    await open({ find })
    const guest = lab.guest(crmTable(['a']))
    guest.post('find', 'a')
    await until(() => signals[0])
    await guest.port.updateTable(crmTable(['b'], 2))
    expect(signals[0]?.reason).toMatchObject({ code: 'interface-access-denied' })
    expect(await guest.answer('find')).toEqual(err('access-denied'))
    await until(() =>
      lab.records.some((one) => one.type === 'access' && one.verdict === 'denied' && one.policyVersion === 2),
    )
    expect(await guest.call('count')).toEqual({ kind: 'value', value: 3 })
  })

  test('leave a call alone that they allow', async () => {
    const { signals, ends, find } = hanging()
    await open({ find })
    const guest = lab.guest(crmTable(['a']))
    guest.post('find', 'a')
    await until(() => signals[0])
    await guest.port.updateTable(crmTable(['a*'], 2))
    expect(signals[0]?.aborted).toBe(false)
    ends[0]?.()
    expect(await guest.answer('find')).toEqual(ok('at last'))
  })

  test('decide the next call', async () => {
    await open()
    const guest = lab.guest(crmTable(['a']))
    await guest.port.updateTable(crmTable(['b'], 2))
    expect(await guest.call('find', 'a')).toEqual(err('access-denied'))
    expect(await guest.call('find', 'b')).toEqual(ok('found b'))
  })
})

describe('a guest that is gone', () => {
  test('aborts its call, and has its slot closed', async () => {
    const { signals, find } = hanging()
    await open({ find })
    const guest = lab.guest(crmTable(['a']))
    expect(guest.port.isServing()).toBe(true)
    guest.post('find', 'a')
    await until(() => signals[0])
    await guest.port.gone()
    expect(signals[0]?.aborted).toBe(true)
    expect(guest.port.isServing()).toBe(false)
    expect(await guest.settled()).toMatchObject({ kind: 'failed' })
    expect(() => guest.post('count')).toThrow('the slot is closed')
    await guest.port.gone()
  })

  test('gives a call up, and may make another', async () => {
    const { signals, find } = hanging()
    await open({ find })
    const guest = lab.guest(crmTable(['a']))
    guest.post('find', 'a')
    await until(() => signals[0])
    guest.caller.giveUp('given-up')
    await until(() => signals[0]?.aborted === true)
    expect(await guest.call('count')).toEqual({ kind: 'value', value: 3 })
  })

  test('is told the same when its call had not begun to run', async () => {
    await open({ find: { authorize: (resource: string) => ({ kind: 'crm', action: 'find', resource }) } })
    const guest = lab.guest(crmTable(['a']))
    guest.post('find', 'a')
    await guest.port.gone()
    expect(await guest.settled()).toMatchObject({ kind: 'failed' })
  })

  test('waits for the calls that it left, when they are too many', async () => {
    const { signals, ends, find } = hanging()
    await open({ find })
    for (let index = 0; index < orphansPerChildMax; index += 1) {
      const earlier = lab.guest(crmTable(['a']))
      earlier.post('find', 'a')
      await until(() => signals[index])
      await earlier.port.gone()
    }
    const guest = lab.guest(crmTable(['a']))
    guest.post('count')
    const other = lab.guest(crmTable(['a']), 'other')
    expect(await other.call('count')).toEqual({ kind: 'value', value: 3 })
    expect(guest.caller.settled()).toBeUndefined()
    ends[0]?.()
    expect(await guest.answer('count')).toEqual({ kind: 'value', value: 3 })
    for (const end of ends) end()
  })

  test('that waits so may end, too', async () => {
    const { signals, ends, find } = hanging()
    await open({ find })
    for (let index = 0; index < orphansPerChildMax; index += 1) {
      const earlier = lab.guest(crmTable(['a']))
      earlier.post('find', 'a')
      await until(() => signals[index])
      await earlier.port.gone()
    }
    const guest = lab.guest(crmTable(['a']))
    guest.post('find', 'a')
    await until(() => guest.port.queuedNs(0n) > 0n)
    await guest.port.gone()
    expect(signals).toHaveLength(orphansPerChildMax)
    for (const end of ends) end()
  })
})

describe('bytes that our own code has not written', () => {
  const forged: readonly (readonly [what: string, bytes: Uint8Array])[] = [
    ['nothing', new Uint8Array(0)],
    ['noise', Uint8Array.of(255, 255, 255, 255, 1, 2, 3)],
    ['another interface', Uint8Array.of(1, 0, 0, 0, 97, 1, 0, 0, 0, 98)],
  ]
  test.each(forged)('are a breach: %s', async (_, bytes) => {
    await open()
    const guest = lab.guest(crmTable(['*']))
    guest.caller.post(bytes)
    await until(() => guest.told.breaches.length > 0)
    expect(guest.told.breaches[0]).toMatchObject({ code: 'lane-corrupt' })
    expect(guest.port.isServing()).toBe(false)
    expect(await lab.guest(crmTable(['a']), 'other').call('find', 'a')).toEqual(ok('found a'))
  })

  test('so is a call of an interface that is offered to others and that its component does not import', async () => {
    await open()
    const guest = lab.guest(crmTable(['*']), 'one', () => undefined, [])
    guest.post('count')
    await until(() => guest.told.breaches.length > 0)
    expect(guest.told.breaches[0]?.message).toMatch(/it is not offered/)
    expect(await lab.guest(crmTable([]), 'other').call('count')).toMatchObject({ kind: 'value', value: 3 })
  })

  test('so is a length that cannot be', async () => {
    await open()
    const guest = lab.guest(crmTable(['*']))
    guest.post('find', 'a')
    new Int32Array(guest.port.slot.buffer)[16] = interfaceArgumentBytesMax + 1
    await until(() => guest.told.breaches.length > 0)
  })

  test('and so are more arguments than there are', async () => {
    await open()
    const guest = lab.guest(crmTable(['*']))
    const text = (value: string) => [value.length, 0, 0, 0, ...new TextEncoder().encode(value)]
    guest.caller.post(Uint8Array.from([...text('acme:crm/contacts'), ...text('count'), 1]))
    await until(() => guest.told.breaches.length > 0)
    expect(guest.told.breaches[0]?.message).toMatch(/bytes behind the last value/)
  })
})

describe('bounds', () => {
  test('large answers come in pages', async () => {
    const photo = new Uint8Array(500_000).fill(7)
    await open({ photo: { run: () => photo } })
    expect(await lab.guest(crmTable(['a'])).call('photo', 'a')).toEqual({ kind: 'value', value: photo })
  })

  test('so many calls run at a time, and the next when one has ended', async () => {
    const { signals, ends, find } = hanging()
    await open({ find })
    const guests = Array.from({ length: runsMax }, (_, index) => lab.guest(crmTable(['a']), `child-${index}`))
    for (const guest of guests) guest.post('find', 'a')
    await until(() => signals.length === runsMax)
    const late = lab.guest(crmTable(['a']), 'late')
    late.post('count')
    await until(() => late.port.queuedNs(process.hrtime.bigint() - lab.originNs) > 0n)
    expect(late.caller.settled()).toBeUndefined()
    ends[0]?.()
    expect(await late.answer('count')).toEqual({ kind: 'value', value: 3 })
    for (const end of ends) end()
  })

  test('one incarnation makes so many calls at once, and then so many a second', async () => {
    await open()
    const guest = lab.guest(crmTable([]))
    const startMs = performance.now()
    for (let index = 0; index < callsPerSecondMax + 100; index += 1) await guest.call('count')
    expect(performance.now() - startMs).toBeGreaterThan(90)
  })
})

describe('the interfaces of a runtime', () => {
  const named = (name: string): HostInterface => ({
    ...contactsWith(),
    name,
    contract: { name: name.split('@')[0] ?? '', version: '1.2.0', resources: [], functions: [] },
  })
  const service = (...interfaces: readonly HostInterface[]) =>
    new InterfaceService({ interfaces, kinds, nowNs: () => 0n, onFailure: () => {} })

  test('are there once each, and not too many', async () => {
    await open()
    expect(() => service(named('a:b/c@1.0.0'), named('a:b/c@1.2.0'))).toThrow(/are one interface/)
    const many = Array.from({ length: interfacesMax + 1 }, (_, index) => named(`a:b/c${index}@1.0.0`))
    expect(() => service(...many)).toThrow(/are too many/)
    expect(service(...many.slice(1)).contracts).toHaveLength(interfacesMax)
  })

  test('are given to whoever imports a version that goes with theirs', async () => {
    await open()
    const own = service(named('a:b/c@1.2.0'), named('a:b/d@1.2.0'))
    expect(own.importedBy(['wasi:io/poll@0.2.0', 'a:b/c@1.0.0']).map(({ name }) => name)).toEqual(['a:b/c'])
    expect(own.importedBy(['a:b/c@2.0.0', 'a:b/cc@1.2.0'])).toEqual([])
  })
})

function never(): never {
  throw new Error('no idea')
}

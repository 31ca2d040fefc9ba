import { type CapabilityTable, compileTable } from '@bulkhead/capability'
import { createSlot, createSlotBell } from '@bulkhead/lane'
import type { Clock } from '@bulkhead/vocabulary'
import { describe, expect, it } from 'vitest'
import { ActorServices, type AttachService, type FindService } from './actor-services.js'

const wake = { buffer: new SharedArrayBuffer(4), byteOffset: 0 }

function table(version: number): CapabilityTable {
  return compileTable({ version, componentId: 'a', layers: [], operator: [], deny: [], forbidden: [] })
}

/** Services that a test answers for by hand. */
function world() {
  const done: string[] = []
  const given: [string, unknown][] = []
  const acks: (() => void)[] = []
  const late: (() => void)[] = []
  let nowNs = 0n
  const clock: Pick<Clock, 'after'> = {
    after: (_ms, callback) => {
      late.push(callback)
      return () => {}
    },
  }
  const attach: AttachService = ({ table: { version } }) => {
    done.push(`attach ${version}`)
    return {
      slot: createSlot({ requestBytes: 64, pageBytes: 64, wake, bell: createSlotBell() }),
      updateTable: ({ version: newer }) => {
        done.push(`update ${newer}`)
        return new Promise((resolve) => acks.push(resolve))
      },
      queuedNs: () => 7n,
      isServing: () => isServing,
      gone: () => {
        done.push('gone')
        return new Promise((resolve) => acks.push(resolve))
      },
    }
  }
  let isServing = true
  const make = (find: FindService = async () => attach) =>
    new ActorServices(table(1), {
      find,
      wake,
      give: (service, slot) => given.push([service, slot === 'down' ? slot : 'slot']),
      clock: clock as Clock,
      nowNs: () => nowNs,
    })
  return {
    ...{ done, given, acks, late, attach, make },
    pass: (ns: bigint) => {
      nowNs += ns
    },
    stopServing: () => {
      isServing = false
    },
  }
}

describe('the services of one incarnation', () => {
  it('are opened at the first wish, by the rules that are then the newest, and not twice', async () => {
    const { make, given, done } = world()
    const services = make()
    expect(done).toEqual([])
    const wished = services.want('store')
    services.updateTable(table(2))
    await Promise.all([wished, services.want('store')])
    await services.want('store')
    expect(done).toEqual(['attach 2'])
    expect(given).toEqual([['store', 'slot']])
  })

  it('are down where there is none or no place, and opened again when they came down for good', async () => {
    const { make, given, done, attach, stopServing } = world()
    let found: AttachService | undefined
    const services = make(async () => found)
    await services.want('store')
    found = () => undefined
    await services.want('store')
    found = attach
    await services.want('store')
    stopServing()
    await services.want('store')
    expect(given.map(([, how]) => how)).toEqual(['down', 'down', 'slot', 'slot'])
    expect(done).toEqual(['attach 1', 'attach 1'])
  })

  it('have a newer table before the call returns, and are settled when each has said so', async () => {
    const { make, done, acks } = world()
    const services = make()
    await services.want('store')
    await services.want('network')
    services.updateTable(table(2))
    expect(done.slice(2)).toEqual(['update 2', 'update 2'])
    let isSettled: boolean | undefined
    const settled = services.settled().then((how) => {
      isSettled = how
    })
    acks[0]?.()
    await Promise.resolve()
    expect(isSettled).toBeUndefined()
    acks[1]?.()
    await settled
    expect(isSettled).toBe(true)
  })

  it('are not waited for without end', async () => {
    const { make, late } = world()
    const services = make()
    await services.want('store')
    services.updateTable(table(2))
    const settled = services.settled()
    late.at(-1)?.()
    expect(await settled).toBe(false)
    const ended = services.end()
    late.at(-1)?.()
    await ended
  })

  it('owe the time in which they are opened, and that in which calls wait', async () => {
    const { make, attach, pass } = world()
    let found = (_attach: AttachService): void => {}
    const services = make(() => new Promise((resolve) => (found = resolve)))
    const wished = services.want('network')
    pass(5n)
    expect(services.queuedNs(5n)).toBe(5n)
    found(attach)
    await wished
    pass(100n)
    expect(services.queuedNs(105n)).toBe(5n + 7n)
  })

  it('end with it: one that is found only then is not opened', async () => {
    const { make, done, given, acks, attach } = world()
    let found = (_attach: AttachService): void => {}
    const services = make((service) =>
      service === 'store' ? Promise.resolve(attach) : new Promise((resolve) => (found = resolve)),
    )
    await services.want('store')
    const wished = services.want('network')
    const ended = services.end()
    expect(done).toEqual(['attach 1', 'gone'])
    acks[0]?.()
    await ended
    found(attach)
    await wished
    await services.want('store')
    expect(given).toEqual([['store', 'slot']])
  })
})

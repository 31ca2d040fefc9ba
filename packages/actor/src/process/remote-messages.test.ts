import { expect, test } from 'vitest'
import { Ledger } from '../ledger.js'
import { PortPump } from '../port-pump.js'
import type { ToWorker } from '../protocol.js'
import { remoteAnswerMs } from './limits.js'
import { RemoteMessages } from './remote-messages.js'
import type { RemoteWish } from './remote-protocol.js'

test('a commit that a busy host makes late was made once, and the guest is told so', () => {
  const toHost: RemoteWish[] = []
  const toGuest: ToWorker[] = []
  const committed: number[] = []
  let nowNs = 0n
  let busyUntilNs = 0n
  const ledger = new Ledger()
  const host = (): void => {
    for (let wish = nowNs < busyUntilNs ? undefined : toHost.shift(); wish !== undefined; wish = toHost.shift()) {
      if (wish.kind === 'prepare') {
        toGuest.push({ kind: 'remote', answer: { kind: 'prepared', number: wish.number, outcome: 'ready' } })
      } else if (wish.kind === 'commit') {
        committed.push(wish.number)
        toGuest.push({ kind: 'remote', answer: { kind: 'committed', number: wish.number, outcome: 'sent' } })
      }
      ledger.wake()
    }
  }
  const sleep = (): void => {
    nowNs += 1_000_000_000n
    host()
  }
  const remote = new RemoteMessages(
    { handles: false, functions: [] },
    {
      ledger,
      pump: new PortPump(() => toGuest.shift()),
      now: () => nowNs,
      park: sleep,
      post: ({ wish }) => toHost.push(wish),
    },
  )
  const pause = (isReady: () => boolean): void => {
    while (!isReady()) sleep()
  }
  for (const busyMs of [0, 3 * remoteAnswerMs]) {
    const ready = remote.powers.prepare({ kind: 'publish', subject: 'a', body: new Uint8Array(1) }, pause)
    if (typeof ready === 'string') throw new Error(ready)
    ready.charge()
    busyUntilNs = nowNs + BigInt(busyMs) * 1_000_000n
    expect(ready.commit(pause)).toBe('sent')
  }
  expect(committed).toEqual([2, 4])
})

import { GuestMisuse, ResourceExceeded } from '../endings.js'
import type { InterfaceImplementation } from '../link.js'
import type { Pollable } from './stream-classes.js'
import type { Waiter } from './waiter.js'

type PollPowers = { readonly waiter: Waiter; readonly pollablesMax: number }

/** `wasi:io/poll`. */
export function ioPoll({ waiter, pollablesMax }: PollPowers): InterfaceImplementation {
  const isReady = (one: Pollable): boolean => one.ready() || (one.dueNs !== undefined && waiter.nowNs() >= one.dueNs)
  return {
    name: 'wasi:io/poll',
    functions: {
      '[method]pollable.ready': isReady,
      '[method]pollable.block': (one: Pollable) => waiter.wait(() => isReady(one), one.dueNs),
      poll: (list: readonly Pollable[]) => {
        if (list.length === 0) throw new GuestMisuse('poll with an empty list')
        if (list.length > pollablesMax) {
          throw new ResourceExceeded(
            'pollables',
            pollablesMax,
            `poll with ${list.length} pollables; at most ${pollablesMax}`,
          )
        }
        let ready: number[] = []
        waiter.wait(() => {
          ready = readyOf(list, isReady)
          return ready.length > 0
        }, earliest(list))
        return ready.length > 0 ? ready : readyOf(list, isReady)
      },
    },
  }
}

function readyOf(list: readonly Pollable[], isReady: (one: Pollable) => boolean): number[] {
  const ready: number[] = []
  for (const [index, one] of list.entries()) if (isReady(one)) ready.push(index)
  return ready
}

function earliest(list: readonly Pollable[]): bigint | undefined {
  let due: bigint | undefined
  for (const { dueNs } of list) if (dueNs !== undefined && (due === undefined || dueNs < due)) due = dueNs
  return due
}

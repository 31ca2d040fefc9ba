import { GuestMisuse, ResourceExceeded } from '../endings.js'
import type { InterfaceImplementation } from '../link.js'
import type { Poller } from './poller.js'
import type { Pollable } from './stream-classes.js'

type PollPowers = { readonly poller: Poller; readonly pollablesMax: number }

/** `wasi:io/poll`. */
export function ioPoll({ poller, pollablesMax }: PollPowers): InterfaceImplementation {
  return {
    name: 'wasi:io/poll',
    functions: {
      '[method]pollable.ready': (one: Pollable) => poller.isReady(one),
      '[method]pollable.block': (one: Pollable) => poller.wait(one),
      poll: (list: readonly Pollable[]) => {
        if (list.length === 0) throw new GuestMisuse('poll with an empty list')
        if (list.length > pollablesMax) {
          throw new ResourceExceeded(
            'pollables',
            pollablesMax,
            `poll with ${list.length} pollables; at most ${pollablesMax}`,
          )
        }
        return poller.poll(list)
      },
    },
  }
}

import type { Clock } from '@bulkhead/vocabulary'
import { lingerMs } from '../limits.js'
import type { TcpConnection } from './tcp-connection.js'

type Leaving = Pick<TcpConnection, 'isGone' | 'redecide' | 'destroy'>

/**
 * The connections of a channel that their guest has closed and that still send what was written. They end with the channel
 * and with the grant as those that are open do, and after a while in any case: a peer that reads a byte now and then keeps
 * none of them.
 */
export class LeavingConnections {
  readonly #clock: Pick<Clock, 'after'>
  readonly #leaving = new Map<Leaving, () => void>()

  constructor(clock: Pick<Clock, 'after'>) {
    this.#clock = clock
  }

  get all(): readonly Leaving[] {
    return [...this.#leaving.keys()]
  }

  add(connection: Leaving): void {
    // Those that have gone since are forgotten here: there are never more than may be open, and one.
    for (const [one, cancel] of this.#leaving) {
      if (!one.isGone) continue
      cancel()
      this.#leaving.delete(one)
    }
    this.#leaving.set(
      connection,
      this.#clock.after(lingerMs, () => connection.destroy()),
    )
  }

  destroyAll(): void {
    for (const [connection, cancel] of this.#leaving) {
      cancel()
      connection.destroy()
    }
    this.#leaving.clear()
  }
}

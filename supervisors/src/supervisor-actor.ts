import type { Clock } from '@bulkhead/vocabulary'
import { type Actor, createActor } from 'xstate'
import { supervisorInboxEventsMax } from './limits.js'
import { machineClock } from './machine-clock.js'
import { MachineInbox } from './machine-inbox.js'
import {
  type Ending,
  type SupervisorMachineEvent,
  type SupervisorWorld,
  supervisorMachine,
} from './supervisor.machine.js'
import type { SupervisorState } from './supervisor-state.js'

/** What a supervisor hears of its machine. */
export type SupervisorActorHandlers = {
  /** A whole step is over. */
  readonly stepped: (state: SupervisorState) => void
  /** The machine failed, a fault of ours: nobody decides any more. */
  readonly failed: (reason: string) => void
}

/** A supervisor's machine, and the inbox before it. */
export class SupervisorActor {
  readonly #clock: Clock
  readonly #handlers: SupervisorActorHandlers
  readonly #inbox = new MachineInbox(supervisorInboxEventsMax)
  readonly #machine: Actor<typeof supervisorMachine>
  readonly #calm = new Set<() => void>()
  #failure: string | undefined
  #sinceMs: number
  #shown: SupervisorState = 'declared'

  constructor(clock: Clock, world: SupervisorWorld, handlers: SupervisorActorHandlers) {
    this.#clock = clock
    this.#handlers = handlers
    this.#sinceMs = clock.wallMs()
    this.#machine = createActor(supervisorMachine, {
      clock: machineClock(clock, (task) => this.#enqueue(task)),
      input: { world },
    })
    // Without an observer for errors xstate would throw them into the void of a timer.
    this.#machine.subscribe({ error: () => undefined })
    this.#machine.start()
  }

  get state(): SupervisorState {
    if (this.#failure !== undefined) return 'stopped'
    const { value } = this.#machine.getSnapshot()
    if (typeof value === 'string') return value === 'killing' ? 'stopping' : value
    const { roster, turns } = value.active
    if (typeof roster !== 'string') return 'restarting-group'
    return roster === 'running' && turns === 'throttled' ? 'throttled' : roster
  }

  /** When it entered its state: wall clock. */
  get sinceMs(): number {
    return this.#sinceMs
  }

  /** Why it ends, or ended, by itself. */
  get ending(): Ending | undefined {
    return this.#machine.getSnapshot().context.ending
  }

  /** What was wrong with it. */
  get failure(): string | undefined {
    return this.#failure
  }

  /** Tells the machine. Once it has ended there is nothing to decide: a zombie's late exit changes only its own child. */
  tell(event: SupervisorMachineEvent): void {
    this.#enqueue(() => {
      if (this.#machine.getSnapshot().status === 'active') this.#machine.send(event)
    })
  }

  /** Resolves when no group is being stopped or started: Erlang's supervisor, too, does one thing at a time. */
  async calm(): Promise<void> {
    if (!this.#isBusy) return
    await new Promise<void>((resolve) => void this.#calm.add(resolve))
  }

  get #isBusy(): boolean {
    const { value, status } = this.#machine.getSnapshot()
    if (status !== 'active' || typeof value === 'string') return false
    const { roster } = value.active
    return typeof roster !== 'string' && ['stopping', 'starting'].includes(roster['restarting-group'])
  }

  #enqueue(task: () => void): void {
    const offered = this.#inbox.offer(() => {
      task()
      this.#afterStep()
    })
    if (offered === 'overloaded') this.#fail('its inbox overflowed')
  }

  #afterStep(): void {
    const snapshot = this.#machine.getSnapshot()
    if (snapshot.status === 'error') {
      this.#fail(snapshot.error instanceof Error ? snapshot.error.message : String(snapshot.error))
      return
    }
    this.#show()
    this.#handlers.stepped(this.state)
  }

  #fail(reason: string): void {
    if (this.#failure !== undefined) return
    this.#failure = `a fault of its own: ${reason}`
    this.#inbox.close()
    this.#machine.stop()
    this.#show()
    this.#handlers.failed(this.#failure)
  }

  #show(): void {
    const { state } = this
    if (state !== this.#shown) this.#sinceMs = this.#clock.wallMs()
    this.#shown = state
    if (this.#isBusy) return
    for (const resolve of this.#calm) resolve()
    this.#calm.clear()
  }
}

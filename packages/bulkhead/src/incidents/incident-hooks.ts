import type { Clock } from '@bulkhead/vocabulary'
import { type CommandInput, type HookCommand, runHookCommand } from './hook-command.js'
import { type HookKind, type HookOutcome, type Incident, type IncidentSummary, summaryOf } from './incident.js'
import { hookReasonCharactersMax, hooksAtOnceMax, hooksWaitingMax } from './limits.js'

/** Called with each incident. `signal` aborts at the deadline. */
export type IncidentCallback = (incident: Incident, signal: AbortSignal) => void | Promise<void>

/** Who is told; what is absent is nobody. */
export type HookSpec = {
  readonly command?: HookCommand
  /** A topic on which each incident is published. */
  readonly topic?: string
  readonly callback?: IncidentCallback
  /** For each hook of each incident. */
  readonly deadlineMs: number
}

export type HookPowers = {
  readonly publish: (
    topic: string,
    body: Uint8Array,
  ) => Promise<{ readonly receivers: number; readonly overloaded: number }>
  readonly clock: Clock
}

type Told = { readonly incident: Incident; readonly file: string; readonly done: (outcomes: HookOutcome[]) => void }

/** Tells those who want to know of incidents: each incident's hooks side by side, few incidents at a time, all bounded. */
export class IncidentHooks {
  readonly #spec: HookSpec
  readonly #powers: HookPowers
  readonly #waiting: Told[] = []
  readonly #running = new Set<AbortController>()

  constructor(spec: HookSpec, powers: HookPowers) {
    this.#spec = spec
    this.#powers = powers
  }

  /** Resolves with what became of each hook; never rejects. */
  tell(incident: Incident, file: string): Promise<readonly HookOutcome[]> {
    if (this.#waiting.length >= hooksWaitingMax) {
      return Promise.resolve(this.#kinds().map((hook) => ({ hook, outcome: 'skipped' })))
    }
    return new Promise((done) => {
      this.#waiting.push({ incident, file, done })
      this.#next()
    })
  }

  /** Ends what runs and what waits. */
  abort(): void {
    for (const { done } of this.#waiting.splice(0)) done(this.#kinds().map((hook) => ({ hook, outcome: 'skipped' })))
    for (const controller of this.#running) controller.abort()
  }

  #next(): void {
    if (this.#running.size >= hooksAtOnceMax) return
    const told = this.#waiting.shift()
    if (told === undefined) return
    const controller = new AbortController()
    this.#running.add(controller)
    const outcomes = this.#kinds().map((hook) => this.#run(hook, told, controller.signal))
    void Promise.all(outcomes).then((all) => {
      this.#running.delete(controller)
      told.done(all)
      this.#next()
    })
  }

  #kinds(): readonly HookKind[] {
    const { command, topic, callback } = this.#spec
    return [
      ...(command === undefined ? [] : (['command'] as const)),
      ...(topic === undefined ? [] : (['topic'] as const)),
      ...(callback === undefined ? [] : (['callback'] as const)),
    ]
  }

  async #run(hook: HookKind, told: Told, stopped: AbortSignal): Promise<HookOutcome> {
    const { deadlineMs } = this.#spec
    const late = new AbortController()
    const cancel = this.#powers.clock.after(deadlineMs, () => late.abort())
    const signal = AbortSignal.any([stopped, late.signal])
    const aborted = new Promise<never>((_, reject) => {
      signal.addEventListener('abort', () => reject(new Error('the runtime was stopped')), { once: true })
    })
    try {
      await Promise.race([this.#call(hook, told, signal), aborted])
      return { hook, outcome: 'done' }
    } catch (thrown) {
      if (late.signal.aborted) return { hook, outcome: 'late', reason: `it took longer than ${deadlineMs} ms` }
      const reason = (thrown instanceof Error ? thrown.message : String(thrown)).slice(0, hookReasonCharactersMax)
      return { hook, outcome: 'failed', reason }
    } finally {
      cancel()
    }
  }

  async #call(hook: HookKind, { incident, file }: Told, signal: AbortSignal): Promise<void> {
    const { command, topic, callback } = this.#spec
    const summary = summaryOf(incident)
    if (hook === 'command' && command !== undefined) {
      const input: CommandInput = { summary, file, json: JSON.stringify(incident) }
      await runHookCommand(command, input, signal)
    } else if (hook === 'topic' && topic !== undefined) await this.#publish(topic, summary)
    else await callback?.(incident, signal)
  }

  /** Only what a list shows: whoever may subscribe to the topic is no operator. */
  async #publish(topic: string, summary: IncidentSummary): Promise<void> {
    const { hooks: _hooks, ...told } = summary
    const { receivers, overloaded } = await this.#powers.publish(topic, new TextEncoder().encode(JSON.stringify(told)))
    if (overloaded > 0) throw new Error(`${overloaded} of its subscribers had no room`)
    if (receivers === 0) throw new Error(`nobody is subscribed to ${topic}`)
  }
}

import type { ChildId, HealthEventDraft } from '@bulkhead/vocabulary'
import type { ChildEvent } from './child-events.js'
import type { ChildState } from './child-state.js'
import { eventReasonCharsMax, shownIsolatedMax } from './limits.js'
import type { Level } from './planning/ladder.js'
import type { Ending } from './supervisor.machine.js'
import { classOf, reasonOf } from './supervisor-ending.js'
import type { ProfileName } from './supervisor-plan.js'

/** The health events of one supervisor and of its children (SPEC 11), under its name. */
export class SupervisorVoice {
  readonly #name: string
  readonly #emit: (draft: HealthEventDraft) => void

  constructor(name: string, emit: (draft: HealthEventDraft) => void) {
    this.#name = name
    this.#emit = emit
  }

  ofChild(id: ChildId, event: ChildEvent): void {
    const slash = id.indexOf('/')
    const tenant = slash === -1 ? {} : { tenant: id.slice(0, slash) }
    this.#say({ ...event, child: id, ...tenant })
  }

  /** Nothing is said where no child comes with a past. */
  reconciled(isolated: readonly { readonly id: ChildId; readonly level: Level }[]): void {
    if (isolated.length === 0) return
    const shown = isolated.slice(0, shownIsolatedMax).map(({ id, level }) => `\`${id}\` at ${level}`)
    const more = isolated.length > shown.length ? ` and ${isolated.length - shown.length} more` : ''
    this.#say({ type: 'supervisor.reconciled', reason: `from an earlier life: ${shown.join(', ')}${more}` })
  }

  started(): void {
    this.#say({ type: 'supervisor.started' })
  }

  held(by: ChildId, state: ChildState): void {
    this.#say({ type: 'supervisor.held', child: by, reason: `\`${by}\` is ${state}, and its group with it` })
  }

  released(): void {
    this.#say({ type: 'supervisor.released' })
  }

  throttled(delayMs: number): void {
    this.#say({ type: 'supervisor.throttled', delayMs, reason: 'too many restarts within a second on this host' })
  }

  escalated({ child, report }: Ending): void {
    this.#say({ type: 'supervisor.escalated', child, class: report.class, reason: report.reason })
  }

  stopped(ending: Ending | undefined, profile: ProfileName | undefined): void {
    if (ending === undefined) this.#say({ type: 'supervisor.stopped', class: 'shutdown', reason: 'stopped' })
    else this.#say({ type: 'supervisor.stopped', class: classOf(ending, profile), reason: reasonOf(ending) })
  }

  collapsed(reason: string): void {
    this.#say({ type: 'supervisor.stopped', class: 'host', reason })
  }

  /** A component's words are cut: its report keeps them whole, and a line of a log has a bound. */
  #say(draft: Omit<HealthEventDraft, 'supervisor'>): void {
    const { reason } = draft
    const short = reason === undefined ? {} : { reason: reason.slice(0, eventReasonCharsMax) }
    this.#emit({ ...draft, ...short, supervisor: this.#name })
  }
}

import type { ChildStatus, SupervisorStatus } from '@bulkhead/admin'
import type { NextStep, SupervisorView } from '@bulkhead/supervisors'
import type { MessageStats } from '../messages/message-desk.js'
import type { ChildReport } from '../types.js'
import type { ChildStory } from './child-stories.js'

/** Where the facts about a child come from that its report does not have. */
export type StatusSources = {
  readonly supervisor: string
  readonly story: ChildStory | undefined
  /** Linear memory of its run; `undefined` while nothing runs. */
  readonly memory: { readonly bytes: number; readonly maxBytes: number } | undefined
  /** Processor time of its run, in milliseconds; `undefined` while nothing runs. */
  readonly cpuMs: number | undefined
  /** Checks that were refused in its present run. */
  readonly denied: number
  /** `undefined`: it has nothing to do with messages. */
  readonly messages: MessageStats | undefined
}

/** How a child stands, in the words of `bulkhead ps`. */
export function childStatus(child: ChildReport, sources: StatusSources): ChildStatus {
  const { supervisor, story, memory, cpuMs, denied, messages } = sources
  const { id, component, state, incarnation, restarts, restartsLeft, level, score } = child
  const { trust, approval, sinceMs } = child
  const deniedInAll = child.usage.checksDenied + denied
  const isRunning = state === 'running'
  const isDegraded = isRunning && story?.health === 'degraded'
  const now = isDegraded ? reasonsOf(child) : undefined
  const why =
    now !== undefined ? now : isRunning || state === 'waiting' ? (story?.reason ?? waitingFor(child)) : child.reason
  const next = nextOf(child)
  return {
    ...{ child: id, supervisor, component, state, incarnation, restarts, restartsLeft, trust, approval, level, score },
    since: isDegraded ? story.healthSince : sinceMs,
    ...(isRunning ? { health: isDegraded ? 'degraded' : 'healthy' } : {}),
    ...(memory === undefined ? {} : { memory }),
    ...(cpuMs === undefined ? {} : { cpuMs: Math.round(cpuMs) }),
    ...(deniedInAll === 0 ? {} : { denied: deniedInAll }),
    ...(messages === undefined ? {} : { rates: ratesOf(messages) }),
    ...(messages === undefined || messages.depthMax === 0 ? {} : { mailbox: mailboxOf(messages) }),
    ...(why === undefined ? {} : { why }),
    ...(next === undefined ? {} : { next }),
  }
}

/** The event that told of it has the numbers of its moment; these are today's. */
function reasonsOf({ health }: ChildReport): string | undefined {
  return health.status === 'degraded' ? health.reasons.join('; ') : undefined
}

/** Of a running child the last exit is history. */
function waitingFor({ state, reason }: ChildReport): string | undefined {
  return state === 'waiting' ? reason : undefined
}

function ratesOf({ publishedPerSecond, handledPerSecond }: MessageStats): NonNullable<ChildStatus['rates']> {
  return { publishedPerSecond, handledPerSecond }
}

function mailboxOf({ depth, depthMax, oldestMs }: MessageStats): NonNullable<ChildStatus['mailbox']> {
  return { messages: depth, messagesMax: depthMax, ...(oldestMs === undefined ? {} : { oldestMs }) }
}

const steps: Readonly<Record<NextStep['what'], string | undefined>> = {
  kill: 'killed if it takes longer',
  zombie: 'given up as a zombie',
  restart: 'restart',
  turn: 'restart when it is its turn',
  group: 'started again with its group',
  // What it waits for says what would let it start.
  admission: undefined,
  canary: 'tried again',
  fail: 'given up: it is never restarted',
  wake: 'woken by the next message',
  'step-down': 'given back one step of what was taken from it',
}

function nextOf({ state, next }: ChildReport): ChildStatus['next'] {
  const what = next === undefined ? endlessly[state] : steps[next.what]
  if (what === undefined) return undefined
  return { what, ...(next?.atMs === undefined ? {} : { at: next.atMs }) }
}

const endlessly: Readonly<Partial<Record<ChildReport['state'], string>>> = {
  quarantined: 'stays until it is released',
  zombie: 'nothing is started in its place before its thread has ended',
}

/** How the supervisors of a tree stand. */
export function supervisorStatus(view: SupervisorView): SupervisorStatus {
  const { name, state, health, sinceMs, strategy, profile, isPool, restartsLeft, children } = view
  const why = health.status === 'healthy' ? view.reason : health.reasons.join('; ')
  return {
    ...{ supervisor: name, state, health: health.status, since: sinceMs, strategy, profile, isPool },
    ...(restartsLeft === undefined ? {} : { restartsLeft }),
    ...(why === undefined ? {} : { why }),
    children: children.map((member) => (member.kind === 'supervisor' ? supervisorStatus(member) : member.id)),
  }
}

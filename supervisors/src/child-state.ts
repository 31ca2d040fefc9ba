/** The states of a child that exist in this version, of the larger set of SPEC 9. */
export const childStates = [
  'declared',
  'waiting',
  'starting',
  'running',
  'half-open',
  'dormant',
  'stopping',
  'killing',
  'zombie',
  'evaluating',
  'backoff',
  'held',
  'quarantined',
  'completed',
  'stopped',
  'failed',
  'removed',
] as const
export type ChildState = (typeof childStates)[number]

const owning: ReadonlySet<ChildState> = new Set(['starting', 'running', 'half-open', 'stopping', 'killing', 'zombie'])
const undecided: ReadonlySet<ChildState> = new Set(['declared', 'starting', 'killing', 'evaluating'])
const ended: ReadonlySet<ChildState> = new Set(['completed', 'stopped', 'failed'])
const down: ReadonlySet<ChildState> = new Set([...ended, 'zombie', 'quarantined', 'removed'])
const busy: ReadonlySet<ChildState> = new Set(['starting', 'running', 'half-open', 'stopping', 'killing', 'evaluating'])

/** Whether a machine in this state owns a run. A run that no machine owns is killed by the reaper. */
export function ownsRun(state: ChildState): boolean {
  return owning.has(state)
}

/** Whether a start has come to its end, well or badly: the next child's turn in start order. */
export function isStartOver(state: ChildState): boolean {
  return !undecided.has(state)
}

/** Whether nothing more can be done to stop the child: at rest, or a zombie that holds its slot. */
export function isDown(state: ChildState): boolean {
  return down.has(state)
}

/** Whether the child has ended, and nothing brings it back by itself. */
export function hasEnded(state: ChildState): boolean {
  return ended.has(state)
}

/** Whether nothing of it runs any more, or nothing can be done about what does: its group need not wait for it to stop. */
export function isStill(state: ChildState): boolean {
  return !busy.has(state)
}

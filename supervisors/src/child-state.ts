/** The states of a child that exist in this version, of the larger set of SPEC 9. */
export const childStates = [
  'declared',
  'waiting',
  'starting',
  'running',
  'stopping',
  'killing',
  'zombie',
  'evaluating',
  'backoff',
  'quarantined',
  'completed',
  'stopped',
  'failed',
] as const
export type ChildState = (typeof childStates)[number]

const owning: ReadonlySet<ChildState> = new Set(['starting', 'running', 'stopping', 'killing', 'zombie'])
const undecided: ReadonlySet<ChildState> = new Set(['declared', 'starting', 'killing', 'evaluating'])
const down: ReadonlySet<ChildState> = new Set(['zombie', 'quarantined', 'completed', 'stopped', 'failed'])

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

/** The states of a supervisor that exist in this version, of the larger set of SPEC 9. */
export type SupervisorState =
  | 'declared'
  | 'reconcile'
  | 'starting'
  | 'running'
  | 'restarting-group'
  | 'held'
  | 'throttled'
  | 'escalating'
  | 'stopping'
  | 'stopped'

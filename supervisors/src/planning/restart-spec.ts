/** When a child is started again: always, after an abnormal exit only, or never. */
export type RestartType = 'permanent' | 'transient' | 'temporary'

/** The trust level of the child's component (SPEC 6). Only `trusted` children may take their supervisor down. */
export type Trust = 'trusted' | 'unknown' | 'dev-mode'

/** How many charged exits a sliding window forgives: `restarts` in `withinMs` are survived, the next one exhausts. */
export type Intensity = { readonly restarts: number; readonly withinMs: number }

/** What planning has to know of a child. */
export type RestartSpec = { readonly restart: RestartType; readonly trust: Trust; readonly intensity: Intensity }

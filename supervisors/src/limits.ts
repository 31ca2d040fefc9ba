// Every bound of supervision, with its unit in the name (SPEC 9 and 13).

/** Children of one supervisor. */
export const childrenMax = 1_000
/** Supervisors one below another, the root counted. */
export const treeDepthMax = 16
/** Children that are gone and still remembered: what a tree keeps so that their ids do not come back with a clean slate. */
export const rememberedChildrenMax = 10_000
/** What a component's words may take of an event, in UTF-16 units; the report of the exit keeps them whole. */
export const eventReasonCharsMax = 1_024
/** Administrative calls that may wait for one supervisor. */
export const administrativeCallsMax = 1_024
/** Restarts that one child's window may hold before the next one exhausts it. */
export const restartsPerWindow = 3
/** The most that a tree file may ask for as `restarts`: the account keeps one instant for each. */
export const restartsPerWindowMax = 1_000
export const restartWindowMs = 60_000
/** A day: the longest window, and the longest orderly stop. Far below the 2³¹ − 1 ms at which Node's timers fire at once. */
export const restartWindowMsMax = 86_400_000
/** A clean exit of a permanent child sooner than this counts as a failure. */
export const minimumUptimeMs = 5_000

export const backoffFirstMs = 200
export const backoffFactor = 2
export const backoffMsMax = 30_000
/** The shortest healthy time that forgives earlier failures; twice the last delay when that is longer. */
export const backoffResetMs = 10_000

export const quarantineFirstMs = 300_000
export const quarantineFactor = 2
/** How many quarantines end by themselves; those after it last until an operator releases the child. */
export const quarantinesTimed = 3

/** The storm guard: restarts of one host, all its trees together, in any `stormWindowMs`. */
export const stormRestartsMax = 20
export const stormWindowMs = 1_000

/** A child that is not ready by then is killed. */
export const startDeadlineMs = 10_000
/** The time for an orderly stop, where none is written. */
export const defaultShutdownMs = 5_000
export const shutdownMsMax = 86_400_000
/** How long a kill may take until the child counts as a zombie: a port's own deadline of 1 s and time to say so. */
export const killPatienceMs = 1_500

/**
 * Events that may wait for one child's machine. By construction far fewer do: a run reports at most readiness, one exit,
 * being stuck and one kill; the tree adds start, drain and stop, and one timer is armed in any state.
 */
export const childInboxEventsMax = 32
/** Events that may wait for the supervisor's machine: draining `childrenMax` children makes one or two for each at once. */
export const supervisorInboxEventsMax = 8_192

/** The isolation score: what a fault adds, and the score at which a child climbs a rung (SPEC 9). */
export const resourcePoints = 2
export const securityPoints = 5
export const climbAtPoints = 4
export const scoreStepMs = 300_000
export const cleanStepMs = 300_000
export const canaryMs = 60_000
/** What may divide the terms of the ladder: a trial of a minute is then 60 ms. */
export const timeScaleMax = 1_000

/** The tripwire: distinct denials of one kind, or hits of deny rules and the forbidden list, within `tripWindowMs`. */
export const tripDenialsMax = 5
export const tripWindowMs = 10_000
/** Distinct probes within `tripWindowMs` that are one violation. */
export const tripProbesMax = 256
/** Characters of a resource by which denials are told apart. */
export const denialKeyUnitsMax = 200

/** Processor time is judged over this window, from at most so many samples. */
export const cpuWindowMs = 10_000
export const cpuSamplesMax = 64
/** A guest that uses its share so many times over is stopped. */
export const cpuStopFactor = 2

/** Admission by memory (SPEC 12): parts of what the machine, or the control group, has. */
export const memoryCommittedPart = 0.7
export const memoryResidentPart = 0.85
export const memoryAlarmPart = 0.9
export const overcommitDefault = 2

/** What divides rates and memory at `reduced` and above, and rates on trial. */
export const reducedDivisor = 2
export const canaryRateDivisor = 10

/** An incident bundle: entries of each list, characters of a text, bytes of all of it. */
export const incidentEntriesMax = 200
export const incidentTextUnitsMax = 1_024
export const incidentLogBytesMax = 16_384
export const incidentBytesMax = 262_144

/** Children that an event about many of them names. */
export const shownIsolatedMax = 20
/** Characters kept of what brought a child to its rung. */
export const becauseUnitsMax = 200

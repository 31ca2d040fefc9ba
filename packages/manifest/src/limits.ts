import type { Quotas } from './quotas.js'

/** The longest version of a component, in characters. */
export const versionCharactersMax = 128
/** The longest description of a component, in characters. */
export const descriptionCharactersMax = 2000
/** The longest reason that a component gives for a request, in characters. */
export const whyCharactersMax = 500
/** How many patterns one action of a manifest lists. */
export const patternsPerActionMax = 1000
/** How many patterns one manifest lists. */
export const patternsMax = 4000

/** Children of one supervisor (SPEC 13). */
export const childrenPerSupervisorMax = 1000
/** Members of one pool. */
export const instancesMax = 64
/** Supervisors below supervisors, the root counted (SPEC 13). */
export const treeLevelsMax = 16
/** Policies in one tree that several components share. */
export const sharedPoliciesMax = 64
/** Mounts of one child. */
export const mountsPerChildMax = 64
/** Arguments of one child. */
export const argsPerChildMax = 1024
/** Variables that one child sets, and variables that it inherits. */
export const variablesPerChildMax = 1024
/** Secrets of one child. */
export const secretsPerChildMax = 64
/** Origins for which a child is given header fields. */
export const injectionsPerChildMax = 16
/** The longest argument or value of a variable, in characters. */
export const argumentCharactersMax = 65_536
/** The longest path, name of a variable or reference to a component, in characters. */
export const nameCharactersMax = 4096

/** Restarts that an intensity may allow. */
export const restartsMax = 1000

/** The longest time without work that a lifetime names, in milliseconds: longer ones do not fit a timer. */
export const idleMsMax = 24 * 86_400_000
/** How much faster than usual the times of supervision may run. */
export const timeScaleMax = 1000
/** Arguments of a command that is told of incidents, its program counted. */
export const incidentCommandWordsMax = 64
/** What is told of an incident has this long, unless the tree says otherwise. */
export const incidentDeadlineMsDefault = 10_000

/** A child is given this long to stop, unless the tree says otherwise (SPEC 13). */
export const shutdownMsDefault = 5000
/** How many restarts within which time a supervisor's child survives, unless the tree says otherwise (SPEC 9). */
export const intensityDefault = Object.freeze({ restarts: 3, withinMs: 60_000 })
/** The state directory, relative to the tree file, unless the tree says otherwise. */
export const stateDirectoryDefault = '.bulkhead'
/** How far admission may promise more memory than there is, unless the tree says otherwise (SPEC 12). */
export const overcommitDefault = 2

/**
 * What holds where a manifest says nothing (SPEC 13). The deadline is that of a call or message: a command has none unless
 * one is written. Requests have no default: HTTP waits for what the tree says.
 */
export const defaultQuotas = Object.freeze({
  memoryBytes: 64 * 1024 ** 2,
  storageBytes: 100 * 1024 ** 2,
  messages: Object.freeze({ amount: 1000, perMs: 1000 }),
  network: Object.freeze({ amount: 10 * 1024 ** 2, perMs: 1000 }),
  cpuPercent: 100,
  deadlineMs: 30_000,
  logs: Object.freeze({ amount: 64 * 1024, perMs: 1000 }),
  handles: 256,
}) satisfies Quotas

/** Routes of one tree. */
export const httpRoutesMax = 1000
/** The longest route, in characters. */
export const routeCharactersMax = 1024
/** The longest body of an HTTP request, unless the tree says otherwise. */
export const httpBodyBytesDefault = 16 * 1024 ** 2

/**
 * A request that our own code in the actor's worker cannot have written: the worker is not ours any more. Its channel is
 * ended, and the host is told.
 */
export class MalformedRequest extends Error {}

import type { Quotas } from './quotas.js'

/** The narrower of two limits in each thing that either limits: what holds below a supervisor and the one above it. */
export function narrower(one: Quotas | undefined, other: Quotas | undefined): Quotas | undefined {
  if (one === undefined || other === undefined) return one ?? other
  const both: { [Name in keyof Quotas]: Quotas[Name] } = { ...one }
  for (const [name, limit] of Object.entries(other) as [keyof Quotas, Quotas[keyof Quotas]][]) {
    const known = both[name]
    if (known === undefined || amountOf(limit) < amountOf(known)) Object.assign(both, { [name]: limit })
  }
  return both
}

function amountOf(limit: Quotas[keyof Quotas]): number {
  if (limit === undefined) return Number.POSITIVE_INFINITY
  return typeof limit === 'number' ? limit : limit.amount / limit.perMs
}

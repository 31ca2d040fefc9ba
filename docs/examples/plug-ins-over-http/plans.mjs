// What a customer has paid for: what its plug-ins may do, each of them, and all of them together.

/**
 * @typedef {{
 *   readonly capabilities: Readonly<Record<string, readonly string[]>>
 *   readonly quotas: import('bulkhead').QuotasDocument
 *   readonly ceiling: import('bulkhead').QuotasDocument
 *   readonly plugInsMax: number
 * }} Plan
 */

/** @type {Readonly<Record<string, Plan>>} */
export const plans = {
  small: {
    capabilities: { 'storage.read': ['self:*'], 'storage.write': ['self:*'] },
    quotas: { memory: '32MiB', storage: '1MiB', cpu: '50%', deadline: '2s' },
    ceiling: { memory: '32MiB', deadline: '2s' },
    plugInsMax: 2,
  },
  large: {
    capabilities: {
      'storage.read': ['self:*'],
      'storage.write': ['self:*'],
      'messaging.publish': ['billing.refunds'],
    },
    quotas: { memory: '64MiB', storage: '10MiB', deadline: '10s' },
    ceiling: { memory: '64MiB', deadline: '10s' },
    plugInsMax: 10,
  },
}

/**
 * The manifest that the host writes for a plug-in: not its author says what it may do, but the plan.
 *
 * @param {string} name
 * @param {Plan} plan
 */
export function manifestOf(name, { capabilities }) {
  const rules = Object.entries(capabilities).map(([key, patterns]) => `${key} = ${JSON.stringify(patterns)}`)
  return [`[component]`, `id = "${name}"`, `version = "1.0.0"`, ``, `[capabilities]`, ...rules, ``].join('\n')
}

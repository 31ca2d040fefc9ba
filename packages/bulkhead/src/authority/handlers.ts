import type { AdminHandlers } from '@bulkhead/admin'
import type { IncidentReader } from '../incidents/incident-files.js'
import type { Desk } from './desk.js'

/** The commands of an operator (`@bulkhead/admin`), carried out by a desk; incidents are only looked at. */
export function handlersOf(desk: Desk, incidents: IncidentReader): AdminHandlers {
  const { grants, policies, approvals, answers } = desk
  return {
    children: async () => ({ children: [...(await answers.children())] }),
    'policy.show': ({ child }) => answers.effective(child),
    'policy.history': ({ child }) => ({ versions: [...policies.history(child)] }),
    'policy.text': ({ child, version }) => policies.text(child, version),
    'policy.update': ({ child, author, reason, ...document }) =>
      policies.update(child, present(document), { author, reason }),
    'policy.rollback': ({ child, to, author, reason }) => policies.rollback(child, to, { author, reason }),
    'policy.diff': ({ child, from, to }) => policies.diff(child, from, to),
    'policy.default': ({ kind, author, reason, ...document }) =>
      policies.setDefault(kind, present(document), { author, reason }),
    grant: ({ child, capabilities, expiresMs, reason, author }) =>
      grants.grant(child, capabilities, { author, reason, ...(expiresMs === undefined ? {} : { expiresMs }) }),
    revoke: ({ child, capabilities, reason, author }) => grants.revoke(child, capabilities, { author, reason }),
    grants: ({ child }) => ({ grants: [...grants.list(child)] }),
    explain: ({ child, request }) => answers.explain(child, request),
    reviews: async () => ({ reviews: [...(await approvals.list())] }),
    review: ({ child, author }) => approvals.review(child, author),
    approve: ({ child, fingerprint, narrow, reason, author }) =>
      approvals.approve(child, present({ fingerprint, narrow }), { author, reason }),
    deny: ({ child, fingerprint, reason, author }) =>
      approvals.deny(child, present({ fingerprint }), { author, reason }),
    recommend: ({ child, generalise, since }) => answers.recommend(child, present({ generalise, since })),
    'incidents.list': async ({ child }) => {
      const all = await incidents.list()
      return { incidents: child === undefined ? [...all] : all.filter((incident) => incident.child === child) }
    },
    'incidents.show': ({ id }) => incidents.show(id),
  }
}

/** Without the properties that hold nothing: to be absent and to be `undefined` is not the same here. */
function present<Value extends object>(value: Value): { [Key in keyof Value]: Exclude<Value[Key], undefined> } {
  return Object.fromEntries(Object.entries(value).filter(([, one]) => one !== undefined)) as {
    [Key in keyof Value]: Exclude<Value[Key], undefined>
  }
}

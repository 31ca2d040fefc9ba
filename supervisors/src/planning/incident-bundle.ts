import type { HealthEvent } from '@bulkhead/vocabulary'
import { incidentBytesMax, incidentEntriesMax, incidentLogBytesMax, incidentTextUnitsMax } from '../limits.js'
import type { Level } from './ladder.js'

// What an operator needs to understand how a child came to its rung, put together at that moment, because afterwards the
// rings turn and the ledgers begin anew. Bounded whatever comes in, and without secrets: bodies of messages are not in it,
// and what the host knows to be a secret is blotted out wherever it stands, in the guest's own words above all.

/** A message that waits: never its body. */
export type MailboxHead = { readonly subject: string; readonly bytes: number; readonly sender: string }

/** What is known at the moment of the incident. Lists are oldest first; the newest entries are the ones that are kept. */
export type IncidentSources = {
  readonly child: string
  readonly tenant?: string
  readonly incarnation: number
  readonly from: Level
  readonly to: Level
  readonly reason: string
  /** Wall clock, milliseconds since 1970 UTC. */
  readonly atMs: number
  /** Audit records as the journal writes them. */
  readonly audit: readonly Readonly<Record<string, unknown>>[]
  readonly events: readonly HealthEvent[]
  readonly ledger: Readonly<Record<string, number>>
  readonly mailbox: readonly MailboxHead[]
  /** What the guest wrote, its last bytes. */
  readonly log: Uint8Array
  readonly digest: string
  readonly codeDigest?: string
  readonly policy: { readonly version: number; readonly hash?: string; readonly text?: string }
  /** Values that must not be in it: the child's secrets. */
  readonly secrets: readonly string[]
}

/** Plain JSON. `truncated` names what was cut to keep it within its bounds. */
export type IncidentBundle = {
  readonly format: 1
  readonly child: string
  readonly tenant?: string
  readonly incarnation: number
  readonly from: Level
  readonly to: Level
  readonly reason: string
  readonly time: string
  readonly digest: string
  readonly codeDigest?: string
  readonly policy: { readonly version: number; readonly hash?: string; readonly text?: string }
  readonly ledger: Readonly<Record<string, number>>
  readonly mailbox: readonly MailboxHead[]
  readonly events: readonly unknown[]
  readonly audit: readonly unknown[]
  readonly log: string
  readonly truncated: readonly string[]
}

const lists = ['audit', 'events', 'mailbox'] as const

/** Puts a bundle together. Its JSON has at most `incidentBytesMax` bytes. */
export function incidentBundle(sources: IncidentSources): IncidentBundle {
  const blot = blotterOf(sources.secrets)
  const truncated = new Set<string>()
  const newest = <Item>(name: (typeof lists)[number], items: readonly Item[]): readonly Item[] => {
    if (items.length > incidentEntriesMax) truncated.add(name)
    return items.slice(-incidentEntriesMax)
  }
  if (sources.log.length > incidentLogBytesMax) truncated.add('log')
  const { tenant, codeDigest, policy } = sources
  if ((policy.text?.length ?? 0) > incidentLogBytesMax) truncated.add('policy')
  const whole = {
    format: 1,
    child: sources.child,
    ...(tenant === undefined ? {} : { tenant }),
    incarnation: sources.incarnation,
    from: sources.from,
    to: sources.to,
    reason: head(blot(sources.reason)),
    time: new Date(sources.atMs).toISOString(),
    digest: sources.digest,
    ...(codeDigest === undefined ? {} : { codeDigest }),
    policy: {
      ...policy,
      ...(policy.text === undefined ? {} : { text: blot(policy.text).slice(0, incidentLogBytesMax) }),
    },
    ledger: Object.fromEntries(Object.entries(sources.ledger).slice(0, incidentEntriesMax)),
    mailbox: newest('mailbox', sources.mailbox).map(({ subject, bytes, sender }) => {
      return { subject: head(blot(subject)), bytes, sender: head(blot(sender)) }
    }),
    events: newest('events', sources.events).map((event) => flatten(event, blot)),
    audit: newest('audit', sources.audit).map((record) => flatten(record, blot)),
    log: logTail(sources.log, sources.secrets, blot),
  } as const
  return fit({ ...whole, truncated: [...truncated] })
}

/** Halves the longest list until it fits, which it does at the latest when the lists are empty. */
function fit(bundle: IncidentBundle): IncidentBundle {
  let cut = bundle
  while (Buffer.byteLength(JSON.stringify(cut)) > incidentBytesMax) {
    const [name] = lists
      .map((each) => [each, JSON.stringify(cut[each]).length] as const)
      .reduce((one, other) => (other[1] > one[1] ? other : one))
    const truncated = [...new Set([...cut.truncated, name])]
    cut = { ...cut, [name]: cut[name].slice(Math.ceil(cut[name].length / 2)), truncated }
  }
  return cut
}

/** Takes the secrets out of a text. */
type Blot = (text: string) => string

/** The longest first, since one secret may hold another. */
function blotterOf(secrets: readonly string[]): Blot {
  const all = [...new Set(secrets)].filter((secret) => secret !== '').sort((one, other) => other.length - one.length)
  return (text) => all.reduce((left, secret) => left.replaceAll(secret, '[secret]'), text)
}

function head(text: string): string {
  return text.slice(0, incidentTextUnitsMax)
}

/** The log's last bytes. What was kept of it may begin in the middle of a secret: such an end of one is cut off. */
function logTail(log: Uint8Array, secrets: readonly string[], blot: Blot): string {
  const text = new TextDecoder().decode(log.subarray(-incidentLogBytesMax))
  const halved = Math.max(0, ...secrets.map((secret) => endOf(secret, text)))
  return blot(text.slice(halved))
}

/** How many of the text's first characters are the end of the secret; ends of fewer than four say nothing. */
function endOf(secret: string, text: string): number {
  for (let units = secret.length - 1; units >= 4; units--) {
    if (text.startsWith(secret.slice(-units))) return units
  }
  return 0
}

/** A flat record: text without secrets, numbers and flags as they are, what is nested as its JSON. */
function flatten(entry: object, blot: Blot): Readonly<Record<string, string | number | boolean>> {
  const fields = Object.entries(entry).flatMap(([name, value]): [string, string | number | boolean][] => {
    if (typeof value === 'number' || typeof value === 'boolean') return [[name, value]]
    if (value === undefined || value === null) return []
    return [[name, head(typeof value === 'string' ? blot(value) : nestedJson(value, blot))]]
  })
  return Object.fromEntries(fields)
}

/** Blotted before it is escaped: in JSON a secret with a quote or a line break in it looks otherwise. */
function nestedJson(value: unknown, blot: Blot): string {
  return JSON.stringify(value, (_, inner: unknown) => (typeof inner === 'string' ? blot(inner) : inner))
}

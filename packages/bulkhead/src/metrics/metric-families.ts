/** One family of numbers. A child label names a child of the tree, or a member of a pool. */
export type MetricFamily = {
  /** As OpenTelemetry names instruments. */
  readonly name: `bulkhead.${string}`
  /** Of UCUM: `s`, `By`, `1`; a thing that is counted in braces, as `{message}`. */
  readonly unit: string
  readonly help: string
  /** A `counter` only grows, from the start of the runtime or from when a child was added to it. */
  readonly type: 'counter' | 'gauge'
  readonly labels: readonly string[]
  /** What is said of the children that are too many to be named. */
  readonly together: 'sum' | 'max'
}

type Row = readonly [unit: string, help: string, labels?: readonly string[], together?: 'max']

const counters = {
  'bulkhead.events': ['{event}', 'health events', ['type']],
  'bulkhead.child.restarts': ['{restart}', 'restarts of a child', ['child']],
  'bulkhead.child.exits': ['{exit}', 'ends of a run, by class', ['child', 'class']],
  'bulkhead.child.cpu': ['s', 'processor time of all runs', ['child']],
  'bulkhead.child.host_wait': ['s', 'time in which the host owed progress, of all runs', ['child']],
  'bulkhead.permission.checks': ['{check}', 'checks of capabilities, of all runs', ['child', 'kind', 'verdict']],
  'bulkhead.permission.denials': ['{check}', 'checks that were refused, of all runs, probes too', ['child']],
  'bulkhead.permission.check.time': ['s', 'time of the checks that were timed: one in a thousand'],
  'bulkhead.permission.check.timed': ['{check}', 'checks that were timed'],
  'bulkhead.permission.cache': ['{check}', 'checks by whether their answer was remembered', ['result']],
  'bulkhead.policy.updates': ['{update}', 'changes of policies', ['outcome']],
  'bulkhead.policy.time': ['s', 'time for reading policies, and for compiling what follows from them', ['phase']],
  'bulkhead.policy.cache': ['{document}', 'policies by whether they were remembered', ['result']],
  'bulkhead.messages': ['{message}', 'messages by what became of them', ['child', 'outcome']],
  'bulkhead.messages.dead_letters': ['{message}', 'messages that were accepted and not processed', ['child']],
  'bulkhead.network.io': ['By', 'bytes that went over the network, both ways, of all runs', ['child']],
  'bulkhead.network.requests': ['{request}', 'requests of HTTP that children made', ['child']],
  'bulkhead.journal.records': ['{record}', 'records that were given a place in the audit log'],
  'bulkhead.http.requests': ['{request}', 'requests to children by what became of them', ['child', 'outcome']],
  'bulkhead.process.cpu': ['s', 'processor time of the whole process'],
} as const satisfies Readonly<Record<`bulkhead.${string}`, Row>>

const gauges = {
  'bulkhead.info': ['1', 'always 1', ['version', 'node']],
  'bulkhead.ready': ['1', '1 when the runtime has taken up its work'],
  'bulkhead.live': ['1', '1 while it makes progress'],
  'bulkhead.uptime': ['s', 'since the start of the runtime'],
  'bulkhead.children': ['{child}', 'children by state', ['state']],
  'bulkhead.child.level': ['1', '1 for the rung of the isolation ladder that a child is on', ['child', 'level']],
  'bulkhead.child.score': ['1', 'isolation score: at 4 a child climbs a rung', ['child'], 'max'],
  'bulkhead.child.memory': ['By', 'linear memory', ['child']],
  'bulkhead.child.memory.limit': ['By', 'the most linear memory that it may have', ['child']],
  'bulkhead.child.handles': ['{handle}', 'files, directories and sockets that it holds open', ['child']],
  'bulkhead.mailbox.depth': ['{message}', 'messages that wait', ['child']],
  'bulkhead.mailbox.limit': ['{message}', 'messages that may wait', ['child']],
  'bulkhead.mailbox.oldest': ['s', 'age of the message that waits longest', ['child'], 'max'],
  'bulkhead.mailbox.size': ['By', 'bytes of the messages that wait', ['child']],
  'bulkhead.quota.use': ['1', 'share of a quota that is used: 1 is all of it', ['child', 'quota'], 'max'],
  'bulkhead.network.connections': ['{connection}', 'connections, sockets and listeners that are open', ['child']],
  'bulkhead.storage.used': ['By', 'what it has stored, while it has the store open', ['child'], 'max'],
  'bulkhead.storage.limit': ['By', 'what it may store', ['child'], 'max'],
  'bulkhead.http.in_flight': ['{request}', 'requests that a child has in hand', ['child']],
  'bulkhead.journal.stalled': ['1', '1 while the audit journal makes no progress'],
  'bulkhead.journal.rings': ['{ring}', 'rings from which records are taken: one a run and service'],
  'bulkhead.journal.waiting': ['By', 'records that were made and did not reach the journal yet'],
  'bulkhead.process.memory': ['By', 'memory of the whole process', ['kind']],
  'bulkhead.process.event_loop': [
    '1',
    "share of its time in which the host's own thread was busy, since the last look",
  ],
} as const satisfies Readonly<Record<`bulkhead.${string}`, Row>>

export type MetricName = keyof typeof counters | keyof typeof gauges

/** All families, in the order in which they are told. */
export const metricFamilies: readonly (MetricFamily & { readonly name: MetricName })[] = [
  ...rows('counter', counters),
  ...rows('gauge', gauges),
]

function rows<Name extends MetricName>(
  type: MetricFamily['type'],
  table: Readonly<Record<Name, Row>>,
): readonly (MetricFamily & { readonly name: Name })[] {
  return (Object.entries(table) as [Name, Row][]).map(([name, [unit, help, labels = [], together]]) => {
    return { name, unit, help, type, labels, together: together ?? 'sum' }
  })
}

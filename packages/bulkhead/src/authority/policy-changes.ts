import type { PolicyDiffReport } from '@bulkhead/admin'
import type { ChangedRule, DiffRule, PolicyDiff, RulesDiff } from '@bulkhead/policy'
import { formatBytes, formatDuration, formatPerHour } from '@bulkhead/vocabulary'

type Change = PolicyDiffReport['changes'][number]

/** A difference as a list of lines, section by section: what a reader compares. */
export function changesIn({ allow, deny, limits, shared, description }: PolicyDiff): readonly Change[] {
  return [
    ...(description === undefined
      ? []
      : [changed('description', description.from ?? 'none', description.to ?? 'none')]),
    ...rulesIn('allow', allow),
    ...rulesIn('deny', deny),
    ...limits.map(({ name, from, to }) => changed('limits', limitText(name, from), limitText(name, to))),
    ...shared.components.added.map((text): Change => ({ change: 'added', section: 'shared', text })),
    ...shared.components.removed.map((text): Change => ({ change: 'removed', section: 'shared', text })),
    ...rulesIn('shared.allow', shared.allow),
    ...rulesIn('shared.deny', shared.deny),
  ]
}

type LimitName = PolicyDiff['limits'][number]['name']

/** As a native document writes it: `memory = "48MiB"`. */
function limitText(name: LimitName, value: number | null): string {
  if (value === null) return `no limit of ${keyOf[name]}`
  switch (name) {
    case 'memoryBytes':
      return `memory = "${formatBytes(value).replace(' ', '')}"`
    case 'cpuPercent':
      return `cpu = "${value}%"`
    case 'deadlineMs':
      return `deadline = "${formatDuration(value).replace(' ', '')}"`
    case 'handles':
      return `handles = ${value}`
    case 'storageBytes':
      return `storage = "${formatBytes(value).replace(' ', '')}"`
    case 'messagesPerHour':
    case 'requestsPerHour':
      return `${keyOf[name]} = "${formatPerHour(value)}"`
    case 'networkBytesPerHour':
    case 'logBytesPerHour':
      return `${keyOf[name]} = "${formatBytes(value / 3_600).replace(' ', '')}/s"`
  }
}

const keyOf: Record<LimitName, string> = {
  memoryBytes: 'memory',
  cpuPercent: 'cpu',
  deadlineMs: 'deadline',
  handles: 'handles',
  messagesPerHour: 'messages',
  storageBytes: 'storage',
  networkBytesPerHour: 'network',
  requestsPerHour: 'requests',
  logBytesPerHour: 'logs',
}

function rulesIn(section: string, { added, removed, changed: others }: RulesDiff): readonly Change[] {
  return [
    ...added.map((rule): Change => ({ change: 'added', section, text: textOf(rule) })),
    ...removed.map((rule): Change => ({ change: 'removed', section, text: textOf(rule) })),
    ...others.map((rule) =>
      changed(section, textOf({ ...rule, limits: rule.from }), textOf({ ...rule, limits: rule.to })),
    ),
  ]
}

function changed(section: string, before: string, text: string): Change {
  return { change: 'changed', section, text, before }
}

/** `filesystem.write=/out/** (max_file_size 1024)` */
function textOf({
  kind,
  action,
  pattern,
  limits,
}: Omit<DiffRule, 'limits'> & { readonly limits?: DiffRule['limits'] | ChangedRule['from'] }): string {
  const { maxFileSizeBytes, connections } = limits ?? {}
  const bounds = [
    ...(maxFileSizeBytes === undefined ? [] : [`max_file_size ${maxFileSizeBytes}`]),
    ...(connections === undefined ? [] : [`connections ${connections}`]),
  ]
  return `${kind}.${action}=${pattern}${bounds.length === 0 ? '' : ` (${bounds.join(', ')})`}`
}

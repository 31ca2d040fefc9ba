import type { EffectiveReport, GrantReport, LimitReport, RuleReport, UngrantedReport } from '@bulkhead/admin'
import { formatBytes, formatDuration, formatPerHour, type GrantLimits } from '@bulkhead/vocabulary'
import { printable } from '../printable.js'
import { isHopeless, remediesOf, renderRemedies } from '../render-remedy.js'
import type { Paint } from '../sgr.js'
import { renderTable } from '../table.js'
import { type Capability, instantText, itsWords, pathText, placeText, shortDigest } from '../wording.js'

/** Everything that decides what a child may do, for people: who it is, what it may, what it may not and why. */
export function renderEffective(report: EffectiveReport, paint: Paint, directory: string): readonly string[] {
  const { granted, ungranted, denied, roles, mounts, limits } = report
  const documents = granted.filter(({ operator }) => operator === undefined)
  const operator = granted.filter((grant) => grant.operator !== undefined)
  const section = (title: string, lines: readonly string[]): readonly string[] =>
    lines.length === 0 ? [] : ['', paint('bold', title), ...lines]
  return [
    ...identity(report, paint),
    ...section('granted', indent(documents.map((grant) => grantRow(grant, directory)))),
    ...section('granted by an operator', indent(operatorRows(operator))),
    ...section(
      'asked for and not granted',
      ungranted.flatMap((one) => renderUngranted(one, paint)),
    ),
    ...section('denied', indent(denied.map(({ kind, action, rule }) => ruleRow({ kind, action }, rule, directory)))),
    ...section(
      'roles',
      indent([
        ...(roles?.allow ?? []).map(({ kind, action, rule }) => [
          'allow',
          ...ruleRow({ kind, action }, rule, directory),
        ]),
        ...(roles?.deny ?? []).map(({ kind, action, rule }) => ['deny', ...ruleRow({ kind, action }, rule, directory)]),
      ]),
    ),
    ...section(
      'limits',
      indent(limits.map((limit) => [limitNames[limit.name], limitText(limit), pathText(limit.document, directory)])),
    ),
    ...section('mounts', indent(mounts.map(({ guest, host, mode }) => [printable(guest), printable(host), mode]))),
  ]
}

function identity(report: EffectiveReport, paint: Paint): readonly string[] {
  const { child, state, trust, approval, component, policy, policyVersion } = report
  const running = state === undefined ? 'no process runs it' : state
  // The reason of a decision often begins with the decision itself.
  const decided = printable(approval.reason ?? '')
  const approved = decided.startsWith(approval.state) ? decided : [approval.state, decided].filter(Boolean).join(': ')
  const rows = [
    ['state', printable(running)],
    ['component', `${printable(component.reference)}  ${shortDigest(component.digest)}`],
    ['trust', `${trust.level}: ${printable(trust.reason)}`],
    ['approval', approved],
    ['policy', policy === undefined ? 'none: what was approved is the policy' : policyText(policy)],
    ...(policyVersion === undefined ? [] : [['table', `version ${policyVersion}`]]),
  ]
  return [paint('bold', printable(child)), ...indent(rows)]
}

function policyText({ version, file, key }: NonNullable<EffectiveReport['policy']>): string {
  const shared = key.startsWith('default:') ? `, the default for the kind ${printable(key.slice(8))}` : ''
  return `version ${version} of ${printable(file)}${shared}`
}

function grantRow(grant: GrantReport, directory: string): readonly string[] {
  const ruleText = ({ layer, origin }: RuleReport): string => placeText(layer, origin, directory)
  const exceptText = (rule: RuleReport): string => `${printable(rule.pattern)} (${ruleText(rule)})`
  const facts = [
    `${grant.extent === 'part' ? 'in part: ' : ''}${grant.from.map(ruleText).join(', ')}`,
    ...(grant.except.length === 0 ? [] : [`except ${grant.except.map(exceptText).join(', ')}`]),
    ...(grant.optional ? ['optional'] : []),
    ...(grant.note === undefined ? [] : [printable(grant.note)]),
  ]
  return [...nameOf(grant), `${facts.join('; ')}${limitsText(grant.limits)}`]
}

function operatorRows(grants: readonly GrantReport[]): readonly (readonly string[])[] {
  return grants.map(({ operator, ...grant }) => {
    const until = operator?.expiresAt === undefined ? '' : `, until ${instantText(operator.expiresAt)}`
    const reason = operator?.reason === undefined || operator.reason === '' ? '' : `: ${printable(operator.reason)}`
    return [...nameOf(grant), `by ${printable(operator?.grantedBy ?? '')}${until}${reason}`]
  })
}

function renderUngranted(one: UngrantedReport, paint: Paint): readonly string[] {
  const need = one.optional ? 'optional' : paint('yellow', 'required')
  const remedies = remediesOf(one.remedy)
  const hopeless = isHopeless(remedies) ? '; nothing allows this' : ''
  return [
    `  ${nameOf(one).join(' ')}  (${need}) ${printable(one.reason)}${hopeless}`,
    ...(one.why === undefined ? [] : [`        ${paint('dim', itsWords(one.why))}`]),
    ...renderRemedies(remedies, paint),
  ]
}

function ruleRow(name: Omit<Capability, 'pattern'>, rule: RuleReport, directory: string): readonly string[] {
  return [...nameOf({ ...name, pattern: rule.pattern }), placeText(rule.layer, rule.origin, directory)]
}

function nameOf({ kind, action, pattern }: Capability): readonly string[] {
  return [printable(`${kind}.${action}`), printable(pattern)]
}

const limitNames: Readonly<Record<LimitReport['name'], string>> = {
  memoryBytes: 'memory',
  cpuPercent: 'cpu',
  handles: 'handles',
  messagesPerHour: 'messages',
  logBytesPerHour: 'logs',
  storageBytes: 'storage',
  networkBytesPerHour: 'network',
  requestsPerHour: 'requests',
  deadlineMs: 'deadline',
}

function limitText({ name, value }: LimitReport): string {
  switch (name) {
    case 'memoryBytes':
    case 'storageBytes':
      return formatBytes(value)
    case 'cpuPercent':
      return `${value} %`
    case 'deadlineMs':
      return formatDuration(value)
    case 'messagesPerHour':
    case 'requestsPerHour':
      return formatPerHour(value)
    case 'logBytesPerHour':
    case 'networkBytesPerHour':
      return `${formatBytes(value / 3_600)}/s`
    default:
      return String(value)
  }
}

/** What a rule limits, after the rule. */
export function limitsText(limits: GrantLimits | undefined): string {
  const parts = [
    ...(limits?.maxFileSizeBytes === undefined ? [] : [`files up to ${formatBytes(limits.maxFileSizeBytes)}`]),
    ...(limits?.connections === undefined ? [] : [`${limits.connections} connections`]),
  ]
  return parts.length === 0 ? '' : `; ${parts.join(', ')}`
}

function indent(rows: readonly (readonly string[])[]): readonly string[] {
  if (rows.length === 0) return []
  const columns = Math.max(...rows.map((row) => row.length))
  const titles = Array.from({ length: columns }, () => ({ title: '', align: 'left' }) as const)
  return renderTable(titles, rows)
    .slice(1)
    .map((line) => `  ${line}`)
}

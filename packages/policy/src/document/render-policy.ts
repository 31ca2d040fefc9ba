import type { Grant } from '@bulkhead/capability'
import { formatPerHour } from '@bulkhead/vocabulary'
import { exactBytes, exactBytesPerHour, exactDuration } from './exact-units.js'
import { renderedLineCharactersMax } from './limits.js'
import type { Policy, PolicyLimits } from './policy.js'
import { quotedText } from './quoted-text.js'
import { groupRules } from './rule-order.js'

/**
 * A policy as canonical native TOML: kinds and actions in the order of the vocabulary, the rules of one list in theirs.
 * Read again it is the same policy; what a Wassette document warned of is not in it (`convertPolicy` keeps that as comments).
 */
export function renderPolicy(policy: Policy): string {
  const { description, allow, deny, limits, shared } = policy
  const sections = [
    description === undefined ? '' : `description = ${quotedText(description)}\n`,
    rulesSection('allow', allow),
    rulesSection('deny', deny),
    section('limits', limitLines(limits)),
    shared === undefined ? '' : section('shared', [`components = ${list(shared.components.map(quotedText))}`]),
    rulesSection('shared.allow', shared?.allow ?? []),
    rulesSection('shared.deny', shared?.deny ?? []),
  ]
  return sections.filter((text) => text !== '').join('\n')
}

function section(name: string, lines: readonly string[]): string {
  return lines.length === 0 ? '' : `[${name}]\n${lines.join('\n')}\n`
}

function rulesSection(name: string, grants: readonly Grant[]): string {
  const lines = groupRules(grants).map(
    ({ kind, action, rules }) => `${kind}.${action} = ${list(rules.map(renderRule), `${kind}.${action} = `.length)}`,
  )
  return section(name, lines)
}

/** On one line where it fits, else one item a line. */
function list(items: readonly string[], before = 0): string {
  const line = `[${items.join(', ')}]`
  return before + line.length <= renderedLineCharactersMax
    ? line
    : `[\n${items.map((item) => `  ${item},\n`).join('')}]`
}

function renderRule({ pattern, limits }: Grant): string {
  const { maxFileSizeBytes, connections } = limits ?? {}
  if (maxFileSizeBytes === undefined && connections === undefined) return quotedText(pattern)
  const limit =
    connections === undefined
      ? `max_file_size = ${quotedText(exactBytes(maxFileSizeBytes ?? 0))}`
      : `connections = ${connections}`
  return `{ pattern = ${quotedText(pattern)}, ${limit} }`
}

function limitLines(limits: PolicyLimits): readonly string[] {
  const { memoryBytes, cpuPercent, deadlineMs, handles, messagesPerHour } = limits
  const { storageBytes, networkBytesPerHour, requestsPerHour, logBytesPerHour } = limits
  return [
    ...(memoryBytes === undefined ? [] : [`memory = ${quotedText(exactBytes(memoryBytes))}`]),
    ...(cpuPercent === undefined ? [] : [`cpu = ${quotedText(`${cpuPercent}%`)}`]),
    ...(deadlineMs === undefined ? [] : [`deadline = ${quotedText(exactDuration(deadlineMs))}`]),
    ...(handles === undefined ? [] : [`handles = ${handles}`]),
    ...(messagesPerHour === undefined ? [] : [`messages = ${quotedText(formatPerHour(messagesPerHour))}`]),
    ...(storageBytes === undefined ? [] : [`storage = ${quotedText(exactBytes(storageBytes))}`]),
    ...(networkBytesPerHour === undefined ? [] : [`network = ${quotedText(exactBytesPerHour(networkBytesPerHour))}`]),
    ...(requestsPerHour === undefined ? [] : [`requests = ${quotedText(formatPerHour(requestsPerHour))}`]),
    ...(logBytesPerHour === undefined ? [] : [`logs = ${quotedText(exactBytesPerHour(logBytesPerHour))}`]),
  ]
}

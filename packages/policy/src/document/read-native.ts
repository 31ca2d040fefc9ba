import { Inspection, isList, isTable, readToml, type TomlTable, type TomlValue } from '@bulkhead/document'
import { parseBytes, parseBytesPerHour, parseDuration, parsePercent, parsePerHour } from '@bulkhead/vocabulary'
import { nativeGrants, reportDuplicateRules } from './native-rules.js'
import { type NativeDocument, nativeSchema, type SchemaOptions } from './native-schema.js'
import type { Policy, PolicyLimits } from './policy.js'
import { refusedAs } from './refused-as.js'
import { refuseTooManyRules } from './rule-count.js'
import { reportIssues } from './schema-issues.js'

/** @throws {DocumentError} `policy-invalid-format` when it is not TOML, else `policy-validation-failed` with every finding. */
export function readNativePolicy(document: string | Uint8Array, file: string, options: SchemaOptions): Policy {
  const toml = refusedAs('policy-invalid-format', () => readToml(document, { file }))
  const inspection = new Inspection(toml)
  const schema = nativeSchema(options)
  const result = schema.safeParse(withoutDates(toml.value))
  if (!result.success) reportIssues(inspection, schema, toml.value, result.error.issues)
  for (const [side, path] of sidesOf(toml.value)) reportDuplicateRules(inspection, side, path)
  inspection.throwIfAny('policy-validation-failed')

  const said: NativeDocument = result.data ?? {}
  const grants = (rules: NativeDocument['allow'], path: readonly string[]) =>
    nativeGrants(rules, path, toml, options.kinds)
  const allow = grants(said.allow, ['allow'])
  const deny = grants(said.deny, ['deny'])
  const shared = said.shared && {
    components: said.shared.components,
    allow: grants(said.shared.allow, ['shared', 'allow']),
    deny: grants(said.shared.deny, ['shared', 'deny']),
  }
  refuseTooManyRules(inspection, [allow, deny, shared?.allow, shared?.deny])
  return {
    file,
    format: 'native',
    ...(said.description === undefined ? {} : { description: said.description }),
    allow,
    deny,
    limits: limitsOf(said.limits),
    ...(shared === undefined ? {} : { shared }),
    warnings: [],
  }
}

const date = Symbol('date')

/**
 * The document with something in place of each date that no schema takes: zod would read a date as a table without keys.
 * No policy has dates. The depth was bounded when the document was read.
 */
function withoutDates(value: TomlValue): unknown {
  if (isList(value)) return value.map(withoutDates)
  if (!isTable(value)) return typeof value === 'object' ? date : value
  const table: Record<string, unknown> = Object.create(null)
  for (const [key, inner] of Object.entries(value)) table[key] = withoutDates(inner)
  return table
}

function sidesOf(root: TomlTable): readonly (readonly [TomlTable[string] | undefined, readonly string[]])[] {
  const shared = root['shared']
  const inner = isTable(shared) ? shared : {}
  return [
    [root['allow'], ['allow']],
    [root['deny'], ['deny']],
    [inner['allow'], ['shared', 'allow']],
    [inner['deny'], ['shared', 'deny']],
  ]
}

function limitsOf(limits: NativeDocument['limits']): PolicyLimits {
  const { memory, cpu, deadline, handles, messages, storage, network, requests, logs } = limits ?? {}
  const read = {
    memoryBytes: memory === undefined ? undefined : parseBytes(memory),
    cpuPercent: cpu === undefined ? undefined : parsePercent(cpu),
    deadlineMs: deadline === undefined ? undefined : parseDuration(deadline),
    handles: handles === undefined ? undefined : Number(handles),
    messagesPerHour: messages === undefined ? undefined : parsePerHour(messages),
    storageBytes: storage === undefined ? undefined : parseBytes(storage),
    networkBytesPerHour: network === undefined ? undefined : parseBytesPerHour(network),
    requestsPerHour: requests === undefined ? undefined : parsePerHour(requests),
    logBytesPerHour: logs === undefined ? undefined : parseBytesPerHour(logs),
  }
  return Object.fromEntries(Object.entries(read).filter(([, value]) => value !== undefined))
}

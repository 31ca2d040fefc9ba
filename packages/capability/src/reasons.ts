import type { Action, Kind, Layer } from '@bulkhead/vocabulary'
import { holdsUnprintable } from './characters.js'
import { quotedUnitsMax } from './limits.js'

// One line for operators, each. Whatever comes from a component or document is escaped and cut.

export function noRuleReason(layer: Layer, kind: Kind, action: Action): string {
  return `no rule of ${layerNames[layer]} allows ${kind}.${action} here`
}

export function deniedReason(pattern: string): string {
  return `denied by ${quote(pattern)}`
}

export function forbiddenReason(hostPath: string | undefined): string {
  return hostPath === undefined ? 'forbidden list' : `forbidden list (host path ${quote(hostPath)})`
}

export function roleReason(pattern: string): string {
  return `a role denies ${quote(pattern)}`
}

export function errorReason(thrown: unknown): string {
  return `an error while deciding: ${quote(thrown instanceof Error ? thrown.message : String(thrown))}`
}

const layerNames: Record<Layer, string> = {
  forbidden: 'the forbidden list',
  deny: 'the deny rules',
  manifest: 'the manifest',
  approval: 'the approval',
  policy: 'the policy',
  operator: 'the operator',
  ceiling: "the supervisor's ceiling",
  reduction: 'the reduction',
  role: 'the roles',
  mount: 'the mounts',
  os: 'the operating system',
  quota: 'the quotas',
  error: 'the error layer',
}

export function quote(text: string): string {
  const cut = text.length > quotedUnitsMax ? `${text.slice(0, quotedUnitsMax)}…` : text
  return `\`${holdsUnprintable(cut) ? JSON.stringify(cut).slice(1, -1) : cut}\``
}

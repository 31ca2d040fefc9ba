import type { Inspection } from '@bulkhead/component'
import { type DraftRequest, draftManifest } from '@bulkhead/manifest'
import { formatBytes, type Kind } from '@bulkhead/vocabulary'
import { componentIdFrom } from './learn.js'
import { namesShownMax } from './limits.js'
import { printable } from './printable.js'
import type { Paint } from './sgr.js'

const formats = {
  component: 'component',
  'core-preview1': 'preview1 module (adapted when it runs)',
  core: 'core module (nothing runs it: it imports no WASI)',
} as const satisfies Record<Inspection['format'], string>

const labelColumns = 11
const pageBytes = 65_536

/** The report of `inspect` for people. What the file's author chose (names, producers) is escaped. */
export function renderInspection(name: string, inspection: Inspection, paint: Paint): readonly string[] {
  const rows: readonly (readonly [string, readonly string[]])[] = [
    ['format', [`${formats[inspection.format]}, ${inspection.kind}`]],
    ['size', [formatBytes(inspection.sizeBytes)]],
    ['digest', [inspection.digest]],
    ['made by', [producersOf(inspection)]],
    ['memory', inspection.memories.map(memoryOf)],
    ['tables', inspection.tables.map(({ initial, maximum }) => `${initial} entries, ${maximumOf(maximum)}`)],
    ['proposals', [inspection.proposals.map((one) => printable(one)).join(', ')]],
    ['imports', inspection.imports.map(importOf)],
    ['exports', [namesOf(inspection.exports)]],
    ['may need', inspection.needs.map(({ kind, because }) => `${kind}: ${namesOf(because)}`)],
    ['manifest', [inspection.embeddedManifest === undefined ? '' : 'embedded (bulkhead:manifest)']],
  ]
  return [paint('bold', printable(name)), ...rows.flatMap(([label, lines]) => section(label, lines))]
}

function section(label: string, lines: readonly string[]): readonly string[] {
  const shown = lines.filter((line) => line !== '')
  return shown.map((line, index) => `  ${(index === 0 ? label : '').padEnd(labelColumns)}${line}`)
}

function memoryOf({ initialPages, maximumPages }: Inspection['memories'][number]): string {
  const maximum = maximumPages === undefined ? undefined : formatBytes(maximumPages * pageBytes)
  return `${formatBytes(initialPages * pageBytes)} at start, ${maximumOf(maximum)}`
}

function maximumOf(maximum: string | number | undefined): string {
  return maximum === undefined ? 'no maximum of its own' : `at most ${maximum}`
}

function importOf({ interface: name, version, functions }: Inspection['imports'][number]): string {
  const full = version === undefined ? name : `${name}@${version}`
  return functions.length === 0 ? printable(full) : `${printable(full)}: ${namesOf(functions)}`
}

function producersOf({ producers }: Inspection): string {
  const entries = Object.values(producers ?? {}).flat()
  return namesOf(entries)
}

function namesOf(names: readonly string[]): string {
  const shown = names.slice(0, namesShownMax).map((name) => printable(name))
  const rest = names.length - shown.length
  return rest > 0 ? `${shown.join(', ')} and ${rest} more` : shown.join(', ')
}

/** What an author might start from, per kind of capability that the imports suggest: examples, in comments. */
const suggestions: Readonly<Partial<Record<Kind, readonly DraftRequest[]>>> = {
  filesystem: [
    { kind: 'filesystem', action: 'read', pattern: '/data/**' },
    { kind: 'filesystem', action: 'write', pattern: '/out/**' },
  ],
  network: [{ kind: 'network', action: 'connect', pattern: 'https://api.example.com' }],
  environment: [{ kind: 'environment', action: 'read', pattern: 'APP_*' }],
}

/** A Component.toml that asks for nothing, with examples of what the imports suggest as comments. */
export function draftFor(name: string, inspection: Inspection): string {
  return draftManifest({
    id: componentIdFrom(name),
    version: '0.1.0',
    kind: inspection.kind,
    grants: [],
    suggestions: inspection.needs.flatMap(({ kind }) => suggestions[kind] ?? []),
  })
}

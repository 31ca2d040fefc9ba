import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import {
  checkPattern,
  compileEnvironmentPattern,
  compileHostPattern,
  compileNamespacePattern,
  compilePathPattern,
  compileTopicPattern,
} from '@bulkhead/capability'
import type { Action, Kind } from '@bulkhead/vocabulary'
import { describe, expect, it } from 'vitest'
import { root } from '../end-to-end/command.js'

const componentId = 'ingest'
type Grammar = {
  readonly compile: (source: string) => { readonly matches: (name: string) => boolean }
  readonly kind: Kind
  readonly action: Action
}

const grammars = {
  path: { compile: compilePathPattern, kind: 'filesystem', action: 'read' },
  host: { compile: compileHostPattern, kind: 'network', action: 'connect' },
  key: { compile: (source) => compileNamespacePattern(source, { componentId }), kind: 'storage', action: 'read' },
  topic: { compile: compileTopicPattern, kind: 'messaging', action: 'publish' },
  variable: { compile: compileEnvironmentPattern, kind: 'environment', action: 'read' },
} as const satisfies Record<string, Grammar>

type Row = readonly [grammar: keyof typeof grammars, pattern: string, cells: readonly string[]]

/** The rows below each head of this form, up to the end of the table. */
function rowsOf(head: RegExp): readonly Row[] {
  const lines = readFileSync(join(root, 'docs/capabilities.md'), 'utf8').split('\n')
  const rows: Row[] = []
  let grammar: string | undefined
  for (const line of lines) {
    if (!line.startsWith('|')) grammar = undefined
    else if (head.test(line)) grammar = head.exec(line)?.[1]
    else if (grammar !== undefined && !/^\|[ -]+\|/.test(line)) {
      const [pattern = '', ...cells] = line
        .slice(1, -1)
        .split(' | ')
        .map((cell) => cell.trim())
      rows.push([grammar as keyof typeof grammars, bare(pattern), cells])
    }
  }
  return rows
}

function bare(code: string): string {
  return code.replace(/^`|`$/g, '')
}

function listed(cell: string | undefined): readonly string[] {
  return [...(cell ?? '').matchAll(/`([^`]+)`/g)].map(([, code = '']) => code)
}

describe('the tables of patterns', () => {
  const rows = rowsOf(/^\| (\w+) pattern +\| matches/)

  it('speak of every grammar', () => {
    expect([...new Set(rows.map(([grammar]) => grammar))]).toEqual(Object.keys(grammars))
  })

  it.each(rows)('%s pattern %s', (grammar, pattern, [matching, others]) => {
    const { matches } = grammars[grammar].compile(pattern)
    expect(listed(matching).filter((name) => !matches(name))).toEqual([])
    expect(listed(others).filter(matches)).toEqual([])
    expect(listed(matching).length * listed(others).length).toBeGreaterThan(0)
  })
})

describe('the tables of what is no pattern', () => {
  const rows = rowsOf(/^\| not a (\w+) pattern +\| because/)

  it.each(rows)('%s pattern %s', (grammar, pattern, [reason = '']) => {
    const { kind, action } = grammars[grammar]
    expect(() => checkPattern(pattern, { kind, action, componentId, port: 'required' })).toThrow(reason)
  })
})

import {
  compileHostPattern,
  compileNamespacePattern,
  compilePathPattern,
  compileTopicPattern,
} from '@bulkhead/capability'
import { describe, expect, it } from 'vitest'
import { outcomeOf, readCases } from './pattern-cases.js'

// A slow machine is not a slow algorithm: only a case many times over its time fails.
const slownessAllowed = 20

const grammars = [
  { name: 'paths', cases: readCases('glob-fs.json', 'path'), compile: compilePathPattern },
  { name: 'hosts', cases: readCases('domain.json', 'host'), compile: compileHostPattern },
  {
    name: 'name spaces',
    cases: readCases('namespace.json', 'name'),
    compile: (source: string) => compileNamespacePattern(source, { componentId: 'abc' }),
  },
  { name: 'topics', cases: readCases('topic.json', 'name'), compile: compileTopicPattern },
] as const

describe.each(grammars)('$name', ({ cases, compile }) => {
  it.each(cases)('$id: $why', (line) => {
    const start = performance.now()
    const outcome = outcomeOf(compile, line)
    const tookMs = performance.now() - start
    expect(outcome).toBe(line.expect)
    if (line.maxMs !== undefined) expect(tookMs).toBeLessThan(line.maxMs * slownessAllowed)
  })
})

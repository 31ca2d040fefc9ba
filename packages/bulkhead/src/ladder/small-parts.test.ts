import { defaultForbidden } from '@bulkhead/policy/forbidden'
import type { HealthEventDraft } from '@bulkhead/vocabulary'
import { describe, expect, it } from 'vitest'
import { hiddenPaths } from './hidden-paths.js'
import { isolationRecord } from './isolation-record.js'

describe('what is hidden from a process', () => {
  const directory = { path: '/srv/state', device: 1n, inode: 2n }

  it('is what nobody may read, and the runtime’s own', () => {
    const hidden = hiddenPaths({ directories: [directory], roots: [], rules: defaultForbidden })
    expect(hidden).toEqual(expect.arrayContaining(['/srv/state', '/etc/shadow', '/root/.ssh', '/proc']))
    expect(hidden).not.toContain('/etc/passwd')
    expect(hidden.filter((path) => /[*?[]/.test(path))).toEqual([])
  })
})

describe('the audit log', () => {
  const draft: HealthEventDraft = { type: 'child.reduced', supervisor: 'root', child: 'a', incarnation: 3 }

  it('has every change of a rung', () => {
    expect(isolationRecord({ ...draft, from: 'thread', to: 'reduced', reason: 'x' })).toEqual({
      event: 'isolation-changed',
      component: 'component:a',
      incarnation: 3,
      reason: 'x',
      details: { change: 'child.reduced', from: 'thread', to: 'reduced' },
    })
    const isRecorded = (more: Partial<HealthEventDraft>): boolean =>
      isolationRecord({ ...draft, ...more }) !== undefined
    expect(isRecorded({ type: 'child.quarantined' })).toBe(true)
    expect(isRecorded({ type: 'child.healthy', level: 'thread' })).toBe(true)
  })

  it('has no mere change of health, and nothing of what is no child', () => {
    expect(isolationRecord({ ...draft, type: 'child.healthy' })).toBeUndefined()
    expect(isolationRecord({ ...draft, type: 'child.exited' })).toBeUndefined()
    expect(isolationRecord({ type: 'child.quarantined', supervisor: 'root' })).toBeUndefined()
  })
})

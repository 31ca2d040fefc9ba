import type { ReloadReport } from '@bulkhead/admin'
import { expect, it } from 'vitest'
import { renderReload } from './reload-command.js'

const plain = (_style: unknown, text: string): string => text
const nothing: ReloadReport = {
  outcome: 'applied',
  added: [],
  removed: [],
  changed: [],
  unchanged: [],
  around: [],
  needsRestart: [],
}

it('says what was done to whom', () => {
  const report: ReloadReport = {
    ...nothing,
    added: [{ child: 'new' }, { child: 'stranger', waits: 'approval-required: no source matches' }],
    removed: ['old'],
    changed: [
      { child: 'a', what: ['args', 'env'], how: 'restarted' },
      { child: 'b', what: ['policy'], how: 'in-place' },
    ],
    unchanged: ['c', 'd'],
    around: [{ name: 'root', what: ['strategy'] }],
  }
  expect(renderReload(report, plain)).toEqual([
    'reloaded',
    '  + new',
    '  + stranger; waits: approval-required: no source matches',
    '  - old',
    '  ~ a  args, env (restarted)',
    '  ~ b  policy (while it runs)',
    '  ~ root  strategy',
    '  2 as before',
  ])
  expect(renderReload({ ...report, outcome: 'planned' }, plain)[0]).toBe('a reload would do this')
})

it('says that there is nothing to do, and what cannot be done', () => {
  expect(renderReload({ ...nothing, unchanged: ['a'] }, plain)).toEqual(['nothing is other than before'])
  const needsRestart = [{ key: 'state', where: 'bulkhead.toml:1:1' }]
  expect(renderReload({ ...nothing, outcome: 'needs-restart', needsRestart }, plain)).toEqual([
    'nothing was changed: this needs a restart of the process',
    '  state  bulkhead.toml:1:1',
  ])
})

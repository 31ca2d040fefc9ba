import type { HealthStatusReport } from '@bulkhead/admin'
import { expect, it } from 'vitest'
import { runLive } from '../live.test.support.js'
import { renderHealth } from './health-command.js'

const report: HealthStatusReport = {
  ...{ status: 'ok', ready: true, live: true, reasons: [], since: 1_000, id: '00112233aabb', cursor: '00112233aabb-9' },
  ...{ version: '0.1.0', node: 'v20.0.0', pid: 7, children: { running: 3, backoff: 1 } },
  security: { violations: 0, quarantined: [], isolated: [], reduced: [] },
  walls: { up: ['bubblewrap'], missing: [] },
  ...{ journal: { stalled: false, strict: false }, zombies: 0 },
}
const plain = (_style: string, text: string): string => text

it('says how the process stands', () => {
  expect(renderHealth(report, plain, 61_000)).toEqual([
    'ok, ready, live',
    'process   7, for 1 min; runtime 00112233aabb, bulkhead 0.1.0, Node v20.0.0',
    'children  3 running, 1 backoff',
    'security  no violations',
    'walls     bubblewrap',
    'journal   normal, makes progress',
  ])
})

it('says why it is not well, in words that a terminal does not obey', () => {
  const { walls: _walls, ...unwalled } = report
  const ill: HealthStatusReport = {
    ...unwalled,
    ...{ status: 'failed', ready: false, live: false, reasons: ['`x` is quarantined: \u001b[2J', 'and 3 more'] },
    ...{ children: {}, journal: { stalled: true, strict: true }, zombies: 2 },
    security: { violations: 1, quarantined: ['x'], isolated: ['y', 'z'], reduced: [] },
  }
  expect(renderHealth(ill, plain, 61_000)).toEqual([
    'failed, not ready, not live',
    expect.stringContaining('process   7'),
    'children  none',
    'security  1 violation; quarantined: x; isolated: y, z',
    'walls     not looked for yet',
    'journal   strict, stalled; 2 threads would not end',
    '  - `x` is quarantined: \\x1b[2J',
    '  - and 3 more',
  ])
  const walls = { up: [], missing: [{ wall: 'cgroup', reason: 'none is delegated' }] }
  expect(renderHealth({ ...report, walls }, plain, 0)[4]).toBe('walls     none; no cgroup: none is delegated')
})

it.each([
  ['ok', true, true, 0],
  ['degraded', true, true, 0],
  ['degraded', false, true, 1],
  ['failed', true, false, 1],
] as const)('exits for a probe: %s, ready %s, live %s', async (status, ready, live, code) => {
  const health = { ...report, status, ready, live }
  const ran = await runLive(['health', '--json'], { health })
  expect(ran).toMatchObject({ code, error: '', asked: [{ command: 'health', input: {} }] })
  expect(JSON.parse(ran.out)).toEqual(health)
})

import type { DeniedAccess } from 'bulkhead'
import { expect, it } from 'vitest'
import { denialsShownMax } from './limits.js'
import { renderDenials, renderProbeSummary, renderProbes } from './render-denials.js'

const plain = (_style: string, text: string): string => text
const passwd: DeniedAccess = {
  kind: 'filesystem',
  action: 'read',
  resource: '/etc/passwd',
  layer: 'mount',
  reason: 'nothing is mounted at /etc',
  allow: '--read /etc/passwd',
  always: [
    '"/etc/passwd" = { host = "/etc/passwd", mode = "read" } under mounts in bulkhead.toml:9',
    'filesystem.read = ["/etc/passwd"] in Component.toml:7',
  ],
  count: 1,
}
const kernel: DeniedAccess = {
  ...passwd,
  action: 'write',
  resource: '/host/sys/kernel',
  layer: 'forbidden',
  reason: 'forbidden list (host path /sys/kernel)',
  allow: null,
  always: [],
}

it('reads as the specification shows it', () => {
  const lines = [...renderDenials([passwd, kernel], plain), ...renderProbeSummary(5)]
  expect(lines).toEqual([
    'denied  filesystem.read /etc/passwd          nothing is mounted at /etc',
    '        once:    --read /etc/passwd',
    '        always:  "/etc/passwd" = { host = "/etc/passwd", mode = "read" } under mounts in bulkhead.toml:9, and filesystem.read = ["/etc/passwd"] in Component.toml:7',
    'denied  filesystem.write /host/sys/kernel    forbidden list (host path /sys/kernel); nothing allows this',
    '5 probes of paths that do not exist were also refused (--verbose shows them)',
  ])
})

it('says how often, and never lets a path of the guest steer the terminal', () => {
  const [line] = renderDenials([{ ...passwd, resource: '/\u001b[2J', count: 3, allow: null, always: [] }], plain)
  expect(line).toBe('denied  filesystem.read /\\x1b[2J    nothing is mounted at /etc; nothing allows this (3 times)')
})

it('lists a bounded number and counts the rest', () => {
  const many = Array.from({ length: denialsShownMax + 2 }, (_, index) => ({ ...kernel, resource: `/sys/${index}` }))
  const lines = renderDenials(many, plain)
  expect(lines).toHaveLength(denialsShownMax + 1)
  expect(lines.at(-1)).toBe('2 more denied requests are in the audit log')
})

it('says nothing about no probes', () => {
  expect(renderProbeSummary(0)).toEqual([])
  expect(renderProbes(0, [])).toEqual([])
})

it('lists probes for those who ask', () => {
  const probed = [{ ...passwd, resource: '/pyvenv.cfg', verdict: 'denied' as const, count: 2 }]
  expect(renderProbes(2, probed)).toEqual([
    'probe   filesystem.read /pyvenv.cfg (2 times)',
    '2 probes of paths that do not exist were also refused',
  ])
})

import { expect, it } from 'vitest'
import { filterOf } from './audit-query-command.js'

const now = Date.parse('2026-01-31T12:00:00Z')

it('reads an instant as a duration back from now, or as a date', () => {
  expect(filterOf({ since: '10m' }, now).since).toBe(now - 600_000)
  expect(filterOf({ since: '2026-01-31T10:00:00Z' }, now).since).toBe(now - 7_200_000)
  expect(() => filterOf({ since: 'yesterday' }, now)).toThrow('--since `yesterday` is not an instant')
})

it('refuses a filter that could never match', () => {
  expect(() => filterOf({ verdict: 'deny' }, now)).toThrow('--verdict `deny` is not a verdict')
  expect(() => filterOf({ kind: 'file' }, now)).toThrow('--kind `file` is not a kind')
  expect(filterOf({ verdict: 'denied', kind: 'filesystem' }, now)).toEqual({ verdict: 'denied', kind: 'filesystem' })
})

it('knows every event, and an end', () => {
  expect(filterOf({ event: 'policy-updated', until: '1h' }, now)).toEqual({
    event: 'policy-updated',
    until: now - 3_600_000,
  })
  expect(() => filterOf({ event: 'denied' }, now)).toThrow('--event `denied` is not an event')
  expect(() => filterOf({ until: 'never' }, now)).toThrow('--until `never` is not an instant')
})

it('matches resources by glob, hidden files too', () => {
  const { resource } = filterOf({ resource: '/data/**' }, now)
  expect(resource?.('/data/.hidden/x.csv')).toBe(true)
  expect(resource?.('/etc/passwd')).toBe(false)
})

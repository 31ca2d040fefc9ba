import { spawnSync } from 'node:child_process'
import { expect, it } from 'vitest'
import { root } from './command.js'

it('takes the tour to its good end, on one screen', () => {
  const done = spawnSync(process.execPath, ['scripts/tour.mjs'], { cwd: root, encoding: 'utf8' })
  expect(done.status, done.stdout + done.stderr).toBe(0)
  const lines = done.stdout.split('\n')
  for (const section of ['Work', 'Mischief', 'Crash', 'Proof']) expect(lines).toContain(section)
  expect(done.stdout).not.toContain('ESCAPED')
  expect(done.stdout).toMatch(/report\.wav holds [\d.]+ s of speech/)
  expect(done.stdout).toMatch(/intact: \d+ records/)
  expect(done.stdout).toMatch(/tampered: audit-\d+\.jsonl:\d+: record \d+/)
  expect(lines.length, done.stdout).toBeLessThanOrEqual(66)
})

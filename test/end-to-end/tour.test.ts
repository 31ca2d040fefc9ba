import { spawnSync } from 'node:child_process'
import { cpSync, readFileSync, rmSync, symlinkSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { expect, it } from 'vitest'
import { freshDirectory, root, run } from './command.js'

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

it('starts none of its children without the digests that its tree approves', async () => {
  const folder = freshDirectory()
  cpSync(join(root, 'docs/examples/tour'), folder, { recursive: true })
  rmSync(join(folder, '.bulkhead'), { recursive: true, force: true })
  symlinkSync(join(root, 'node_modules'), join(folder, 'node_modules'))
  const tree = join(folder, 'bulkhead.toml')
  writeFileSync(tree, readFileSync(tree, 'utf8').replaceAll(/^approved = \[[^\]]*\]\n/gm, ''))
  const waiting = new Set<string>()
  let told = false
  const done = await run(['run', 'bulkhead.toml', '--log', 'json'], {
    cwd: folder,
    onOutput: (stdout, child) => {
      for (const [, name = ''] of stdout.matchAll(/"type":"child\.waiting"[^\n]*"child":"([a-z]+)"/g)) waiting.add(name)
      if (told || waiting.size < 7) return
      told = true
      child.kill('SIGTERM')
    },
  })
  expect([...waiting].sort()).toEqual(['caller', 'flaky', 'forger', 'prowler', 'speak', 'spinner', 'tally'])
  expect(done.stdout).not.toContain('"type":"child.starting"')
  expect(done.stdout).toContain('approval-required')
  expect(done.exitCode).toBe(0)
})

// The example, as a user runs it.
import { spawnSync } from 'node:child_process'
import { rmSync } from 'node:fs'
import { join } from 'node:path'
import { expect, it } from 'vitest'
import { root } from '../command.js'

const example = join(root, 'docs/examples/plugin-host')

it('runs its plug-ins, and lets none of them do more than was approved', () => {
  rmSync(join(example, '.bulkhead'), { recursive: true, force: true })
  const { status, stdout, stderr } = spawnSync(process.execPath, ['host.mjs'], { cwd: example, encoding: 'utf8' })
  expect(stderr).toBe('')
  expect(status).toBe(0)
  const lines = stdout.split('\n')
  expect(lines).toEqual(
    expect.arrayContaining([
      'review   greeter wants to send mail /example.com/*; imports acme:mail/sender@1.0.0',
      'mail     greeter → ana@example.com: Welcome',
      'mail     greeter → ben@example.com: Welcome',
      'program  report ran /usr/bin/sort',
      'mail     report → books@example.com: Sales of the week',
      'mail     prowler → jokes@example.com: A component walks into a bar',
      'denied   prowler mail.send /elsewhere.test/me: no rule of the manifest allows mail.send here',
      'denied   prowler mail.send /example.com/boss1: no rule of the manifest allows mail.send here',
      ...['greeter', 'report', 'prowler'].map((child) => `ended    ${child}: completed`),
    ]),
  )
  expect(stdout).toMatch(/\n {9}│ 180 flour\n {9}│ 450 tea\n {9}│ 725 honey\n {9}│ 1990 saffron\n/)
  expect(stdout).toMatch(/denied {3}prowler process\.spawn \/\S+: no rule of the manifest allows process\.spawn here/)
  expect(lines.filter((line) => line.startsWith('mail '))).toHaveLength(4)
}, 60_000)

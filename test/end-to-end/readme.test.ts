import { spawnSync } from 'node:child_process'
import { mkdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { afterAll, expect, it } from 'vitest'
import { root } from './command.js'

// Written into the root, because that is where a reader would run it from.
const file = join(root, '.cache', 'readme-demo.mjs')
afterAll(() => rmSync(file, { force: true }))

it('shows a demo that runs as printed', () => {
  const demo = /```js\n([\s\S]*?)```/.exec(readFileSync(join(root, 'README.md'), 'utf8'))?.[1] ?? ''
  expect(demo.split('\n').length).toBeLessThanOrEqual(12)
  mkdirSync(join(root, '.cache'), { recursive: true })
  writeFileSync(file, demo)
  const done = spawnSync(process.execPath, [file], { cwd: root, encoding: 'utf8' })
  expect(done.status, done.stderr).toBe(0)
  expect(done.stdout).toContain('1 date,item,quantity,unit_price')
  expect(done.stdout).toContain("resource: '/etc/passwd'")
  expect(done.stdout).toContain('nothing is mounted at /etc')
})

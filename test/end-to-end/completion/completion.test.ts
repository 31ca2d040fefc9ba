// What the shells' scripts ask the built command, and a bash that was given its script.
import { spawnSync } from 'node:child_process'
import { mkdirSync } from 'node:fs'
import { afterEach, beforeEach, describe, expect, it } from 'vitest'
import { startProcess } from '../authority/process.js'
import { World } from '../authority/world.js'
import { run } from '../command.js'

let world: World
beforeEach(() => {
  world = new World()
})
afterEach(() => world.remove())

/** The words that are suggested where the last one stands. */
async function suggested(...words: readonly string[]): Promise<readonly string[]> {
  const done = await run(['complete', '--', ...words], { cwd: world.folder })
  expect([done.exitCode, done.stderr]).toEqual([0, ''])
  const lines = done.stdout.trimEnd().split('\n')
  expect(lines.pop()).toMatch(/^:\d+$/)
  return lines.map((line) => line.split('\t')[0] ?? '')
}

describe('completion', () => {
  it('knows commands, commands below them, flags and closed lists', async () => {
    expect(await suggested('aud')).toEqual(['audit'])
    expect(await suggested('audit', '')).toEqual(expect.arrayContaining(['verify', 'query']))
    expect(await suggested('audit', 'query', '--fol')).toEqual(['--follow'])
    expect(await suggested('completion', '')).toEqual(['bash', 'zsh', 'fish'])
    expect(await suggested('')).not.toContain('complete')
  })

  it('lists files where one may stand, and directories to go on into', async () => {
    world.write('policies/a.toml', '')
    world.write('tree.toml', '')
    expect(await suggested('run', '')).toEqual(['policies/', 'tree.toml'])
    expect(await suggested('run', 'policies/')).toEqual(['policies/a.toml'])
    expect(await suggested('audit', 'verify', 'po')).toEqual(['policies/'])
    expect(await suggested('run', 'nowhere/')).toEqual([])
  })

  it('names the children of the running process, and nothing where none runs', async () => {
    expect(await suggested('restart', '')).toEqual([])
    mkdirSync(world.path('ctl'))
    world.tree({ agent: {} })
    const running = await startProcess(world)
    await expect.poll(() => suggested('restart', ''), { timeout: 20_000 }).toEqual(['agent'])
    expect(await suggested('restart', '--state', '.bulkhead', 'a')).toEqual(['agent'])
    await running.desk.close()
    await running.kill('SIGTERM')
  }, 60_000)

  it.each(['bash', 'zsh', 'fish'])('prints a script for %s', async (shell) => {
    const { exitCode, stdout } = await run(['completion', shell], { cwd: world.folder })
    expect(exitCode).toBe(0)
    expect(stdout).toContain('bulkhead')
    if (shell === 'bash') expect(spawnSync('bash', ['-n'], { input: stdout }).status).toBe(0)
  })

  it('knows no other shell', async () => {
    const { exitCode, stderr } = await run(['completion', 'cmd'], { cwd: world.folder })
    expect(exitCode).toBe(2)
    expect(stderr).toContain('bash, zsh, fish')
  })
})

import { expect, it } from 'vitest'
import { main } from './main.js'
import { recorder } from './terminal.test.support.js'
import { readVersion } from './version.js'

it('prints its version and its help on stdout, and ends with 0', async () => {
  const version = recorder()
  expect(await main(['--version'], version.terminal)).toBe(0)
  expect(version.out()).toBe(`${readVersion()}\n`)
  const help = recorder()
  expect(await main(['--help'], help.terminal)).toBe(0)
  expect(help.out()).toContain('Examples:')
})

it.each([
  'exec',
  'run',
  'ps',
  'publish',
  'request',
  'subscribe',
  'messages',
  'deadletters',
  'inspect',
  'audit verify',
  'audit query',
  'review',
  'approve',
  'deny',
  'grant',
  'revoke',
  'grants',
  'explain',
  'policy validate',
  'policy convert',
  'policy sign',
  'policy verify',
  'policy show',
  'policy history',
  'policy diff',
  'policy update',
  'policy default',
  'policy rollback',
  'recommend',
  'keys new',
  'keys show',
  'sign',
  'verify',
])('shows examples in the help of %s', async (command) => {
  const { terminal, out } = recorder()
  expect(await main([...command.split(' '), '--help'], terminal)).toBe(0)
  expect(out()).toContain(`bulkhead ${command}`)
  expect(out()).toContain('Examples:')
})

it.each([
  [[]],
  [['fly']],
  [['run']],
  [['run', 'a.toml', 'b.toml']],
  [['run', 'a.toml', '--log', 'xml']],
  [['exec', '--memory']],
  [['audit']],
  [['policy']],
  [['policy', 'show']],
  [['grant', 'ingest']],
  [['deny', 'ingest']],
  [['sign', 'app.wasm']],
  [['keys', 'new', 'k', '--type', 'rsa']],
  [['recommend', 'ingest', '--generalise', 'wildly']],
  [['publish']],
  [['subscribe']],
  [['deadletters', '--reason', 'age']],
])('ends with 2 and says on stderr what is wrong: %j', async (argv) => {
  const { terminal, out, error } = recorder()
  expect(await main(argv, terminal)).toBe(2)
  expect(error()).not.toBe('')
  expect(out()).toBe('')
})

it('does not take flags after FILE for its own', async () => {
  const { terminal, error } = recorder()
  // `--memory lots` would be refused before anything else were it ours.
  expect(await main(['exec', './nothing.wasm', '--memory', 'lots'], terminal)).toBe(2)
  expect(error()).toContain('nothing.wasm')
})

it('gives an error in the form that was asked for', async () => {
  const people = recorder()
  await main(['audit', 'verify', '/nowhere'], people.terminal)
  expect(people.error()).toMatch(/^error: there is no directory `\/nowhere`\nhint: {2}/)
  const programs = recorder()
  await main(['audit', 'verify', '/nowhere', '--json'], programs.terminal)
  expect(JSON.parse(programs.error())).toMatchObject({ error: { code: 'usage' } })
})

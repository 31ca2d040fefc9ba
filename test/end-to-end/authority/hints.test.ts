// What a denial says would allow it is done to the letter, by the command or in the named file; then it is allowed.
import { linkSync, mkdirSync, readFileSync, writeFileSync } from 'node:fs'
import { afterEach, beforeEach, describe, expect, it } from 'vitest'
import { freshDirectory, python, run } from '../command.js'
import { readFile, type Session, type Told, World, writeFile } from './world.js'

let world: World
beforeEach(() => {
  world = new World()
})
afterEach(() => world.remove())

/** The words of a command line, as a shell takes them apart. */
function wordsOf(line: string): readonly string[] {
  return [...line.matchAll(/'([^']*)'|(\S+)/g)].map(([, quoted, bare]) => quoted ?? bare ?? '')
}

async function obey(line: string): Promise<void> {
  const [name, ...args] = wordsOf(line)
  expect(name).toBe('bulkhead')
  const done = await run(args, { cwd: world.folder })
  expect(done.exitCode, `${line}\n${done.stderr}`).toBe(0)
}

/** Does to a file what a line of a remedy says. */
function edit(line: string): void {
  const at = /^(.*) in ([^ ]+?)(?::(\d+))?$/s.exec(line)
  if (at === null) throw new Error(`nobody would know what to do: ${line}`)
  const [, what = '', file = '', number] = at
  const lines = readFileSync(file, 'utf8').split('\n')
  const index = Number(number) - 1
  const [, removed] = /^without "([^"]+)" in /.exec(what) ?? []
  const [, larger] = /^a max_file_size above (\d+ \w+) /.exec(what) ?? []
  const [, mount, target] = /^("[^"]+") = (\{.*\}) under mounts$/.exec(what) ?? []
  const [, key, pattern] = /^([\w.]+) = \[(.*?)\](?: under \[allow\])?$/.exec(what) ?? []
  if (removed !== undefined) replaceIn(lines, index, `"${removed}"`, '')
  else if (what.startsWith('without the rule that denies ')) lines.splice(index, 1)
  else if (larger !== undefined) replaceIn(lines, index, larger.replace(' ', ''), '2KiB')
  else if (mount !== undefined) addMount(lines, index, mount, target ?? '')
  else if (key !== undefined) addPattern(lines, key, pattern ?? '')
  else if (what.startsWith('p, ')) lines.push(what)
  else throw new Error(`nobody would know what to do: ${line}`)
  // A list that nothing is left in is not written.
  writeFileSync(file, lines.filter((one) => !one.endsWith('= []')).join('\n'))
}

function replaceIn(lines: string[], index: number, from: string, to: string): void {
  expect(lines[index]).toContain(from)
  lines[index] = (lines[index] ?? '').replace(from, to)
}

/** The line number is that of the child's entry. */
function addMount(lines: string[], index: number, path: string, target: string): void {
  const at = lines.findIndex((line, other) => other >= index && line.startsWith('mounts = {'))
  const others = (lines[at] ?? '')
    .slice('mounts = { '.length, -2)
    .replace(new RegExp(`${path} = ("[^"]*"|\\{.*?\\}),? ?`), '')
  lines[at] = `mounts = { ${path} = ${target}, ${others} }`
}

function addPattern(lines: string[], key: string, pattern: string): void {
  const at = lines.findIndex((line) => line.startsWith(`${key} = [`))
  if (at !== -1) lines[at] = (lines[at] ?? '').replace(' = [', ` = [${pattern}, `)
  else lines.push(`${key} = [${pattern}]`)
}

const optional = (...patterns: readonly string[]): string =>
  `[${patterns.map((pattern) => `{ pattern = "${pattern}", optional = true }`).join(', ')}]`

// Asked for all of it within seconds, a child would be taken for one that looks for what it may have.
describe.each([[['manifest', 'approval', 'policy', 'quota']], [['deny', 'role', 'mount', 'hardlink']]])(
  'the remedies of a child of a tree, refused by %s',
  (layers) => {
    const capabilities = ['filesystem.read=/ctl/**', 'filesystem.read=/data/[dporl]*', 'filesystem.write=/data/**']
    const policy = [
      '[allow]',
      'filesystem.read = ["/ctl/**", "/data/[!p]*"]',
      'filesystem.write = [{ pattern = "/data/**", max_file_size = "1KiB" }]',
      '[deny]',
      'filesystem.read = ["/data/deny"]',
    ]
    const roles = [
      'p, component:agent, filesystem:read, /**',
      'p, component:agent, filesystem:write, /**',
      'p, component:agent, filesystem:read, /data/role, deny',
    ]
    /** By the layer that refuses. */
    const known: Readonly<Record<string, readonly [resource: string, source: string]>> = {
      manifest: ['/data/manifest', readFile('/data/manifest')],
      approval: ['/data/approval', readFile('/data/approval')],
      policy: ['/data/policy', readFile('/data/policy')],
      quota: ['/data/large', writeFile('/data/large', 'x'.repeat(1_500))],
      deny: ['/data/deny', readFile('/data/deny')],
      role: ['/data/role', readFile('/data/role')],
      mount: ['/etc/passwd', 'open("/etc/passwd").close()'],
      hardlink: ['/data/linked', writeFile('/data/linked', 'y')],
    }
    const asked = Object.fromEntries(Object.entries(known).filter(([layer]) => layers.includes(layer)))

    const isRefused = ({ errno }: Told): boolean => errno === 'EACCES' || errno === 'EFBIG'

    async function prepare(): Promise<Session> {
      for (const [resource] of Object.values(known))
        if (resource.startsWith('/data')) world.write(resource.slice(1), 'x')
      linkSync(world.path('data/linked'), world.path('other-name'))
      world.write('agent.policy.toml', policy.join('\n'))
      world.write('roles.csv', roles.join('\n'))
      world.tree(
        {
          agent: {
            grants: [
              `filesystem.read = ${optional('/data/[dporl]*', '/data/approval')}`,
              `filesystem.write = ${optional('/data/**')}`,
            ],
            mounts: { '/data': '{ host = "data", mode = "write" }' },
            lines: ['policy = "agent.policy.toml"'],
            isPinned: false,
          },
        },
        ['roles = "roles.csv"'],
      )
      const session = await world.start()
      await session.runtime.approvals.approve('agent', { narrow: capabilities })
      for (const [layer, [resource, source]] of Object.entries(asked)) {
        expect(isRefused(await session.ask('agent', source)), layer).toBe(true)
        expect(await session.refusal('agent', resource)).toMatchObject({
          layer: layer === 'hardlink' ? 'mount' : layer,
        })
      }
      return session
    }

    it('by one command, inside the running child', async () => {
      const session = await prepare()
      for (const [layer, [resource, source]] of Object.entries(asked)) {
        const { allow, always } = await session.refusal('agent', resource)
        expect(allow !== null, layer).toBe(['manifest', 'approval', 'policy', 'quota'].includes(layer))
        // Where an approval was narrowed, to approve more is a command too.
        const command = layer === 'approval' ? always[0] : allow
        if (command === null || command === undefined) continue
        await obey(command)
        expect(await session.ask('agent', source), `${layer}: ${command}`).not.toHaveProperty('errno')
      }
      // Beside what is allowed now, what still is not.
      if (layers.includes('manifest')) {
        expect((await session.ask('agent', readFile('/data/deny'))).errno).toBe('EACCES')
      }
    })

    it('by editing the documents, from the next start on', async () => {
      let session = await prepare()
      const remedies = await Promise.all(
        Object.values(asked).map(async ([resource]) => (await session.refusal('agent', resource)).always),
      )
      const steps = remedies.flat()
      expect(remedies.every((remedy) => remedy.length > 0)).toBe(true)
      await world.stop()
      // From the bottom of each file to its top: a line that goes moves none that is named.
      const lineOf = (step: string): number => Number(/:(\d+)$/.exec(step)?.[1] ?? Number.MAX_SAFE_INTEGER)
      const edits = new Set(
        steps.filter((step) => !step.startsWith('bulkhead ')).toSorted((a, b) => lineOf(b) - lineOf(a)),
      )
      for (const step of edits) edit(step)
      session.forgetOrders('agent')
      session = await world.start()
      expect(session.reason('agent')).toBe('approval-required')
      for (const command of new Set(steps.filter((step) => step.startsWith('bulkhead policy')))) await obey(command)
      await obey('bulkhead approve agent')
      for (const [layer, [, source]] of Object.entries(asked)) {
        expect(await session.ask('agent', source), layer).not.toHaveProperty('errno')
      }
    })
  },
)

it('the flag that a run of one program prints lets the same program through', async () => {
  const folder = freshDirectory()
  mkdirSync(`${folder}/in`)
  writeFileSync(`${folder}/in/a`, 'the text')
  const program = ['python', '-S', '-c', `import os; print(open("${folder}/in/a").read(), os.environ.get("MODE"))`]
  const exec = (...flags: readonly string[]) => run(['exec', ...flags, python, ...program.slice(1)])
  const refused = await exec()
  expect(refused.exitCode).toBe(1)
  const [, flags = ''] = /once: +(.*)$/m.exec(refused.stderr) ?? []
  expect(flags).toMatch(/^--read /)
  const allowed = await exec(...wordsOf(flags))
  expect(allowed.stdout, allowed.stderr).toBe('the text None\n')
})

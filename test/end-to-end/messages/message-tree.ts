// Trees of operators: components that do with messages whatever a message tells them. A test says what they are granted,
// and tells them what to do through the runtime's own interface.

import { mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import type { HandlerFailure, HealthEvent, Runtime } from 'bulkhead'
import { onTestFinished } from 'vitest'
import { pinned } from '../../support/pinned.mjs'
import { createTestRuntime, guestFile } from '../../support/test-runtime.mjs'

export type Actor = {
  /** Of the guests that are built for tests; the operator unless said. */
  readonly guest?: string
  readonly publish?: readonly string[]
  readonly request?: readonly string[]
  /** Besides the topic by which the test tells it what to do. */
  readonly subscribe?: readonly string[]
  /** Further lines of its entry in the tree file. */
  readonly entry?: string
  /** The supervisor that it stands below, of those that were given; else the root. */
  readonly below?: string
}

export type MessageTree = {
  readonly runtime: Runtime
  readonly events: HealthEvent[]
  readonly failures: HandlerFailure[]
  /** What a child has printed, line by line. */
  readonly lines: (child: string) => readonly string[]
  /** Tells an operator to do something; its answer. */
  readonly tell: (child: string, command: string, timeoutMs?: number) => Promise<string>
  /** The same without an answer. */
  readonly order: (child: string, command: string) => Promise<void>
}

/**
 * @param supervisor lines of the table `[supervisor]`
 * @param below lines of the tables of supervisors below it, by name
 */
export async function startMessageTree(
  actors: Readonly<Record<string, Actor>>,
  supervisor = '',
  below: Readonly<Record<string, string>> = {},
): Promise<MessageTree> {
  const folder = mkdtempSync(join(tmpdir(), 'bulkhead-messages-'))
  const entries = Object.entries(actors).map(([id, actor]) => entryOf(folder, id, actor))
  const tables = Object.entries({ supervisor, ...supervisorTables(below) }).map(
    ([name, lines]) => `[${name}]\n${lines}`,
  )
  writeFileSync(join(folder, 'bulkhead.toml'), [...tables, ...entries].join('\n'))
  const events: HealthEvent[] = []
  const output = new Map<string, string>()
  const runtime = await createTestRuntime({
    tree: join(folder, 'bulkhead.toml'),
    onHealth: (event) => events.push(event),
    onOutput: ({ child, chunk }) => output.set(child, (output.get(child) ?? '') + Buffer.from(chunk).toString('utf8')),
  })
  const failures: HandlerFailure[] = []
  runtime.on('handler-failed', (failure) => failures.push(failure))
  onTestFinished(async () => {
    await runtime.stop()
    rmSync(folder, { recursive: true, force: true })
  })
  return {
    runtime,
    events,
    failures,
    lines: (child) => (output.get(child) ?? '').split('\n').filter((line) => line !== ''),
    tell: async (child, command, timeoutMs = 10_000) => {
      const { body } = await runtime.request(`${child}.do`, bytes(command), { timeoutMs })
      return text(body)
    },
    order: async (child, command) => void (await runtime.publish(`${child}.do`, bytes(command))),
  }
}

function supervisorTables(below: Readonly<Record<string, string>>): Readonly<Record<string, string>> {
  return Object.fromEntries(Object.entries(below).map(([name, lines]) => [`supervisors.${name}`, lines]))
}

function entryOf(folder: string, id: string, actor: Actor): string {
  const { guest = 'messages-operator', publish = [], request = [], subscribe = [], entry = '', below } = actor
  const manifest = [
    `[component]\nid = "${id}"\nversion = "1.0.0"\n[capabilities]`,
    `messaging.subscribe = ${JSON.stringify([`${id}.do`, ...subscribe])}`,
    ...(publish.length === 0 ? [] : [`messaging.publish = ${JSON.stringify(publish)}`]),
    ...(request.length === 0 ? [] : [`messaging.request = ${JSON.stringify(request)}`]),
  ].join('\n')
  writeFileSync(join(folder, `${id}.component.toml`), manifest)
  const component = guestFile(guest)
  return [
    below === undefined ? `[children.${id}]` : `[supervisors.${below}.children.${id}]`,
    `component = ${JSON.stringify(component)}`,
    `manifest = "${id}.component.toml"`,
    pinned(component, manifest),
    entry,
    '',
  ].join('\n')
}

export function bytes(words: string): Uint8Array {
  return new TextEncoder().encode(words)
}

export function text(body: Uint8Array): string {
  return new TextDecoder().decode(body)
}

/** Waits until something holds, for 20 s at most. */
export async function until(holds: () => boolean, what = 'it'): Promise<void> {
  const end = Date.now() + 20_000
  while (!holds()) {
    if (Date.now() > end) throw new Error(`${what} did not come true`)
    await new Promise((resolve) => setTimeout(resolve, 10))
  }
}

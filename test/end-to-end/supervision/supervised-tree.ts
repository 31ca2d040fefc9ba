// Trees whose children misbehave when they are told to, with the terms of supervision scaled; and such a tree's next life in
// the same folder.

import { copyFileSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import type { ChildReport, HealthEvent, Runtime } from 'bulkhead'
import { onTestFinished } from 'vitest'
import { pinned } from '../../support/pinned.mjs'
import { createTestRuntime, guestFile } from '../../support/test-runtime.mjs'
import { bytes, text } from '../messages/message-tree.js'

export type Supervised = {
  /** Of the guests that are built for tests; the operator of messages unless said. */
  readonly guest?: string
  /** Another file. */
  readonly component?: string
  /** Copied into the folder, and the copy is run. */
  readonly copiedFrom?: string
  /** Lines of `[capabilities]`; what an operator needs to be told things is there. */
  readonly grants?: readonly string[]
  /** Lines of its manifest after the capabilities. */
  readonly manifest?: string
  /** Further lines of its entry in the tree file. */
  readonly entry?: string
}

export type SupervisedTree = {
  readonly runtime: Runtime
  readonly events: HealthEvent[]
  /** The events of a child so far: `child.reduced thread → reduced`. */
  readonly story: (child: string) => readonly string[]
  readonly report: (child: string) => ChildReport
  /** Tells an operator to do something; its answer. */
  readonly tell: (child: string, command: string) => Promise<string>
  /** Asks for five things that were not granted, and waits until the child has been ended for it. */
  readonly offend: (child: string) => Promise<void>
  /** Waits for an event of a child, the past included from `since` events on. */
  readonly saw: (child: string, type: HealthEvent['type'], count?: number) => Promise<HealthEvent>
}

export type TreeLines = {
  readonly top?: string
  readonly supervisor?: string
  /** Gets what children print. */
  readonly onOutput?: (text: string) => void
}

/** A folder for one tree and its lives. */
export function treeFolder(): string {
  const folder = mkdtempSync(join(tmpdir(), 'bulkhead-ladder-'))
  onTestFinished(() => rmSync(folder, { recursive: true, force: true }))
  return folder
}

export function writeTree(
  folder: string,
  children: Readonly<Record<string, Supervised>>,
  lines: TreeLines = {},
): string {
  const entries = Object.entries(children).map(([id, child]) => entryOf(folder, id, child))
  const file = join(folder, 'bulkhead.toml')
  writeFileSync(file, `${lines.top ?? ''}\n[supervisor]\n${lines.supervisor ?? ''}\n${entries.join('\n')}`)
  return file
}

export async function startTree(
  folder: string,
  children: Readonly<Record<string, Supervised>>,
  lines: TreeLines = {},
): Promise<SupervisedTree> {
  const tree = writeTree(folder, children, lines)
  const events: HealthEvent[] = []
  const runtime = await createTestRuntime({
    tree,
    onHealth: (event) => events.push(event),
    onOutput: ({ chunk }) => lines.onOutput?.(text(chunk)),
  })
  onTestFinished(async () => void (await runtime.stop()))
  const of = (child: string): readonly HealthEvent[] => events.filter((event) => event.child === child)
  const seen: SupervisedTree = {
    runtime,
    events,
    story: (child) =>
      of(child).map(({ type, from, to, reason }) =>
        [
          type,
          ...(from === undefined ? [] : [`${from} → ${to}`]),
          ...(reason === undefined ? [] : [`(${reason})`]),
        ].join(' '),
      ),
    report: (child) => {
      const found = runtime.children().find(({ id }) => id === child)
      if (found === undefined) throw new Error(`there is no child ${child}`)
      return found
    },
    tell: async (child, command) => {
      const { body } = await runtime.request(`${topicOf(child)}.do`, bytes(command), { timeoutMs: 20_000 })
      return text(body)
    },
    offend: async (child) => {
      const before = of(child).filter(({ type }) => type === 'child.exited').length
      for (let n = 0; n < 5; n++) {
        await runtime.publish(`${topicOf(child)}.do`, bytes(`publish stolen${n}.goods x`))
      }
      await seen.saw(child, 'child.exited', before + 1)
    },
    saw: async (child, type, count = 1) => {
      for (const end = Date.now() + 30_000; Date.now() < end; ) {
        const found = of(child).filter((event) => event.type === type)[count - 1]
        if (found !== undefined) return found
        await new Promise((resolve) => setTimeout(resolve, 10))
      }
      throw new Error(`\`${child}\` had no ${type}; it had ${seen.story(child).join('; ')}`)
    },
  }
  return seen
}

/** Tenants stand in the id, not in the topic. */
function topicOf(child: string): string {
  return child.slice(child.indexOf('/') + 1)
}

function entryOf(folder: string, id: string, child: Supervised): string {
  const { guest = 'messages-operator', copiedFrom, grants, manifest: more = '', entry = '' } = child
  const manifest = [
    `[component]\nid = "${id}"\nversion = "1.0.0"\n[capabilities]`,
    ...(grants ?? [`messaging.subscribe = ["${id}.do"]`]),
    more,
    '',
  ].join('\n')
  writeFileSync(join(folder, `${id}.component.toml`), manifest)
  const component = copiedFrom === undefined ? (child.component ?? guestFile(guest)) : join(folder, `${id}.wasm`)
  if (copiedFrom !== undefined) copyFileSync(copiedFrom, component)
  return [
    `[children.${id}]`,
    `component = ${JSON.stringify(component)}`,
    `manifest = "${id}.component.toml"`,
    pinned(component, manifest),
    entry,
    '',
  ].join('\n')
}

import { mkdtempSync, realpathSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { writeMessageTree } from '../../test/support/message-tree.mjs'

const component = fileURLToPath(new URL('../../test/guests/build/messages-operator.wasm', import.meta.url))

/** Who publishes. Each obeys `cmd.NAME`. */
export const senders = ['sender-1', 'sender-2', 'sender-3']
/** Topic → who receives it. Members of the pool are told apart by number. */
export const receivers = new Map([
  ['work.once', 'once'],
  ['work.again', 'again'],
  ['work.pool', 'pool'],
])
/** Who does nothing but spin, now and then, until its deadline. */
export const victims = ['victim-1', 'victim-2', 'victim-3']
export const instances = 3

/** @type {Readonly<Record<string, readonly string[]>>} */
const receiverLines = {
  once: ['deadline = "2s"'],
  again: ['delivery = "redeliver"'],
  pool: ['delivery = "redeliver"', `instances = ${instances}`],
}

/** Writes the tree and its manifests into a fresh directory. @returns the tree file */
export function writeSoakTree() {
  const folder = realpathSync(mkdtempSync(join(tmpdir(), 'bulkhead-soak-')))
  const receiving = [...receivers].map(([topic, name]) => [
    name,
    { component, subscribe: [topic, `cmd.${name}`], lines: receiverLines[name] ?? [] },
  ])
  const spinning = victims.map((name) => [
    name,
    { component, subscribe: [`cmd.${name}`], lines: ['deadline = "500ms"'] },
  ])
  const sending = senders.map((name) => [
    name,
    { component, subscribe: [`cmd.${name}`], publish: ['work.*'], lines: ['deadline = "3s"'] },
  ])
  const head = 'state = ".bulkhead"\n[supervisor]\nintensity = { restarts = 1000, within = "60s" }'
  return writeMessageTree(folder, Object.fromEntries([...receiving, ...spinning, ...sending]), { head })
}

import { mkdirSync, mkdtempSync, realpathSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { pinned } from '../../test/support/pinned.mjs'

const guests = fileURLToPath(new URL('../../test/guests/build/', import.meta.url))

/** Who publishes. Each obeys `cmd.NAME`. */
export const senders = ['sender-1', 'sender-2', 'sender-3']
/** Topic → who receives it. Members of the pool are told apart by number. */
export const receivers = new Map([
  ['work.once', 'once'],
  ['work.again', 'again'],
  ['work.pool', 'pool'],
])
/** Who is told to spin, and killed at its deadline. */
export const victims = ['victim-1', 'victim-2', 'victim-3']
export const instances = 3

/** Writes the tree and its manifests into a fresh directory. @returns the tree file */
export function writeSoakTree() {
  const folder = realpathSync(mkdtempSync(join(tmpdir(), 'bulkhead-soak-')))
  mkdirSync(folder, { recursive: true })
  const receiving = [...receivers].map(([topic, name]) =>
    child(folder, name, { subscribe: [topic, `cmd.${name}`] }, receiverLines(name)),
  )
  const tables = [
    'state = ".bulkhead"\n[supervisor]\nintensity = { restarts = 1000, within = "60s" }',
    ...receiving,
    ...victims.map((name) => child(folder, name, { subscribe: [`cmd.${name}`] }, ['deadline = "500ms"'])),
    ...senders.map((name) => child(folder, name, { subscribe: [`cmd.${name}`], publish: ['work.*'] })),
  ]
  const file = join(folder, 'bulkhead.toml')
  writeFileSync(file, `${tables.join('\n\n')}\n`)
  return file
}

/** @param {string} name */
function receiverLines(name) {
  if (name === 'once') return []
  return name === 'pool' ? ['delivery = "redeliver"', `instances = ${instances}`] : ['delivery = "redeliver"']
}

/**
 * @param {string} folder
 * @param {string} name
 * @param {{ subscribe: string[], publish?: string[] }} grants
 * @param {string[]} [lines]
 */
function child(folder, name, { subscribe, publish = [] }, lines = []) {
  const component = join(guests, 'messages-operator.wasm')
  const manifest = [
    `[component]\nid = "${name}"\nversion = "1.0.0"\n[capabilities]`,
    `messaging.subscribe = ${JSON.stringify(subscribe)}`,
    ...(publish.length === 0 ? [] : [`messaging.publish = ${JSON.stringify(publish)}`]),
    '',
  ].join('\n')
  writeFileSync(join(folder, `${name}.component.toml`), manifest)
  return [
    `[children.${name}]`,
    `component = ${JSON.stringify(component)}`,
    `manifest = "${name}.component.toml"`,
    pinned(component, manifest),
    ...lines,
  ].join('\n')
}

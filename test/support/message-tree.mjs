import { writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { pinned } from './pinned.mjs'

/**
 * @typedef {{ component: string, subscribe?: readonly string[], publish?: readonly string[], request?: readonly string[],
 *   quotas?: readonly string[], lines?: readonly string[] }} MessageChild `quotas` are lines of its manifest, `lines` of the tree
 */

/**
 * Writes a tree of components that exchange messages, and their manifests, into a directory.
 *
 * @param {string} folder
 * @param {Readonly<Record<string, MessageChild>>} children in start order
 * @param {{ head?: string }} [options] what stands before the children
 * @returns {string} the tree file
 */
export function writeMessageTree(folder, children, { head = 'state = ".bulkhead"' } = {}) {
  const tables = Object.entries(children).map(([name, child]) => {
    const manifest = manifestOf(name, child)
    writeFileSync(join(folder, `${name}.component.toml`), manifest)
    const approved = pinned(child.component, manifest)
    const place = [`component = ${JSON.stringify(child.component)}`, `manifest = "${name}.component.toml"`]
    return [`[children.${name}]`, ...place, approved, ...(child.lines ?? [])].join('\n')
  })
  const file = join(folder, 'bulkhead.toml')
  writeFileSync(file, `${[head, ...tables].join('\n\n')}\n`)
  return file
}

/** @param {string} name @param {MessageChild} child */
function manifestOf(name, { subscribe = [], publish = [], request = [], quotas = [] }) {
  const grants = Object.entries({ subscribe, publish, request }).flatMap(([action, topics]) =>
    topics.length === 0 ? [] : [`messaging.${action} = ${JSON.stringify(topics)}`],
  )
  const limits = quotas.length === 0 ? [] : ['[quotas]', ...quotas]
  return ['[component]', `id = "${name}"`, 'version = "1.0.0"', '[capabilities]', ...grants, ...limits, ''].join('\n')
}

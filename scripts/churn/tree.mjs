import { mkdtempSync, readFileSync, realpathSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { digestOf, pinned } from '../../test/support/pinned.mjs'
import { guestFile } from '../../test/support/test-runtime.mjs'

const callee = guestFile('calls-callee')
const operator = guestFile('messages-operator')

/**
 * Writes the tree of the churn into a fresh directory: one child that is called and crashes, one that is ended and started
 * again, a pool whose members come and go, and a supervisor for children that are added and deleted.
 */
export function writeChurnTree() {
  const folder = realpathSync(mkdtempSync(join(tmpdir(), 'bulkhead-churn-')))
  /** @param {string} name @param {string} component */
  const entry = (name, component) => {
    const manifest = `[component]\nid = "${name}"\nversion = "1.0.0"\n[capabilities]\nmessaging.subscribe = ["${name}.do"]\n[quotas]\nmemory = "8MiB"\n`
    writeFileSync(join(folder, `${name}.toml`), manifest)
    return [`component = ${JSON.stringify(component)}`, `manifest = "${name}.toml"`, pinned(component, manifest)]
  }
  const lines = [
    'state = ".bulkhead"',
    '[supervisor]\nintensity = { restarts = 1000, within = "60s" }',
    '[children.callee]',
    ...entry('callee', callee),
    '[children.turned]',
    ...entry('turned', operator),
    '[supervisors.crew.template]',
    ...entry('crew', operator),
    '[supervisors.guests]',
  ]
  entry('guest', operator)
  const file = join(folder, 'bulkhead.toml')
  writeFileSync(file, `${lines.join('\n')}\n`)
  const approved = [digestOf(readFileSync(operator)), digestOf(readFileSync(join(folder, 'guest.toml')))]
  return { file, folder, newcomer: { component: operator, manifest: 'guest.toml', approved } }
}

// The plug-ins of all customers: which there are is in one file, and the tree that runs them is made of it.
import { createHash } from 'node:crypto'
import { mkdirSync, readFileSync, renameSync, rmSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { createRuntime } from 'bulkhead'
import { manifestOf, plans } from './plans.mjs'

/**
 * @typedef {{ readonly name: string, readonly plan: string }} Customer
 * @typedef {{ readonly component: string, readonly manifest: string, readonly approved: readonly string[] }} PlugIn
 * @typedef {Readonly<Record<string, Readonly<Record<string, PlugIn>>>>} Index customer → name → plug-in
 */

export class PlugIns {
  #folder
  #customers
  /** @type {Index} */
  #index
  /** @type {import('bulkhead').Runtime | undefined} */
  #runtime
  /** @type {Promise<unknown>} */
  #lastChange = Promise.resolve()

  /** @param {string} folder @param {readonly Customer[]} customers */
  constructor(folder, customers) {
    this.#folder = folder
    this.#customers = customers
    this.#index = readIndex(join(folder, 'plug-ins.json'))
  }

  /** @param {Omit<import('bulkhead').RuntimeOptions, 'tree' | 'base'>} [options] */
  async start(options = {}) {
    this.#runtime = await createRuntime({ ...options, tree: this.#treeOf(this.#index), base: this.#folder })
    return this.#runtime
  }

  /** @param {Customer} customer */
  list({ name }) {
    const children = this.#running().children()
    return Object.keys(this.#index[name] ?? {}).map((plugIn) => {
      const { state, level, restarts } = children.find(({ id }) => id === `${name}/${plugIn}`) ?? {}
      return { name: plugIn, state, level, restarts }
    })
  }

  /**
   * Puts a plug-in in the place of the one of this name, if there is one. Bytes that are no plug-in change nothing.
   *
   * @param {Customer} customer @param {string} name @param {Uint8Array} bytes
   */
  async install(customer, name, bytes) {
    const manifest = Buffer.from(manifestOf(name, planOf(customer)))
    const file = join(customer.name, `${name}-${sha256(bytes).slice(0, 16)}`)
    const plugIn = {
      ...{ component: `./${file}.wasm`, manifest: `./${file}.component.toml` },
      // Exactly these bytes, and what the plan lets them do: nobody has to look at them before they start.
      approved: [bytes, manifest].map((each) => `sha256:${sha256(each)}`),
    }
    await this.#change(async () => {
      mkdirSync(join(this.#folder, customer.name), { recursive: true })
      writeFileSync(join(this.#folder, plugIn.component), bytes)
      writeFileSync(join(this.#folder, plugIn.manifest), manifest)
      const before = this.#index[customer.name] ?? {}
      await this.#apply({ ...this.#index, [customer.name]: { ...before, [name]: plugIn } })
    })
  }

  /** @param {Customer} customer @param {string} name */
  async remove(customer, name) {
    await this.#change(async () => {
      const { [name]: _gone, ...others } = this.#index[customer.name] ?? {}
      await this.#apply({ ...this.#index, [customer.name]: others })
    })
  }

  /** @param {Customer} customer @param {string} name */
  has(customer, name) {
    return Object.hasOwn(this.#index[customer.name] ?? {}, name)
  }

  /** @param {Customer} customer @param {string} name @param {string} text @param {AbortSignal} signal */
  async transform(customer, name, text, signal) {
    return String(await this.#running().call(`${customer.name}/${name}`, 'transform', [text], { signal }))
  }

  /** One after the other, so that none is made of what another one is about to replace. @param {() => Promise<void>} change */
  async #change(change) {
    const done = this.#lastChange.then(change)
    this.#lastChange = done.catch(() => {})
    await done
  }

  /** The running tree first: what it refuses is never written down. @param {Index} index */
  async #apply(index) {
    const before = this.#index
    try {
      const { outcome, needsRestart } = await this.#running().reload({ tree: this.#treeOf(index) })
      if (outcome !== 'applied')
        throw new Error(`it cannot change now: ${needsRestart.map(({ key }) => key).join(', ')}`)
      this.#index = index
      writeIndex(join(this.#folder, 'plug-ins.json'), index)
    } finally {
      const kept = new Set(filesOf(this.#index))
      for (const file of [...filesOf(before), ...filesOf(index)]) {
        if (!kept.has(file)) rmSync(join(this.#folder, file), { force: true })
      }
    }
  }

  /** A supervisor for each customer: its tenant, its limits, its own count of restarts. @param {Index} index */
  #treeOf(index) {
    const supervisors = this.#customers.map((customer) => {
      const { quotas, ceiling, plugInsMax } = planOf(customer)
      const children = Object.entries(index[customer.name] ?? {}).map(([name, plugIn]) => [
        name,
        { ...plugIn, quotas, kind: 'library', lifetime: 'idle 5m' },
      ])
      const supervisor = { tenant: customer.name, ceiling, max_children: plugInsMax }
      return [customer.name, { ...supervisor, children: Object.fromEntries(children) }]
    })
    return /** @type {import('bulkhead').TreeDocument} */ ({ supervisors: Object.fromEntries(supervisors) })
  }

  #running() {
    if (this.#runtime === undefined) throw new Error('the plug-ins are not started')
    return this.#runtime
  }
}

/** @param {Customer} customer */
function planOf({ name, plan }) {
  const found = Object.hasOwn(plans, plan) ? plans[plan] : undefined
  if (found === undefined) throw new Error(`${name} has the plan ${plan}, which there is not`)
  return found
}

/** @param {Index} index */
function filesOf(index) {
  const plugIns = Object.values(index).flatMap((own) => Object.values(own))
  return plugIns.flatMap(({ component, manifest }) => [component, manifest])
}

/** @param {Uint8Array} bytes */
function sha256(bytes) {
  return createHash('sha256').update(bytes).digest('hex')
}

/** @param {string} file @returns {Index} */
function readIndex(file) {
  try {
    return JSON.parse(readFileSync(file, 'utf8'))
  } catch (error) {
    if (error instanceof Error && 'code' in error && error.code === 'ENOENT') return {}
    throw error
  }
}

/** @param {string} file @param {Index} index */
function writeIndex(file, index) {
  writeFileSync(`${file}.new`, JSON.stringify(index, undefined, 2))
  renameSync(`${file}.new`, file)
}

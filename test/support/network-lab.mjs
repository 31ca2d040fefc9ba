// Guests that use the network, without a runtime above them, over the real service with a resolver that answers from a table.
import { createRequire } from 'node:module'
import { dirname, join } from 'node:path'
import { Worker } from 'node:worker_threads'
import { NetworkService } from '@bulkhead/host-services'
import { actorLab, updateOf } from './actor-lab.mjs'
import { guestFile } from './test-runtime.mjs'

const built = dirname(createRequire(import.meta.url).resolve('@bulkhead/host-services'))
const plenty = { rate: { amount: 1e9, perMs: 1_000 } }

/**
 * @typedef {Readonly<Record<string, readonly (readonly string[] | 'late')[]>>} Resolver by name, what each look-up answers
 * @typedef {{ ok?: unknown, error?: unknown, held?: boolean }} Outcome
 * @typedef {Partial<import('@bulkhead/host-services').NetworkChannelOptions>} ChannelOptions
 * @typedef {{ actor: import('@bulkhead/actor').ComponentActor,
 *   update: (allow: string[], version: number) => void, goOn: () => void }} Held
 */

/** @param {'thread' | 'process'} place @param {string} host an empty directory */
export async function networkLab(place, host) {
  const lab = await actorLab(place)
  /** @type {Map<string, Promise<{ service: NetworkService, asked: Int32Array }>>} */
  const services = new Map()

  /** @param {Resolver} dns @param {'real' | 'loopback-is-not'} special */
  function serviceFor(dns, special) {
    const key = JSON.stringify([dns, special])
    const opened = services.get(key) ?? open(dns, special)
    services.set(key, opened)
    return opened
  }

  /** @param {Resolver} dns @param {'real' | 'loopback-is-not'} special */
  async function open(dns, special) {
    const asked = new SharedArrayBuffer(4)
    const fake = { dns, special, asked }
    const entry = join(built, 'network', 'fake-network-thread.test.support.js')
    const service = await NetworkService.start({
      originNs: lab.originNs,
      spawn: (_, how) => new Worker(entry, { ...how, workerData: { ...how?.workerData, fake } }),
    })
    return { service, asked: new Int32Array(asked) }
  }

  return {
    records: lab.records,
    /**
     * Runs an operator that does what `ops` say, and answers what it printed for each. `onHeld` is called when it says that
     * it is held, or waits.
     *
     * @param {{ allow: string[], ops: readonly object[], entry?: string, dns?: Resolver, special?: 'real' | 'loopback-is-not',
     *   channel?: ChannelOptions, onHeld?: (held: Held) => void | Promise<void> }} what `connect api.test:80`, one rule each
     */
    async run({ allow, ops, entry, dns = {}, special = 'loopback-is-not', channel = {}, onHeld = () => {} }) {
      const { service, asked } = await serviceFor(dns, special)
      const before = Atomics.load(asked, 0)
      const rulesOf = (/** @type {string[]} */ rules, version = 1) => ({
        allow: rules.map((rule) => `network.${rule}`),
        host,
        version,
      })
      /** @type {(() => void)[]} */
      const wakes = []
      const turns = ops.map(() => new Promise((resolve) => wakes.push(() => resolve(undefined))))
      async function* stdin() {
        for (const turn of turns) {
          await turn
          yield new Uint8Array(1)
        }
      }
      let text = ''
      /** @type {Outcome[]} */
      const outcomes = []
      /** @type {import('@bulkhead/actor').ComponentActor | undefined} */
      let actor
      const hear = (/** @type {Uint8Array} */ chunk) => {
        text += Buffer.from(chunk).toString('latin1')
        const lines = text.split('\n')
        text = lines.pop() ?? ''
        for (const line of lines) {
          /** @type {Outcome} */
          const outcome = JSON.parse(line)
          if (outcome.held !== true) outcomes.push(outcome)
          else if (actor !== undefined) void onHeld(heldBy(actor))
        }
      }
      const heldBy = (/** @type {import('@bulkhead/actor').ComponentActor} */ running) => ({
        actor: running,
        update: (/** @type {string[]} */ rules, /** @type {number} */ version) =>
          running.replaceContext(updateOf(rulesOf(rules, version))),
        goOn: () => wakes.shift()?.(),
      })
      /** @type {import('@bulkhead/actor').FindService} */
      const find = async (name) =>
        name !== 'network'
          ? undefined
          : ({ table, wake }) => ({
              ...service.attach({ table, wake, bandwidth: plenty, requests: plenty, ...channel }),
              isServing: () => true,
            })
      const args = ['operator', ...ops.map((one) => JSON.stringify(one))]
      actor = await lab.run(
        guestFile('network-operator'),
        rulesOf(allow),
        entry === undefined ? { args } : { args, entry },
        { stdin: stdin(), stdout: hear, services: find },
      )
      const report = await actor.exited
      for (const wake of wakes) wake()
      return { outcomes, report, asked: Atomics.load(asked, 0) - before }
    },
    async close() {
      await lab.close()
      for (const opened of services.values()) await (await opened).service.close()
    },
  }
}

// Actors without a runtime above them: file operators whose rules a test changes while they run.
import { createRequire } from 'node:module'
import { fileURLToPath } from 'node:url'
import { ComponentActor, openProcessChannel, openSharedChannel } from '@bulkhead/actor'
import { Journal } from '@bulkhead/audit'
import { ComponentBuilder, loadOrCreateCacheKey } from '@bulkhead/component'
import { joinContext, surveyMounts } from '@bulkhead/security-context'
import { systemClock } from '@bulkhead/vocabulary'
import { fileOperatorFile } from './file-operator.mjs'
import { startOperator } from './operator-session.mjs'
import { testCache } from './test-runtime.mjs'

const memoryBytesMax = 64 * 1024 * 1024
const actorEntry = createRequire(import.meta.url).resolve('@bulkhead/actor/worker')

/** The entry of a worker whose guest is held between check and act. */
export const heldEntry = fileURLToPath(new URL('held-worker.test.support.js', `file://${actorEntry}`))

/**
 * @typedef {{ allow: string[], host: string, mode?: 'read' | 'write', version?: number, cpuPercent?: number }} Rules
 *   `read /data/**`, one rule each; the host directory is mounted at `/data`.
 * @typedef {{ entry?: string, timeScale?: number, args?: string[], deadlineMs?: number, hidden?: string[], rung?: 'weak' }} LabOptions
 *   `entry`: the code of the worker; in a process, a file beside ours.
 * @typedef {import('@bulkhead/audit').RingRecord} RingRecord
 * @typedef {{ stdin?: AsyncIterable<Uint8Array>, stdout?: (chunk: Uint8Array) => void | Promise<void>,
 *   stderr?: (chunk: Uint8Array) => void } & Pick<import('@bulkhead/actor').ActorSpec, 'logs' | 'pace' | 'secrets' | 'services'>} Streams
 */

/**
 * @param {'thread' | 'process'} [place] where its actors run
 * @param {Partial<import('@bulkhead/audit').JournalOptions>} [audit] a journal with a file, or a strict one
 */
export async function actorLab(place = 'thread', audit = {}) {
  const builder = new ComponentBuilder({ cacheDirectory: testCache, cacheKey: loadOrCreateCacheKey(testCache) })
  /** @type {RingRecord[]} */
  const records = []
  const originNs = process.hrtime.bigint()
  const journal = await Journal.open({
    directory: undefined,
    monotonicOriginNs: originNs,
    onRecords: (/** @type {readonly RingRecord[]} */ more) => void records.push(...more),
    ...audit,
  })
  /** @type {Set<ComponentActor>} */
  const running = new Set()
  let incarnation = 0

  /** @param {string} file @param {Rules} rules @param {LabOptions} options */
  async function start(
    file,
    rules,
    { entry, timeScale = 1, args = ['guest'], deadlineMs = 50_000, hidden, rung } = {},
  ) {
    const { component, portable } = await builder.portable({ file }, { memoryBytesMax })
    const context = contextOf(rules, args)
    const openChannel = () => {
      if (place === 'thread') return openSharedChannel(entry)
      const spec = { executable: portable, context: context.worker, ...(hidden && { hidden }), ...(rung && { rung }) }
      return openProcessChannel({ ...spec, ...(entry && { workerEntry: entry }) })
    }
    return (/** @type {Streams} */ streams) => {
      const identity = { component: 'guest', incarnation: ++incarnation, trust: 'unknown', approval: 'approved' }
      const ring = journal.attach(
        { ...identity, digest: component.digest },
        { report: 'all', attested: place === 'thread' ? 'host' : 'child' },
      )
      const actor = new ComponentActor(
        {
          executable: component.executable,
          context,
          deadlineMs,
          stdin: streams.stdin,
          stdout: streams.stdout ?? (() => {}),
          stderr: streams.stderr ?? (() => {}),
          logs: streams.logs,
          pace: streams.pace,
          secrets: streams.secrets,
          services: streams.services,
        },
        {
          channel: openChannel(),
          ring,
          releaseRing: () => journal.release(ring.id),
          clock: systemClock,
          originNs,
          timeScale,
        },
      )
      running.add(actor)
      void actor.exited.then(() => running.delete(actor))
      return actor
    }
  }

  return {
    records,
    originNs,
    /**
     * Starts a guest; one that is given no streams reads no input.
     *
     * @param {string} file @param {Rules} rules @param {LabOptions} [options]
     * @param {Streams} [streams]
     */
    async run(file, rules, options, streams = {}) {
      return (await start(file, rules, options))(streams)
    },
    /**
     * Starts a file operator, which does what it is sent.
     *
     * @param {Rules} rules @param {LabOptions} [options]
     */
    async operator(rules, options) {
      const begin = await start(fileOperatorFile, rules, options)
      /** @type {ComponentActor | undefined} */
      let actor
      const exec = (/** @type {string} */ _file, /** @type {any} */ streams) => {
        actor = begin(streams)
        return actor.exited
      }
      const session = startOperator(/** @type {any} */ ({ exec }), {})
      if (actor === undefined) throw new Error('nothing was started')
      await actor.ready
      return { actor, session }
    },
    async close() {
      await Promise.all([...running].map((actor) => actor.kill()))
      await journal.close()
      await builder.close()
    },
  }
}

/** @param {Rules} rules what to bind in a running actor */
export function updateOf(rules) {
  const { worker } = contextOf(rules, [])
  const { policyVersion, table, neighbours, limits } = worker
  return { policyVersion, table, neighbours, limits: { cpuPercent: limits.cpuPercent } }
}

/** @param {Rules} rules @param {string[]} args */
function contextOf({ allow, host, mode = 'write', version = 1, cpuPercent = 100 }, args) {
  const { mounts } = surveyMounts([{ guestPath: '/data', hostPath: host, mode, hardlinks: false }], [], [])
  return joinContext({
    principal: 'guest',
    componentId: 'guest',
    policyVersion: version,
    layers: [{ layer: 'manifest', grants: allow.map(grantOf) }],
    operator: [],
    deny: [],
    forbidden: [],
    ownDirectories: [],
    mounts,
    args,
    environment: [],
    limits: {
      memoryBytesMax,
      cpuPercent,
      handlesMax: 256,
      pollablesMax: 256,
      randomBytesPerCallMax: 65_536,
      readBytesPerCallMax: 1_048_576,
    },
  })
}

/** @param {string} text */
function grantOf(text) {
  const [word = '', pattern = ''] = text.split(' ')
  // Of files, unless a kind is spelled out: `environment.read NAME`.
  const [action = '', kind = 'filesystem'] = word.split('.').reverse()
  const grant = { kind, action, pattern, origin: { document: 'lab.toml', line: 1 } }
  return /** @type {import('@bulkhead/capability').Grant} */ (/** @type {unknown} */ (grant))
}

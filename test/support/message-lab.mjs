// Actors that talk, without a runtime above them: the lab is the host, and a test decides what the host does and when.

import { createRequire } from 'node:module'
import { fileURLToPath } from 'node:url'
import { ComponentActor, openProcessChannel, openSharedChannel } from '@bulkhead/actor'
import { Journal } from '@bulkhead/audit'
import { ComponentBuilder, loadOrCreateCacheKey } from '@bulkhead/component'
import { buildRoutingTable, compileLaneFilter, Mailbox, MailboxReader, MessageEncoder, Outlet } from '@bulkhead/mailbox'
import { createQuotaBlock } from '@bulkhead/quota'
import { joinContext } from '@bulkhead/security-context'
import { systemClock } from '@bulkhead/vocabulary'

const memoryBytesMax = 64 * 1024 * 1024
const actorEntry = createRequire(import.meta.url).resolve('@bulkhead/actor/worker')

const guests = new URL('../guests/build/', import.meta.url)
const testCache = fileURLToPath(new URL('cache', guests))

/** The file of a worker's entry that tests have built. @param {string} name */
export const testEntry = (name) => fileURLToPath(new URL(`${name}.test.support.js`, `file://${actorEntry}`))

/**
 * @typedef {{
 *   id: string, guest: string, publish?: string[], request?: string[], subscribe?: string[], version?: number,
 *   args?: string[], messagesPerSecond?: number, inboundPerSecond?: number, inboundPerHour?: number, messageDeadlineMs?: number, entry?: string,
 *   mailbox?: import('@bulkhead/mailbox').MailboxOptions, handles?: boolean, asks?: boolean, deaf?: boolean, subverted?: boolean
 * }} MemberSpec `deaf`: it has a mailbox and is routed to, and no actor reads it; `subverted`: what it is told later changes nothing.
 * @typedef {import('@bulkhead/actor').MessageEvent} MessageEvent
 * @typedef {{ id: number, mailbox: Mailbox, owner: Member | undefined }} Box
 * @typedef {{
 *   spec: MemberSpec, incarnation: number, box: Box | undefined, inbox: Box | undefined, actor: ComponentActor | undefined,
 *   exited: Promise<import('@bulkhead/vocabulary').ExitReport> | undefined, events: MessageEvent[], told: unknown[], lanes: Map<number, { box: Box, lane: number }>, stdout: string, begin: any
 * }} Member
 */

/**
 * @param {{ intercept?: (member: Member, event: MessageEvent) => boolean, place?: 'thread' | 'process' }} [options]
 *   `intercept` says what it has dealt with; `place`: where actors run.
 */
export async function messageLab(options = {}) {
  const builder = new ComponentBuilder({ cacheDirectory: testCache, cacheKey: loadOrCreateCacheKey(testCache) })
  /** @type {import('@bulkhead/audit').RingRecord[]} */
  const records = []
  const originNs = process.hrtime.bigint()
  const now = () => process.hrtime.bigint() - originNs
  const journal = await Journal.open({
    directory: undefined,
    monotonicOriginNs: originNs,
    onRecords: (/** @type {readonly import('@bulkhead/audit').RingRecord[]} */ more) => void records.push(...more),
  })
  /** @type {Map<string, Member>} */
  const members = new Map()
  /** @type {Map<number, Box>} */
  const boxes = new Map()
  let nextBox = 1
  let nextVersion = 1
  let token = 0
  const encoder = new MessageEncoder()

  /** @param {Member | undefined} owner @param {import('@bulkhead/mailbox').MailboxOptions} [bounds] */
  function openBox(owner, bounds = {}) {
    const box = { id: nextBox++, mailbox: new Mailbox(bounds), owner }
    boxes.set(box.id, box)
    return box
  }

  const hostBox = openBox(undefined)
  const hostReader = readerOf(hostBox)
  /** @type {Map<number, Outlet>} */
  const hostOutlets = new Map()
  /** @type {string[]} */
  let hostTopics = []
  /** @type {{ topic: string, body: string, from: string, trace: Uint8Array | undefined, attempt: number }[]} */
  const heard = []
  /** @type {Map<string, (body: string) => void>} */
  const asked = new Map()
  /** @type {import('@bulkhead/mailbox').Refused[]} */
  const hostRefused = []

  /** @param {Box} box */
  function readerOf(box) {
    return new MailboxReader(box.mailbox.readerMemory(), {
      now,
      awaitsReply: (topic) => asked.has(topic),
      onRefused: (refused) => void hostRefused.push(refused),
      onBreach: ({ error }) => {
        throw error
      },
    })
  }

  let closed = false
  const listening = (async () => {
    for (;;) {
      const delivery = await hostReader.taken({ keepAlive: false, interrupted: () => closed })
      if (delivery === undefined) return
      const { subject: topic, sender, trace, attempt } = delivery
      const body = Buffer.from(delivery.body).toString('utf8')
      hostReader.finish()
      const answered = asked.get(topic)
      asked.delete(topic)
      if (answered === undefined) heard.push({ topic, body, from: sender.id, trace: trace?.slice(), attempt })
      else answered(body)
    }
  })()

  function routing() {
    const reached = [...members.values()].filter(({ box, spec }) => box !== undefined && spec.subscribe !== undefined)
    const receivers = reached.map(({ spec, box }) => ({ id: spec.id, mailboxes: [box?.id ?? 0] }))
    const subscriptions = reached.flatMap(({ spec }) =>
      (spec.subscribe ?? []).map((pattern) => ({ pattern, receiver: spec.id })),
    )
    if (hostTopics.length > 0) {
      receivers.push({ id: 'host', mailboxes: [hostBox.id] })
      subscriptions.push(...hostTopics.map((pattern) => ({ pattern, receiver: 'host' })))
    }
    return buildRoutingTable({ version: nextVersion++, receivers, subscriptions })
  }

  function reroute() {
    for (const { actor, begin, spec } of members.values()) {
      if (begin !== undefined && spec.subverted !== true) actor?.post({ kind: 'routing', routing: routing() })
    }
  }

  /** @param {Member} member @param {Box} box */
  function filterFor({ spec }, box) {
    const some = (/** @type {string[]} */ patterns) => ({ layers: [patterns], operator: [], deny: [] })
    const receives = box === hostBox ? hostTopics : box.owner?.inbox === box ? [] : (box.owner?.spec.subscribe ?? [])
    return compileLaneFilter({
      version: 1,
      publish: some([...(spec.publish ?? []), ...(spec.request ?? [])]),
      subscribe: some(receives),
    })
  }

  /** @param {Member} member @param {Box} box */
  function openLane(member, box) {
    const sender = { id: member.spec.id, incarnation: member.incarnation }
    const lane = box.mailbox.openLane(sender, filterFor(member, box), now())
    if (lane === undefined) return undefined
    member.lanes.set(box.id, { box, lane: lane.inlet.lane })
    if (box === hostBox) hostReader.addLane(lane.inlet)
    else box.owner?.actor?.post({ kind: 'inlet', mailbox: box.id, inlet: lane.inlet })
    return lane.outlet
  }

  /** What an honest host does. @param {Member} member @param {MessageEvent} event */
  function act(member, event) {
    member.events.push(event)
    if (options.intercept?.(member, event) === true) return
    if (event.kind === 'outlet-wanted') {
      const box = boxes.get(event.mailbox)
      member.actor?.post({ kind: 'outlet', mailbox: event.mailbox, outlet: box && openLane(member, box) })
    } else if (event.kind === 'arena-wanted') {
      const held = member.lanes.get(event.mailbox)
      const arena = held?.box.mailbox.openArena(held.lane)
      if (arena !== undefined && held !== undefined) {
        if (held.box === hostBox) hostReader.attachArena(held.lane, arena)
        else held.box.owner?.actor?.post({ kind: 'inlet-arena', mailbox: held.box.id, lane: held.lane, arena })
      }
      member.actor?.post({ kind: 'outlet-arena', mailbox: event.mailbox, arena })
    } else if (event.kind === 'outlet-closed' || event.kind === 'outlet-corrupt') {
      member.lanes.delete(event.mailbox)
    }
  }

  /** @param {MemberSpec} spec */
  function contextOf(spec) {
    const grants = (/** @type {string} */ action, /** @type {string[] | undefined} */ patterns = []) =>
      patterns.map((pattern) => ({ kind: 'messaging', action, pattern, origin: { document: 'lab.toml', line: 1 } }))
    return joinContext({
      principal: spec.id,
      componentId: spec.id,
      policyVersion: spec.version ?? 1,
      layers: [
        {
          layer: 'manifest',
          grants: /** @type {any} */ ([...grants('publish', spec.publish), ...grants('request', spec.request)]),
        },
      ],
      operator: [],
      deny: [],
      forbidden: [],
      ownDirectories: [],
      mounts: [],
      args: spec.args ?? ['guest'],
      environment: [],
      limits: {
        memoryBytesMax,
        cpuPercent: 100,
        handlesMax: 256,
        pollablesMax: 256,
        randomBytesPerCallMax: 65_536,
        readBytesPerCallMax: 1_048_576,
      },
    })
  }

  /** @param {number} amount */
  function rateOf(amount, perMs = 1_000) {
    const rate = { amount, perMs }
    return createQuotaBlock({ rates: { messages: { rate } }, ledgers: {} }).rates.messages
  }

  /** @param {MemberSpec} spec */
  function inboundRateOf({ inboundPerSecond, inboundPerHour }) {
    if (inboundPerHour !== undefined) return rateOf(inboundPerHour, 3_600_000)
    return inboundPerSecond === undefined ? undefined : rateOf(inboundPerSecond)
  }

  /**
   * Starts a member, again with what its mailbox holds when it has run before.
   *
   * @param {MemberSpec} spec
   */
  async function start(spec) {
    const { handles = true, asks = true } = spec
    const before = members.get(spec.id)
    /** @type {Member} */
    const member = before ?? {
      ...{
        spec,
        incarnation: 0,
        box: undefined,
        inbox: undefined,
        actor: undefined,
        events: [],
        told: [],
        lanes: new Map(),
      },
      ...{ stdout: '', begin: undefined, exited: undefined },
    }
    member.spec = spec
    member.incarnation += 1
    member.lanes = new Map()
    members.set(spec.id, member)
    if (handles) member.box ??= openBox(member, spec.mailbox)
    if (spec.deaf === true) {
      reroute()
      return member
    }
    const { component, portable } = await builder.portable(
      { file: fileURLToPath(new URL(`${spec.guest}.wasm`, guests)) },
      { memoryBytesMax },
    )
    const context = contextOf(spec)
    const openChannel = () => {
      if (options.place !== 'process') return openSharedChannel(spec.entry)
      const { entry } = spec
      return openProcessChannel({ executable: portable, context: context.worker, ...(entry && { workerEntry: entry }) })
    }
    if (asks) member.inbox = openBox(member)
    const identity = { component: spec.id, incarnation: member.incarnation, trust: 'unknown', approval: 'approved' }
    const ring = journal.attach({ ...identity, digest: component.digest }, { report: 'all' })
    member.begin = {
      mailbox: member.box && { id: member.box.id, reader: member.box.mailbox.readerMemory() },
      inbox: member.inbox && { id: member.inbox.id, reader: member.inbox.mailbox.readerMemory() },
      routing: routing(),
      outboundRate: rateOf(spec.messagesPerSecond ?? 1_000_000),
      inboundRate: inboundRateOf(spec),
    }
    const actor = new ComponentActor(
      {
        executable: component.executable,
        context,
        deadlineMs: undefined,
        stdin: undefined,
        stdout: (chunk) => {
          member.stdout += Buffer.from(chunk).toString('utf8')
        },
        stderr: () => {},
        messages: member.begin,
        messageDeadlineMs: spec.messageDeadlineMs,
      },
      {
        channel: watched(openChannel(), member.told),
        ring,
        releaseRing: () => journal.release(ring.id),
        clock: systemClock,
        originNs,
      },
    )
    member.actor = actor
    member.exited = actor.exited
    actor.onMessageEvent((event) => act(member, event))
    const { lanes } = member
    void actor.exited.then(() => {
      if (member.actor === actor) member.actor = undefined
      for (const { box, lane } of lanes.values()) {
        const isThere = box.mailbox.readerMemory().inlets.some((inlet) => inlet.lane === lane)
        if (isThere) box.mailbox.endSender(lane)
      }
      for (const lane of hostBox.mailbox.sweep(now()).ended) hostReader.removeLane(lane)
    })
    await Promise.race([actor.ready, actor.exited])
    reroute()
    return member
  }

  /** @param {string} id */
  function member(id) {
    const found = members.get(id)
    if (found === undefined) throw new Error(`nobody is called ${id}`)
    return found
  }

  /** Puts a message into a member's mailbox. @param {string} to @param {Partial<import("@bulkhead/mailbox").Message> & { text?: string | Buffer }} message */
  function send(to, { text = '', ...message }) {
    const { box, actor } = member(to)
    if (box === undefined) throw new Error(`${to} has no mailbox`)
    let outlet = hostOutlets.get(box.id)
    if (outlet === undefined) {
      const lane = box.mailbox.openHostLane(now())
      actor?.post({ kind: 'inlet', mailbox: box.id, inlet: lane.inlet })
      outlet = new Outlet(lane.outlet)
      hostOutlets.set(box.id, outlet)
    }
    return outlet.send(encoder.encode({ subject: 'lab.command', body: Buffer.from(text), sentAtNs: now(), ...message }))
  }

  return {
    records,
    heard,
    hostRefused,
    boxes,
    originNs,
    now,
    start,
    member,
    send,
    reroute,
    openLane,
    contextOf,
    hostBox,
    /** The host receives what is published on these from now on. @param {string[]} topics */
    listen(...topics) {
      hostTopics = topics
      reroute()
    },
    /** Tells a member something, as the host; resolves with its answer. @param {string} to @param {string | Buffer} text */
    tell(to, text, timeoutMs = 20_000) {
      const replyTo = `_inbox.${hostBox.id}.${String(++token).padStart(22, 'T')}`
      return new Promise((/** @type {(answer: string) => void} */ resolve, reject) => {
        const timer = setTimeout(() => reject(new Error(`${to} does not answer: ${text}`)), timeoutMs)
        asked.set(replyTo, (answer) => {
          clearTimeout(timer)
          resolve(answer)
        })
        const outcome = send(to, { text, replyTo, expiresAtNs: now() + BigInt(timeoutMs) * 1_000_000n })
        if (outcome !== 'sent') reject(new Error(`${to} is not reached: ${outcome}`))
      })
    },
    /** Ends all members, and gives back what they had. */
    async clear() {
      hostTopics = []
      await Promise.all([...members.values()].map(({ actor }) => actor?.kill()))
      members.clear()
      heard.length = 0
    },
    async close() {
      closed = true
      await Promise.all([...members.values()].map(({ actor }) => actor?.kill()))
      hostBox.mailbox.wake()
      await listening
      await journal.close()
      await builder.close()
    },
  }
}

/**
 * The same channel, with a list of all that its worker is given.
 *
 * @param {import('@bulkhead/actor').Channel} channel @param {unknown[]} told
 * @returns {import('@bulkhead/actor').Channel}
 */
function watched(channel, told) {
  told.push(channel.ledger.memory)
  return {
    ...channel,
    begin: (message) => {
      told.push(message)
      channel.begin(message)
    },
    post: (message) => {
      told.push(message)
      channel.post(message)
    },
    replaceContext: (update) => {
      told.push(update)
      channel.replaceContext(update)
    },
  }
}

let operators = 0

/**
 * Starts a guest that does what it is told, under a name of its own unless it has one.
 *
 * @param {Awaited<ReturnType<typeof messageLab>>} lab @param {Partial<MemberSpec>} [spec]
 */
export async function operatorIn(lab, spec = {}) {
  const id = spec.id ?? `operator-${++operators}`
  const member = await lab.start({ id, guest: 'messages-operator', subscribe: [], ...spec })
  return {
    id,
    member,
    /** The report of this incarnation's exit. */
    exited: member.exited,
    tell: (/** @type {string} */ text) => lab.tell(id, text),
    events: (/** @type {MessageEvent['kind']} */ kind) => member.events.filter((event) => event.kind === kind),
    counters: () => member.actor?.messageCounters(),
    records: () =>
      lab.records.flatMap((record) => (record.type === 'access' && record.component === id ? [record] : [])),
  }
}

/** Waits until it holds. @param {() => boolean} holds */
export async function until(holds, what = 'it') {
  for (const since = Date.now(); !holds(); ) {
    if (Date.now() - since > 20_000) throw new Error(`${what} does not happen`)
    await new Promise((resolve) => setTimeout(resolve, 5))
  }
}

// What only a running process answers to an operator: the commands of @bulkhead/admin, bound to its tree and messages.

import {
  bodyHeadBytes,
  type HealthStreamItem,
  type LetterReport,
  type LetterSummary,
  type LiveHandlers,
  type LogItem,
  type MessageItem,
  type MessagesReport,
  type SubscriptionItem,
  type TreeReport,
} from '@bulkhead/admin'
import { BulkheadError } from '@bulkhead/vocabulary'
import type { Orders } from '../administration/orders.js'
import type { OrderBook } from '../audit/order-book.js'
import { recordedOrders, recordedReload, recordedUpgrade } from '../audit/recorded-orders.js'
import type { CallDesk } from '../calls/call-desk.js'
import { callWithJson } from '../calls/json-call.js'
import type { HealthDesk } from '../health/health-desk.js'
import type { HealthQuestion } from '../health/health-log.js'
import { hostWalls } from '../ladder/wall-watch.js'
import type { LogDesk } from '../logs/log-desk.js'
import type { DeadLetterReport, MessageDesk, ReceivedMessage, TenantStats } from '../messages/message-desk.js'
import type { MetricsSnapshot } from '../metrics/metric-sheet.js'
import type { Reloads } from '../reload/reloads.js'
import type { Upgrades } from '../upgrade/upgrades.js'

export type LivePowers = {
  readonly messages: MessageDesk
  readonly tree: () => TreeReport
  readonly release: (child: string, reason: string, author: string) => Promise<readonly string[]>
  readonly orders: Pick<Orders, 'start' | 'stop' | 'restart'>
  readonly upgrades: Pick<Upgrades, 'upgrade'>
  readonly logs: Pick<LogDesk, 'records' | 'follow'>
  readonly calls: Pick<CallDesk, 'call' | 'functionOf'>
  readonly reloads: Pick<Reloads, 'reload'>
  /** Absent where the host application takes no such order. */
  readonly shutdown?: () => void
  readonly health: Pick<HealthDesk, 'id' | 'events' | 'report'>
  readonly metrics: () => MetricsSnapshot
  /** Every order that has no record of its own is put down in it. */
  readonly book: OrderBook
}

/** @param live `undefined` where the process runs no tree: then every command says so */
export function liveHandlers(live: LivePowers | undefined): LiveHandlers {
  return live === undefined ? withoutTree : handlersOf(live)
}

function handlersOf({
  messages,
  tree,
  release,
  orders,
  upgrades,
  logs,
  calls,
  health,
  metrics,
  reloads,
  shutdown,
  book,
}: LivePowers): LiveHandlers {
  const { deadLetters } = messages
  const recorded = recordedOrders(book, orders)
  return {
    tree: () => tree(),
    events: ({ after, types, child, follow }, { signal }) =>
      healthItems(health, { ...definedOf({ after, types, child }), follow, signal }),
    health: async () => {
      // Somebody wants to know: from now on the report has them.
      await hostWalls()
      return health.report()
    },
    metrics: () => metrics(),
    release: async ({ child, reason, author }) => ({ released: [...(await release(child, reason, author))] }),
    'child.start': async ({ child, author }) => ({ members: [...(await recorded('start', child, author))] }),
    'child.stop': async ({ child, author }) => ({ members: [...(await recorded('stop', child, author))] }),
    'child.restart': async ({ child, author }) => ({ members: [...(await recorded('restart', child, author))] }),
    upgrade: ({ child, file, manifest, ...act }) =>
      recordedUpgrade(book, upgrades, child, file, manifest === undefined ? act : { ...act, manifest }),
    reload: ({ dryRun, author }) => recordedReload(book, reloads, { dryRun }, author),
    shutdown: ({ author }) =>
      book.carryOut(
        { order: 'shutdown', author, isUrgent: true },
        () => end(shutdown),
        () => 'accepted',
      ),
    logs: ({ child, tail, follow }, { signal }) => {
      if (tree().children.some((one) => one.child === child)) return logItems(logs, child, { tail, follow, signal })
      throw new BulkheadError('usage', `there is no child \`${child}\``, {
        hint: '`bulkhead ps` lists them; the members of a pool have names of their own',
      })
    },
    call: ({ child, function: name, args, deadlineMs }, { signal }) =>
      callWithJson(calls, { child, name, args }, { signal, deadlineMs }),
    'messages.publish': ({ topic, body, traceparent }) => messages.publish(topic, bytesOf(body), traced(traceparent)),
    'messages.request': async ({ topic, body, traceparent, timeoutMs }, { signal }) => {
      const reply = await messages.request(topic, bytesOf(body), { ...traced(traceparent), timeoutMs, signal })
      return { topic: reply.topic, from: reply.from, body: base64(reply.body) }
    },
    'messages.subscribe': ({ pattern }, { signal }) => subscription(messages, pattern, signal),
    'messages.deadletters': ({ child, reason, limit }) => {
      const found = deadLetters.list({
        ...(child === undefined ? {} : { child }),
        ...(reason === undefined ? {} : { reason }),
      })
      const { dropped } = messages.stats().deadLetters
      return { letters: found.slice(-limit).map(letterSummary), total: found.length, dropped }
    },
    'messages.deadletter': ({ id }) => {
      const letter = deadLetters.list().find((one) => one.id === id)
      if (letter !== undefined) return letterReport(letter)
      throw new BulkheadError('usage', `there is no dead letter ${id} (any more)`, {
        hint: '`bulkhead deadletters` lists them',
      })
    },
    'messages.replay': ({ ids, author }) =>
      book.carryOut(
        { order: 'messages.replay', author },
        () => ({ letters: [...deadLetters.replay(ids)] }),
        ({ letters }) => `${letters.length} letters`,
      ),
    'messages.discard': ({ ids, author }) =>
      book.carryOut(
        { order: 'messages.discard', author },
        () => ({ discarded: deadLetters.discard(ids) }),
        ({ discarded }) => `${discarded} letters`,
      ),
    'messages.stats': () => messagesReport(messages),
  }
}

function end(shutdown: (() => void) | undefined): { readonly accepted: true } {
  if (shutdown === undefined) throw notOurs()
  shutdown()
  return { accepted: true }
}

function notOurs(): BulkheadError {
  return new BulkheadError('usage', 'the process is a host application that takes no order to end', {
    hint: 'end it as it is meant to be ended; its tree is stopped with it',
  })
}

function noTree(): never {
  throw new BulkheadError('runtime-unreachable', 'the process that uses the state directory runs no tree', {
    hint: 'bulkhead run bulkhead.toml',
  })
}

const withoutTree: LiveHandlers = {
  tree: noTree,
  events: noTree,
  health: noTree,
  metrics: noTree,
  release: noTree,
  'child.start': noTree,
  'child.stop': noTree,
  'child.restart': noTree,
  upgrade: noTree,
  reload: noTree,
  shutdown: noTree,
  logs: noTree,
  call: noTree,
  'messages.publish': noTree,
  'messages.request': noTree,
  'messages.subscribe': noTree,
  'messages.deadletters': noTree,
  'messages.deadletter': noTree,
  'messages.replay': noTree,
  'messages.discard': noTree,
  'messages.stats': noTree,
}

async function* healthItems(health: LivePowers['health'], question: HealthQuestion): AsyncGenerator<HealthStreamItem> {
  const items = health.events(question)
  yield { kind: 'began', id: health.id }
  yield* items
}

/** In JSON, and so in what comes over the socket, what is not said is absent; in a type it may be undefined. */
function definedOf<Fields extends object>(fields: Fields): { [Key in keyof Fields]?: NonNullable<Fields[Key]> } {
  return Object.fromEntries(Object.entries(fields).filter(([, value]) => value !== undefined)) as {
    [Key in keyof Fields]?: NonNullable<Fields[Key]>
  }
}

function logItems(
  logs: LivePowers['logs'],
  child: string,
  {
    tail,
    follow,
    signal,
  }: { readonly tail: number | undefined; readonly follow: boolean; readonly signal: AbortSignal },
): AsyncIterable<LogItem> {
  // Who does not follow has an end: what is kept now.
  return logs.follow(child, { tail, signal: follow ? signal : AbortSignal.abort() })
}

/** The subscription stands before the caller is told so. */
async function* subscription(
  messages: MessageDesk,
  pattern: string,
  signal: AbortSignal,
): AsyncGenerator<SubscriptionItem> {
  const items = messages.stream(pattern, { signal })
  yield { kind: 'subscribed' }
  for await (const item of items) {
    yield item.kind === 'missed' ? item : { kind: 'message', ...messageItem(item.message) }
  }
}

function messageItem({ topic, body, from, incarnation, sentAtMs, replyTo, traceparent }: ReceivedMessage): MessageItem {
  const more = { ...(replyTo === undefined ? {} : { replyTo }), ...(traceparent === undefined ? {} : { traceparent }) }
  return { topic, from, incarnation, sentAt: sentAtMs, body: base64(body), ...more }
}

function letterSummary(letter: DeadLetterReport): LetterSummary {
  const { id, reason, topic, from, incarnation, receiver, body, atMs } = letter
  return {
    ...{ id, reason, topic, from, incarnation, at: atMs, bytes: body.length },
    ...(receiver === undefined ? {} : { receiver }),
    head: base64(body.subarray(0, bodyHeadBytes)),
  }
}

function letterReport(letter: DeadLetterReport): LetterReport {
  const { body, replyTo, traceparent } = letter
  return {
    ...letterSummary(letter),
    body: base64(body),
    ...(replyTo === undefined ? {} : { replyTo }),
    ...(traceparent === undefined ? {} : { traceparent }),
  }
}

function messagesReport(messages: MessageDesk): MessagesReport {
  const { children, tenants, deadLetters } = messages.stats()
  return { children, tenants: tenants.map(tenantReport), deadLetters }
}

/** In JSON there is no field that holds nothing. */
function tenantReport({ tenant, ...counts }: TenantStats): MessagesReport['tenants'][number] {
  return tenant === undefined ? counts : { tenant, ...counts }
}

function bytesOf(body: string): Uint8Array {
  return Buffer.from(body, 'base64')
}

function base64(bytes: Uint8Array): string {
  return Buffer.from(bytes.buffer, bytes.byteOffset, bytes.byteLength).toString('base64')
}

function traced(traceparent: string | undefined): { readonly traceparent?: string } {
  return traceparent === undefined ? {} : { traceparent }
}

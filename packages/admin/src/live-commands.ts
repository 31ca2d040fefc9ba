import { healthEventTypes } from '@bulkhead/vocabulary'
import { z } from 'zod'
import { defineCommands, type Handlers } from './command-table.js'
import type { HealthStatusReport, HealthStreamItem } from './health-reports.js'
import { author, child, oneLine, reason, report } from './input-forms.js'
import {
  bodyCharactersMax,
  callArgumentsMax,
  cursorCharactersMax,
  functionNameCharactersMax,
  lettersListedMax,
  lettersNamedMax,
  logRecordsMax,
  pathCharactersMax,
  requestTimeoutMsMax,
  topicCharactersMax,
} from './limits.js'
import {
  type LetterReport,
  type LetterSummary,
  type LogItem,
  letterReasons,
  type MemberOutcome,
  type MessagesReport,
  type ReloadReport,
  type ReplayReport,
  type SubscriptionItem,
  type TreeReport,
  type UpgradeAnswer,
} from './live-reports.js'
import type { MetricsReport } from './metrics-report.js'

/** The grammar of topics is the running process's to judge: it knows which of them belong to the host. */
const topic = oneLine(topicCharactersMax).min(1)
const body = z.base64().max(bodyCharactersMax).default('')
const letterId = z.int().min(1)
/** All that are kept must be said in so many words. */
const letters = z.union([z.literal('all'), z.array(letterId).min(1).max(lettersNamedMax)])
/** Who orders it; a program that does not say so is the operator. */
const whose = author.default('operator')
/** W3C Trace Context: the trace that a message belongs to. */
const traceparent = oneLine(64).optional()

/** What only a process that runs a tree can do. Where none runs, nobody answers. */
export const liveCommands = defineCommands({
  tree: {
    description: 'how each child of the tree stands, and what happens to it next',
    input: z.strictObject({}),
    output: report<TreeReport>(),
  },
  events: {
    description: 'the health events that are kept, and those that come; numbered, without a gap',
    input: z.strictObject({
      /** `ID-SEQ`, as an item before had it: only what came after it. What it is, the process judges. */
      after: oneLine(cursorCharactersMax).optional(),
      follow: z.boolean().default(false),
      types: z.array(z.enum(healthEventTypes)).min(1).max(healthEventTypes.length).optional(),
      child: child.optional(),
    }),
    item: report<HealthStreamItem>(),
  },
  health: {
    description: 'whether the process is ready and live, and why it is not well',
    input: z.strictObject({}),
    output: report<HealthStatusReport>(),
  },
  metrics: {
    description: 'every number of the runtime and its children, at this moment',
    input: z.strictObject({}),
    output: report<MetricsReport>(),
  },
  release: {
    description: 'holds nothing against a child any more, and starts it again one rung below where it fell from',
    input: z.strictObject({ child, reason: reason.min(1), author }),
    output: z.object({
      /** Who was released; of a pool those of its members that needed it. */
      released: z.array(z.string()),
    }),
  },
  'child.start': {
    description: 'starts a child that has ended or was stopped',
    input: z.strictObject({ child, author: whose }),
    output: z.object({ members: z.array(report<MemberOutcome>()) }),
  },
  'child.stop': {
    description: 'stops a child in order, then by force; it stays stopped until it is started',
    input: z.strictObject({ child, author: whose }),
    output: z.object({ members: z.array(report<MemberOutcome>()) }),
  },
  'child.restart': {
    description: 'stops a child in order and starts it again; that is no fault of its own',
    input: z.strictObject({ child, author: whose }),
    output: z.object({ members: z.array(report<MemberOutcome>()) }),
  },
  upgrade: {
    description: 'gives a child other bytes while the tree runs; what asks for more needs a yes',
    input: z.strictObject({
      child,
      file: oneLine(pathCharactersMax).min(1),
      manifest: oneLine(pathCharactersMax).min(1).optional(),
      approve: z.boolean().default(false),
      author,
      reason: reason.default(''),
    }),
    output: report<UpgradeAnswer>(),
  },
  reload: {
    description: 'reads the tree file again, and puts into force what is other in it',
    input: z.strictObject({ dryRun: z.boolean().default(false), author: whose }),
    output: report<ReloadReport>(),
  },
  shutdown: {
    description: 'ends the process in order; answered before it has ended',
    input: z.strictObject({ author: whose }),
    output: z.object({ accepted: z.literal(true) }),
  },
  logs: {
    description: 'the last records of what a child has written and logged, and those that come',
    input: z.strictObject({
      child,
      tail: z.int().min(0).max(logRecordsMax).optional(),
      /** Whether the stream goes on with what comes. */
      follow: z.boolean().default(false),
    }),
    item: report<LogItem>(),
  },
  call: {
    description: 'calls a function that a child exports, in its turn among the messages of the child',
    input: z.strictObject({
      child,
      function: oneLine(functionNameCharactersMax).min(1),
      /** JSON, each by itself. */
      args: z.array(z.string().max(bodyCharactersMax)).max(callArgumentsMax).default([]),
      /** The child's own deadline when left out. */
      deadlineMs: z.int().min(1).max(requestTimeoutMsMax).optional(),
    }),
    output: z.object({ function: z.string(), result: z.string() }),
  },
  'messages.publish': {
    description: 'sends a message to whoever is subscribed to its topic',
    input: z.strictObject({ topic, body, traceparent }),
    output: z.object({
      /** How many have accepted it; a pool counts once. */
      receivers: z.int(),
      /** How many had no room. */
      overloaded: z.int(),
    }),
  },
  'messages.request': {
    description: 'sends a message and waits for the first answer',
    input: z.strictObject({
      topic,
      body,
      traceparent,
      timeoutMs: z.int().min(1).max(requestTimeoutMsMax).default(30_000),
    }),
    output: z.object({ topic: z.string(), from: z.string(), body: z.base64() }),
  },
  'messages.subscribe': {
    description: 'the messages of a pattern of topics, from now on',
    input: z.strictObject({ pattern: topic }),
    item: report<SubscriptionItem>(),
  },
  'messages.deadletters': {
    description: 'messages that were accepted, or asked for, and yet not processed; the newest ones, oldest first',
    input: z.strictObject({
      /** Who sent them, or in whose mailbox they were. */
      child: child.optional(),
      reason: z.enum(letterReasons).optional(),
      limit: z.int().min(1).max(lettersListedMax).default(100),
    }),
    output: z.object({
      letters: z.array(report<LetterSummary>()),
      /** How many there are of this kind. */
      total: z.int(),
      /** How many had to make place for newer ones since the tree started. */
      dropped: z.int(),
    }),
  },
  'messages.deadletter': {
    description: 'one dead letter with its whole body',
    input: z.strictObject({ id: letterId }),
    output: report<LetterReport>(),
  },
  'messages.replay': {
    description: 'sends dead letters once more, to whoever their topics have now',
    input: z.strictObject({ ids: letters, author: whose }),
    output: z.object({ letters: z.array(report<ReplayReport>()) }),
  },
  'messages.discard': {
    description: 'forgets dead letters',
    input: z.strictObject({ ids: letters, author: whose }),
    output: z.object({ discarded: z.int() }),
  },
  'messages.stats': {
    description: 'mailboxes, rates, refusals and dead letters, by child and by tenant',
    input: z.strictObject({}),
    output: report<MessagesReport>(),
  },
})

export type LiveCommands = typeof liveCommands
/** The code behind {@link liveCommands}. */
export type LiveHandlers = Handlers<LiveCommands>

export { Bell, type Wake } from './bell.js'
export { chooseMember } from './choose-member.js'
export { type DeadLetter, type DeadLetterReason, DeadLetters } from './dead-letters.js'
export type { InletMemory, InletRules, RefusalReason } from './inlet.js'
export { compileLaneFilter, filterAllows, type LaneFilter, mayShareTopic } from './lane-filter.js'
export { subscriptionsMax } from './limits.js'
export {
  Mailbox,
  type MailboxStats,
  type MessageHead,
  type OpenedLane,
  type Recovered,
} from './mailbox.js'
export type { MailboxOptions } from './mailbox-options.js'
export {
  type Breach,
  MailboxReader,
  type ReaderMemory,
  type ReaderOptions,
  type Refused,
  type WaitOptions,
} from './mailbox-reader.js'
export { type Delivery, hostSubjects, type Message, type Sender } from './message.js'
export { Outlet, type OutletMemory, type SendOutcome } from './outlet.js'
export { MessageEncoder } from './record-encoder.js'
export type { DeliveryMode } from './recovery.js'
export {
  buildRoutingTable,
  type Receiver,
  type ReceiverSpec,
  Router,
  type RoutingTable,
  type Subscription,
} from './routing-table.js'
export type { TopicAuthority } from './topic-authority.js'
export { formatTraceparent, parseTraceparent, traceBytes } from './trace-context.js'

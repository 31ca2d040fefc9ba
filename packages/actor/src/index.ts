export type { TracedCalls } from '@bulkhead/wasi'
export { answeredCall, type CallAnswer, callSubject, decodeAnswer, encodeCall } from './calls/call-record.js'
export type { Channel, ChannelExit } from './channel.js'
export { type ActorPowers, type ActorSpec, ComponentActor, type Settled } from './component-actor.js'
export type { HostAct } from './exit-report.js'
export {
  BadFrame,
  decodeFrame,
  encodeFrame,
  type FrameFromGuest,
  type FrameToGuest,
  type HttpFields,
} from './http/frames.js'
export type { HttpLanes } from './http/guest-exchange.js'
export { makeHttpLanes } from './http/http-ends.js'
export { exchangeNumberMax, httpFieldsMax, httpHeadBytesMax, httpPieceBytesMax } from './http/limits.js'
export { encodeRequestHead, httpSubject, type RequestHead } from './http/request-head.js'
export type { MessageCounters } from './ledger.js'
export type { LineConsumer } from './log-lines.js'
export type {
  LifecycleEvent,
  MailboxId,
  MessageEvent,
  MessagesBegin,
  MessagesToWorker,
  ReadMailbox,
  WireBreach,
} from './message-protocol.js'
export { ambientCgroups, type CgroupPlace, findCgroupPlace } from './process/cgroup.js'
export { inheritableDescriptors } from './process/host-descriptors.js'
export { openProcessChannel } from './process/open-process-channel.js'
export { isGone, type ProcessIdentity, processFacts } from './process/proc-facts.js'
export type { ProcessSpec } from './process/process-spec.js'
export { detectWalls, type Wall, type Walls } from './process/walls.js'
export type { AttachService, FindService, ServicePort } from './services/actor-services.js'
export { openSharedChannel } from './shared-channel.js'
export type { ChunkConsumer, OutputPace } from './stdio-host.js'
export { WarmSpares } from './warm-spares.js'

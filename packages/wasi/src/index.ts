export type { TracedCall, TracedCalls } from './call-trace.js'
export { GuestExit, GuestMisuse, Poisoned, ResourceExceeded } from './endings.js'
export { createHost } from './host.js'
export type { HttpErrorCode } from './http/error-code.js'
export type {
  IncomingBodySource,
  IncomingExchange,
  IncomingHead,
  IncomingOutcome,
  OpenHttp,
  ResponseSink,
} from './http/incoming-powers.js'
export type {
  IncomingMessage,
  MessagePowers,
  MessageRefusal,
  OutgoingMessage,
  Pause,
  ReadyMessage,
} from './messaging/message-powers.js'
export type {
  ByteSink,
  ByteSource,
  CheckCounters,
  ContextUpdate,
  GuestContext,
  GuestHost,
  HostPowers,
  HostTotals,
  LogSink,
  ServiceName,
} from './powers.js'
export type { ServiceCaller } from './services/service-access.js'

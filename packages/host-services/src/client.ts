// What a guest's thread loads of this workspace: the ends that ask. Nothing here reaches a socket, a file or a library.
export { addressText, type Endpoint, parseAddress, resourceOf } from './network/addresses.js'
export { type HttpFailure, httpFailureOf } from './network/http-error.js'
export type { HttpResponse } from './network/http-exchange.js'
export {
  type CheckedHead,
  checkHttpRequest,
  type HttpField,
  type HttpRequest,
  isHttpMethod,
  isHttpPath,
} from './network/http-head.js'
export type { Judgement } from './network/judgement.js'
export { decodePollAnswer, NetworkClient } from './network/network-client.js'
export { type NetworkReason, networkReasons } from './network/network-error.js'
export {
  encodeNetworkRequest,
  type Handle,
  type Interest,
  type NetworkRequest,
  type PollPatience,
  type SocketAction,
  type SocketOption,
} from './network/network-request.js'
export type { Pulled } from './network/pull-reader.js'
export { isRefusal } from './network/refusal.js'
export type { Datagram } from './network/udp-socket.js'
export { StoreClient, type StorePage, type SwapOutcome } from './store/store-client.js'
export { encodeStoreRequest, type StoreEntry, type StoreRequest } from './store/store-request.js'

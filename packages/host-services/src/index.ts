export { addressText, type Endpoint, parseAddress } from './network/addresses.js'
export type { HttpResponse } from './network/http-exchange.js'
export type { HttpField, HttpRequest } from './network/http-head.js'
export type { HttpInjection } from './network/http-injection.js'
export { NetworkClient } from './network/network-client.js'
export { type NetworkReason, networkReasons } from './network/network-error.js'
export { encodeNetworkRequest, type Handle, type Interest, type NetworkRequest } from './network/network-request.js'
export {
  type NetworkChannelOptions,
  type NetworkChannelPort,
  NetworkService,
  type NetworkServiceOptions,
} from './network/network-service.js'
export type { Pulled } from './network/pull-reader.js'
export type { Traffic } from './network/traffic.js'
export type { Datagram } from './network/udp-socket.js'
export type { FarDenial } from './service/channel-authority.js'
export type { ServiceEvents } from './service/service-host.js'
export { StoreClient, type StorePage, type SwapOutcome } from './store/store-client.js'
export { encodeStoreRequest, type StoreEntry, type StoreRequest } from './store/store-request.js'
export {
  type StoreChannel,
  type StoreChannelOptions,
  StoreService,
  type StoreServiceOptions,
} from './store/store-service.js'

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

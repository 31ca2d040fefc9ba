export type { PreviousStop } from './lock.js'
export { type OpenOptions, StateDirectory } from './state-directory.js'

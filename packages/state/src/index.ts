export type { PreviousStop } from './lock.js'
export { checkDirectoryIsOurs, checkKeyIsOurs } from './ownership.js'
export { type OpenOptions, StateDirectory } from './state-directory.js'

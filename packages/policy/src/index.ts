export { defaultForbidden, escapePath, forbidChanges, forbiddenMountRoot, forbidOwnDirectories } from './forbidden.js'

export { defaultForbidden, escapePath, forbiddenMountRoot, forbidOwnDirectories } from './forbidden.js'

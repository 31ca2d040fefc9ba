export { defaultForbidden, escapePath, forbidChanges, forbiddenMountRoot, forbidOwnDirectories } from './forbidden.js'
export { parseRoles, type RoleOptions } from './roles/parse-roles.js'
export type { RoleMembership, RoleOrigin, RoleRule, Roles } from './roles/roles.js'
export { type RoleLists, rolesFor } from './roles/roles-for.js'

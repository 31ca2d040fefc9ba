import type { Finding } from '@bulkhead/document'
import type { Action, Kind } from '@bulkhead/vocabulary'

/** Where a line of a role file stands. */
export type RoleOrigin = { readonly document: string; readonly line: number; readonly column: number }

/** A `p` line. */
export type RoleRule = {
  /** `component:<child id>` or `role:<name>`. */
  readonly subject: string
  readonly kind: Kind
  /** One action; all of the kind where the file says `*`. */
  readonly actions: readonly Action[]
  readonly pattern: string
  readonly effect: 'allow' | 'deny'
  readonly origin: RoleOrigin
}

/** A `g` line: the member has what the role has. */
export type RoleMembership = {
  /** `component:<child id>` or `role:<name>`. */
  readonly member: string
  /** `role:<name>`. */
  readonly role: string
  readonly origin: RoleOrigin
}

/** A role file that passed every check. Frozen; minted by `parseRoles`. */
export type Roles = {
  readonly file: string
  readonly rules: readonly RoleRule[]
  readonly memberships: readonly RoleMembership[]
  /** What is legal and probably not meant: rules that stand twice, roles that nothing defines. */
  readonly warnings: readonly Finding[]
}

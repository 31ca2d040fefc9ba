// The tree file as a program writes it: the same keys, the same values, in an object. What is said here in types is checked
// all the same when it is read.

import type { ComponentKind } from './manifest.js'
import type { AutoShutdown, Delivery, Expectation, PlainValue, Profile, Restart, Strategy, Wall } from './tree.js'

/** Limits, as `quotas` and `ceiling` have them: `{ memory: '64MiB', messages: '100/s' }`. */
export type QuotasDocument = {
  readonly memory?: string
  readonly storage?: string
  readonly messages?: string
  readonly network?: string
  readonly requests?: string
  readonly cpu?: string
  readonly deadline?: string
  readonly logs?: string
  readonly handles?: number | bigint
}

/** A host path (mode `write`), the whole form, or an empty directory for each incarnation. */
export type MountDocument =
  | string
  | {
      readonly host: string
      readonly mode?: 'read' | 'write'
      readonly hardlinks?: boolean
      readonly network_fs?: boolean
    }
  | { readonly scratch: string }

/** What a pool makes its members of, and what {@link ChildDocument} adds names to. */
export type TemplateDocument = {
  readonly component: string
  readonly manifest?: string
  readonly approved?: readonly string[]
  readonly policy?: string
  readonly kind?: ComponentKind
  readonly restart?: Restart
  readonly args?: readonly string[]
  readonly env?: Readonly<Record<string, string>>
  readonly inherit?: readonly string[]
  readonly mounts?: Readonly<Record<string, MountDocument>>
  readonly config?: Readonly<Record<string, string>>
  readonly secrets?: Readonly<Record<string, { readonly file: string }>>
  /** `'forever'`, `'call'`, or `'idle 60s'`. */
  readonly lifetime?: 'forever' | 'call' | `idle ${string}`
  readonly shutdown?: string
  readonly significant?: boolean
  readonly delivery?: Delivery
  readonly quotas?: QuotasDocument
  readonly deadline?: string
  readonly trusted_escalates?: boolean
  readonly http?: { readonly inject?: Readonly<Record<string, { readonly header: string; readonly secret: string }>> }
}

/** The entry of one child, as `[children.NAME]` has it. */
export type ChildDocument = TemplateDocument & {
  readonly instances?: number | bigint
  readonly tenant?: string
  readonly expect?: Expectation
}

/** What every supervisor may say of itself, as `[supervisor]` has it for the root. */
export type SupervisorSettings = {
  readonly strategy?: Strategy
  readonly intensity?: { readonly restarts?: number | bigint; readonly within?: string }
  readonly profile?: Profile
  readonly auto_shutdown?: AutoShutdown
  readonly ceiling?: QuotasDocument
  /** What all below it together may use. */
  readonly quotas?: Pick<QuotasDocument, 'messages'>
  readonly tenant?: string
  readonly restart?: Restart
  /** A time, or `'infinity'`. */
  readonly shutdown?: string
  readonly significant?: boolean
  readonly max_children?: number | bigint
  readonly template?: TemplateDocument
}

type Members = {
  readonly children?: Readonly<Record<string, ChildDocument>>
  readonly supervisors?: Readonly<Record<string, SupervisorDocument>>
}

/** A supervisor below the root, as `[supervisors.NAME]` has it. */
export type SupervisorDocument = SupervisorSettings & Members

/**
 * A whole tree. Its members start in the order in which the object has them, and what stands first in it, `children` or
 * `supervisors`, starts first.
 */
export type TreeDocument = Members & {
  readonly state?: string
  readonly trust?: string
  readonly roles?: string
  readonly audit?: 'normal' | 'strict'
  readonly audit_transport?: { readonly target: string; readonly options?: Readonly<Record<string, PlainValue>> }
  readonly overcommit?: number
  readonly require_walls?: readonly Wall[]
  readonly process_rung?: 'strong' | 'weak'
  readonly time_scale?: number
  readonly supervisor?: SupervisorSettings
  readonly http?: {
    readonly listen: string
    readonly routes: Readonly<Record<string, string>>
    readonly max_body?: string
  }
  readonly incidents?: { readonly command?: readonly string[]; readonly topic?: string; readonly deadline?: string }
  readonly shared?: Readonly<Record<string, string>>
}

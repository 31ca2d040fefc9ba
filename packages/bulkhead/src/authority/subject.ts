import type { KindDefinition } from '@bulkhead/capability'
import type { Manifest } from '@bulkhead/manifest'
import type { ContextMount } from '@bulkhead/security-context'
import type { ApprovalSubject } from '@bulkhead/trust'

/**
 * What is known of one child when it is judged: everything that trust, approval and the capability layers are about, and
 * nothing that only running needs. Kept in the state directory, so that an operator can ask and decide while no process
 * runs. Plain JSON: no value of a variable is ever in it.
 */
export type Subject = {
  readonly child: string
  /** Whose name space `self:` means: the child's id without its tenant. A component does not choose whose it is. */
  readonly componentId: string
  /** By the tree, else by its exports. Not by its manifest: default policies go by it, and its author chooses none of them. */
  readonly kind?: string
  readonly component: {
    /** As the tree file names it. */
    readonly reference: string
    /** Absolute path. */
    readonly file: string
    readonly digest: string
  }
  readonly manifest?: { readonly file: string; readonly text: string; readonly digest: string }
  readonly mounts: readonly SubjectMount[]
  /** Those of the host application's own interfaces that the component imports, with their versions. */
  readonly interfaces?: readonly string[]
  /** Names of variables that the tree takes from the host. */
  readonly inherited: readonly string[]
  /** Names of all variables that the child gets. */
  readonly variables: readonly string[]
  /** `approved` of the tree entry, and where it stands. */
  readonly approved?: { readonly digests: readonly string[]; readonly line?: number }
  readonly tree: TreeFacts
  readonly limits: SubjectLimits
  /** What the supervisors above it let any child have. */
  readonly ceiling?: SubjectLimits
}

export type SubjectMount = Pick<ContextMount, 'guestPath' | 'hostPath' | 'mode' | 'kind' | 'hardlinks'>

/** The tree that the child stands in, and the documents that it names. */
export type TreeFacts = {
  readonly file: string
  /** Of the child's entry, where the tree is a file. */
  readonly line?: number
  readonly trust?: string
  readonly roles?: string
  readonly shared: readonly { readonly name: string; readonly policy: string }[]
  /** The kinds of the host application that runs the tree. */
  readonly kinds?: readonly KindDefinition[]
  /** Whether dev mode was asked for when the tree was started. */
  readonly dev: boolean
}

/** What the tree entry narrows. */
export type SubjectLimits = {
  readonly memoryBytes?: number
  readonly handles?: number
  readonly cpuPercent?: number
  readonly deadlineMs?: number
  readonly messagesPerHour?: number
  readonly logBytesPerHour?: number
  readonly storageBytes?: number
  readonly networkBytesPerHour?: number
  readonly requestsPerHour?: number
}

/** The place of a manifest that stands in the component itself. */
export function embeddedIn(componentFile: string): string {
  return `${componentFile}#bulkhead:manifest`
}

/** The file that the manifest lies in, where it lies in one of its own. */
export function manifestFileOf({ component, manifest }: Subject): string | undefined {
  return manifest?.file === embeddedIn(component.file) ? undefined : manifest?.file
}

/** What a reviewer decides about (SPEC 6). */
export function approvalSubjectOf(subject: Subject, manifest: Manifest | undefined): ApprovalSubject {
  const { component, mounts, inherited } = subject
  return {
    componentDigest: component.digest,
    manifestDigest: subject.manifest?.digest ?? null,
    componentId: manifest?.component.id ?? subject.componentId,
    ...(manifest === undefined ? {} : { version: manifest.component.version }),
    ...(manifest?.component.description === undefined ? {} : { description: manifest.component.description }),
    capabilities: (manifest?.capabilities ?? []).map(({ kind, action, pattern, optional, why }) => ({
      kind,
      action,
      pattern,
      ...(optional === undefined ? {} : { optional }),
      ...(why === undefined ? {} : { why }),
    })),
    mounts: mounts.map(({ guestPath, hostPath, mode }) => ({ guest: guestPath, host: hostPath, mode })),
    inherited: [...inherited].sort(),
    interfaces: [...(subject.interfaces ?? [])].sort(),
  }
}

/** Whether the tree entry approves exactly these bytes in place. */
export function isPinned({ approved, component, manifest }: Subject): boolean {
  if (approved === undefined) return false
  const [componentDigest, manifestDigest] = approved.digests
  return componentDigest === component.digest && manifestDigest === manifest?.digest
}

/** A subject as it comes back from the disk, where its checksum was right. */
export function readSubject(found: unknown): Subject {
  if (typeof found !== 'object' || found === null) throw new TypeError('it is no subject')
  const { child, componentId, component, mounts, tree } = found as Partial<Subject>
  if (typeof child !== 'string' || typeof componentId !== 'string') throw new TypeError('it is no subject')
  if (typeof component?.digest !== 'string' || !Array.isArray(mounts) || typeof tree?.file !== 'string') {
    throw new TypeError('it is no subject')
  }
  return found as Subject
}

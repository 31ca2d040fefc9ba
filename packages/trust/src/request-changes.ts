import type { ApprovalSubject } from './approval-subject.js'
import { askText } from './capability-words.js'
import { shown } from './component-words.js'

/** What came, went, or is another one under the same name. Escaped texts. */
export type Changes = {
  readonly added: readonly string[]
  readonly removed: readonly string[]
  readonly changed: readonly string[]
}

/** What a request changes since the last approved one. */
export type RequestChanges = {
  /** Whether the bytes of the component are other ones. */
  readonly component: boolean
  readonly manifest: boolean
  readonly capabilities: Changes
  readonly mounts: Changes
  readonly inherited: Changes
  readonly interfaces: Changes
}

/** Compares a request with the last approved one. */
export function requestChanges(before: ApprovalSubject, now: ApprovalSubject): RequestChanges {
  const compare = (listOf: (subject: ApprovalSubject) => readonly Named[]): Changes =>
    changesOf(listOf(before), listOf(now))
  return {
    component: before.componentDigest !== now.componentDigest,
    manifest: before.manifestDigest !== now.manifestDigest,
    capabilities: compare(({ capabilities }) =>
      capabilities.map((ask) => [askText(ask), ask.optional === true ? ' (optional)' : ' (required)']),
    ),
    mounts: compare(({ mounts }) => mounts.map(({ guest, host, mode }) => [guest, ` = ${host} (${mode})`])),
    inherited: compare(({ inherited }) => inherited.map((name) => [name, ''])),
    interfaces: compare(({ interfaces }) => interfaces.map((name) => [name, ''])),
  }
}

/** A name, and what is said of it. */
type Named = readonly [name: string, detail: string]

function changesOf(before: readonly Named[], now: readonly Named[]): Changes {
  const [old, current] = [new Map(before), new Map(now)]
  const texts = (list: readonly Named[]): readonly string[] => list.map(([name, detail]) => shown(name + detail))
  return {
    added: texts(now.filter(([name]) => !old.has(name))),
    removed: texts(before.filter(([name]) => !current.has(name))),
    changed: now.flatMap(([name, detail]) => {
      const was = old.get(name)
      return was === undefined || was === detail ? [] : [shown(`${name}${detail}, before${was}`)]
    }),
  }
}

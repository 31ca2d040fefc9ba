import { tailLog } from '@bulkhead/audit'
import type { Tree } from '@bulkhead/manifest'
import type { StateDirectory } from '@bulkhead/state'
import { type HealthEventDraft, systemClock } from '@bulkhead/vocabulary'
import { IncidentDesk } from './incident-desk.js'
import { IncidentFiles } from './incident-files.js'
import type { HookSpec, IncidentCallback } from './incident-hooks.js'
import { auditRecordsMax, auditTailBytes, hookDeadlineMsDefault } from './limits.js'

export type OpenIncidents = { readonly files: IncidentFiles; readonly desk: IncidentDesk }

/** The incidents of a runtime that has a state directory; with a tree, its hooks are obeyed. */
export function openIncidents(
  state: StateDirectory,
  raise: (draft: HealthEventDraft) => void,
  tree: Tree | undefined,
  callback: IncidentCallback | undefined,
): OpenIncidents {
  const files = new IncidentFiles(state)
  const audit = state.path('audit')
  const desk = new IncidentDesk({
    ...{ files, raise, clock: systemClock, hooks: hooksOf(tree, callback) },
    auditOf: (component) => tailLog(audit, { component, recordsMax: auditRecordsMax, bytesMax: auditTailBytes }),
  })
  return { files, desk }
}

function hooksOf(tree: Tree | undefined, callback: IncidentCallback | undefined): HookSpec {
  const { command, topic, deadlineMs = hookDeadlineMsDefault } = tree?.incidents ?? {}
  return {
    deadlineMs,
    ...(command === undefined ? {} : { command: { words: command, directory: tree?.directory ?? '.' } }),
    ...(topic === undefined ? {} : { topic }),
    ...(callback === undefined ? {} : { callback }),
  }
}

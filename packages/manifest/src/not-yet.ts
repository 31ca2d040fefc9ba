import type { Entry } from '@bulkhead/document'

// What the format has and this version does not. It is checked as grammar and then refused: a key that is read and not
// obeyed would be a promise broken in silence. A feature arrives by deleting its line here.

type NotYet = {
  /** What to write instead. */
  readonly hint: string
}

const limitsMessages = `limit each child with its \`quotas\`: a supervisor limits \`messages\` here`

/** Where a key stands: the same word may come earlier in one place than in another. */
export type NotYetPlace = keyof typeof notYet

const notYet = {
  supervisorQuotas: {
    memory: { hint: limitsMessages },
    storage: { hint: limitsMessages },
    network: { hint: limitsMessages },
    requests: { hint: limitsMessages },
    cpu: { hint: limitsMessages },
    deadline: { hint: limitsMessages },
    logs: { hint: limitsMessages },
    handles: { hint: limitsMessages },
  },
} as const satisfies Record<string, Record<string, NotYet>>

/** Reports a key that passed its check and that this version cannot obey. Hand it to `readTable` as `onPassed`. */
export function reportNotYet(place: NotYetPlace): (key: string, entry: Entry) => void {
  const rows: Readonly<Record<string, NotYet>> = notYet[place]
  return (key, { path, inspection }) => {
    const row = Object.hasOwn(rows, key) ? rows[key] : undefined
    if (row === undefined) return
    const message = `\`${key}\` is part of the format but this version does not have it yet`
    inspection.report(path, message, row.hint, 'key')
  }
}

import type { JournalLog } from './journal-log.js'

/** The same log, which says each time that it has given a record its place. */
export function countedLog(log: JournalLog, onAppended: () => void): JournalLog {
  return {
    append: (fields) => {
      const seq = log.append(fields)
      onAppended()
      return seq
    },
    unwritten: () => log.unwritten(),
    write: () => log.write(),
    sync: () => log.sync(),
    sealDueMs: () => log.sealDueMs(),
    close: () => log.close(),
  }
}

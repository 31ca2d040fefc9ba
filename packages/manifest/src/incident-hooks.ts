import { isTopic } from '@bulkhead/capability'
import { type Field, listOf, readTable, reject, text } from '@bulkhead/document'
import {
  argumentCharactersMax,
  incidentCommandWordsMax,
  incidentDeadlineMsDefault,
  nameCharactersMax,
} from './limits.js'
import { duration } from './quotas.js'
import type { IncidentHooks } from './tree.js'

const words = text({ what: 'a topic', charactersMax: nameCharactersMax })

const topic: Field<string> = (entry) => {
  const written = words(entry)
  if (written === undefined || isTopic(written)) return written
  return reject(entry, 'this is no topic', 'tokens separated by `.`, without `*` and `>`')
}

const word = text({ what: 'an argument', charactersMax: argumentCharactersMax, blank: 'allowed' })
const fields = {
  command: listOf(word, { what: 'a program and its arguments', itemsMax: incidentCommandWordsMax }),
  topic,
  deadline: duration('1ms', '1h'),
}

/** The table `[incidents]`: who is told when a child reaches `process` or `quarantine` (SPEC 8). */
export const incidentHooks: Field<IncidentHooks> = (entry) => {
  const table = readTable(entry, fields)
  if (table === undefined) return undefined
  const { command, deadline } = table
  return {
    ...(command === undefined ? {} : { command }),
    ...(table.topic === undefined ? {} : { topic: table.topic }),
    deadlineMs: deadline ?? incidentDeadlineMsDefault,
  }
}

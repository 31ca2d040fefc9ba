import { type Entry, oneOf, quote, readTable, reject, text } from '@bulkhead/document'
import { type ComponentId, isName, parseComponentId } from '@bulkhead/vocabulary'
import { descriptionCharactersMax, nameCharactersMax, versionCharactersMax } from './limits.js'
import { type ComponentHeader, componentKinds } from './manifest.js'
import { isSemanticVersion } from './semantic-version.js'

/** The grammar of names, as messages explain it. */
export const nameHint = 'a lower-case letter, then up to 62 lower-case letters, digits and hyphens'

const idText = text({ what: 'an id', charactersMax: nameCharactersMax })
const versionText = text({ what: 'a version', charactersMax: versionCharactersMax })

function id(entry: Entry): ComponentId | undefined {
  const written = idText(entry)
  if (written === undefined) return undefined
  return isName(written)
    ? parseComponentId(written)
    : reject(entry, `${quote(written)} is not a component id`, nameHint)
}

function version(entry: Entry): string | undefined {
  const written = versionText(entry)
  if (written === undefined || isSemanticVersion(written)) return written
  return reject(entry, `${quote(written)} is not a version`, 'write a semantic version as `"1.2.0"`')
}

const fields = {
  id,
  version,
  description: text({ what: 'a description', charactersMax: descriptionCharactersMax, blank: 'allowed' }),
  kind: oneOf(componentKinds),
}

/** The table `[component]`. */
export function componentHeader(entry: Entry): ComponentHeader | undefined {
  const table = readTable(entry, fields, { required: ['id', 'version'] })
  if (table?.id === undefined || table.version === undefined) return undefined
  return { ...table, id: table.id, version: table.version }
}

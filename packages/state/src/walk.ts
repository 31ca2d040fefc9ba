// Perimeter: the entry of a process that walks one database, copies it, and says how it went. It is a process of its own
// because LMDB trusts its file: reading a damaged one can kill whoever reads it. And it copies, because what no key leads
// to, such as LMDB's list of free pages, can be damaged as well and would kill a later writer: the host opens only what was
// written anew from values that fit their checksums. Arguments: the store's name, its directory, the copy's.
import { BulkheadError, type WireError, wireFromUnknown } from '@bulkhead/vocabulary'
import { explainRefusal } from './disk-errors.js'
import {
  type Environment,
  type EnvironmentTable,
  entryCountOf,
  openEnvironment,
  openTable,
  tableNames,
} from './environment.js'
import { copyBatchEntries, storeBytesMax } from './limits.js'
import { unseal } from './sealed-value.js'
import { corruptStore } from './store-damage.js'

const [store = '', directory = '', copyDirectory = ''] = process.argv.slice(2)

function copyAll(from: Environment, to: Environment): void {
  const names = tableNames(from)
  checkCount(names.length, entryCountOf(from), 'tables')
  for (const name of names) copyTable(name, openTable(from, name), openTable(to, name), to)
}

function copyTable(name: string, from: EnvironmentTable, to: EnvironmentTable, target: Environment): void {
  const keys = [...from.getKeys()]
  checkCount(keys.length, entryCountOf(from), `entries of the table \`${name}\``)
  for (let start = 0; start < keys.length; start += copyBatchEntries) {
    target.transactionSync(() => {
      for (const key of keys.slice(start, start + copyBatchEntries)) to.putSync(key, wholeValue(name, key, from))
    })
  }
}

/** As it is stored, with its checksum. */
function wholeValue(table: string, keyBytes: Buffer, from: EnvironmentTable): Buffer {
  const key = keyBytes.toString('utf8')
  const stored = from.getBinary(keyBytes)
  if (stored !== undefined && unseal(table, key, stored) !== undefined) return stored
  const what = `is damaged: the value of \`${key}\` in its table \`${table}\` fails its checksum`
  throw corruptStore(store, directory, what, { where: { table, key } })
}

/** Where the pages that lead to values are damaged, values vanish: LMDB notes how many there are. */
function checkCount(found: number, noted: number, what: string): void {
  if (found === noted) return
  throw corruptStore(store, directory, `is damaged: ${found} of ${noted} ${what} can be found`)
}

async function walk(): Promise<WireError | undefined> {
  try {
    const [from, to] = [openEnvironment(directory, storeBytesMax), openEnvironment(copyDirectory, storeBytesMax)]
    copyAll(from, to)
    await to.close()
    return undefined
  } catch (thrown) {
    const error = explainRefusal(thrown, copyDirectory)
    if (error instanceof BulkheadError) return error.toWire()
    return corruptStore(store, directory, `cannot be read: ${wireFromUnknown(thrown).message}`).toWire()
  }
}

process.stdout.write(JSON.stringify({ error: await walk() }))

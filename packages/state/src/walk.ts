// Perimeter: the entry of a process that walks one database and says what it found. It is a process of its own because
// LMDB trusts its file: reading a damaged one can kill whoever reads it.
import { type Environment, openEnvironment, openTable, tableNames } from './environment.js'
import { storeBytesMax, storeValueBytesMax } from './limits.js'
import { unseal } from './sealed-value.js'
import type { WalkReport } from './walk-store.js'

/** Reads every value of every table, then lets LMDB look for room: that reads its list of free pages. */
function walk(environment: Environment): WalkReport {
  for (const table of tableNames(environment)) {
    const database = openTable(environment, table)
    for (const bytes of database.getKeys()) {
      const key = bytes.toString('utf8')
      const stored = database.getBinary(bytes)
      if (stored === undefined || unseal(table, key, stored) === undefined) {
        return { damage: { table, key, what: 'fails its checksum' } }
      }
    }
    rehearseWrite(environment, database)
  }
  return {}
}

const rehearsal = Symbol('rehearsal')

function rehearseWrite(environment: Environment, database: ReturnType<typeof openTable>): void {
  try {
    environment.transactionSync(() => {
      database.putSync(Buffer.from('\0rehearsal'), Buffer.alloc(storeValueBytesMax))
      throw rehearsal
    })
  } catch (error) {
    if (error !== rehearsal) throw error
  }
}

const [directory = ''] = process.argv.slice(2)
const report = walk(openEnvironment(directory, storeBytesMax))
process.stdout.write(JSON.stringify(report))

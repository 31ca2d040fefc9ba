import { join } from 'node:path'
import { readToken, tokenFile } from '@bulkhead/admin'
import { BulkheadError } from 'bulkhead'
import { tokenCharactersMin } from './limits.js'

/**
 * The token that is given, else that of the state directory.
 *
 * @throws {BulkheadError} `usage` for one that can be guessed, or that no request can carry
 */
export function checkedToken(given: string | undefined, stateDirectory: string | undefined): string | undefined {
  if (given === undefined) return stateDirectory === undefined ? undefined : readToken(join(stateDirectory, tokenFile))
  if (given.length >= tokenCharactersMin && /^[\x21-\x7e]+$/.test(given)) return given
  throw new BulkheadError(
    'usage',
    `a token has at least ${tokenCharactersMin} characters, printable ASCII without spaces`,
    {
      hint: 'openssl rand -hex 32',
    },
  )
}

import { realpathSync } from 'node:fs'
import { connect, type Socket } from 'node:net'
import { join } from 'node:path'
import { Fault } from '@bulkhead/vocabulary'
import { ClientConnection } from './client-connection.js'
import type { CommandTable, InputOf, ItemOf, OutputOf, PlainName, Requests, StreamName } from './command-table.js'
import { checkSocketIsOurs, socketPathOf } from './socket-path.js'
import { readToken, tokenFile } from './token.js'
import { unreachable } from './unreachable.js'

/** A connection to the process that uses a state directory. */
export type AdminClient<Table extends CommandTable> = Requests<Table> & {
  /** Who answers. */
  readonly server: { readonly version: string; readonly pid: number }
  /** Items as they come, until the process ends the stream or the consumer leaves the loop. */
  readonly stream: <Name extends StreamName<Table>>(
    command: Name,
    input: InputOf<Table, Name>,
  ) => AsyncIterableIterator<ItemOf<Table, Name>>
  /** Ends the connection; what is still unanswered fails with `runtime-unreachable`. */
  readonly close: () => Promise<void>
}

/**
 * Connects to the process that uses a state directory. Before the token is sent, the socket and the token are looked at:
 * both must belong to this user and be closed to others.
 *
 * @param directory the state directory
 * @param commands the table; answers are checked against it, since the process may be of another version
 * @throws {BulkheadError} `runtime-unreachable` when no process answers; `state-insecure` when somebody else could have
 *   put the socket there.
 * @example
 * ```ts
 * const client = await connectAdmin('.bulkhead', adminCommands)
 * const { children } = await client.request('children', {})
 * await client.close()
 * ```
 */
export async function connectAdmin<const Table extends CommandTable>(
  directory: string,
  commands: Table,
): Promise<AdminClient<Table>> {
  const root = realPath(directory)
  if (root === undefined) throw unreachable(directory, 'there is no such directory')
  const path = socketPathOf(root)
  if (checkSocketIsOurs(path) === 'missing') throw unreachable(directory, 'there is no admin socket')
  const token = readToken(join(root, tokenFile))
  if (token === undefined) throw unreachable(directory, 'there is no token')
  const client = new ClientConnection(await open(path, directory), directory)
  const server = await client.greet(token)
  return {
    server,
    request: async (command, input) => checkedAnswer(commands, command, await client.request(command, input)),
    stream: (command, input) => client.stream(command, input) as AsyncIterableIterator<ItemOf<Table, typeof command>>,
    close: () => client.close(),
  }
}

function checkedAnswer<Table extends CommandTable, Name extends PlainName<Table>>(
  commands: Table,
  command: Name,
  answer: unknown,
): OutputOf<Table, Name> {
  const spec = commands[command]
  const result = spec !== undefined && 'output' in spec ? spec.output.safeParse(answer) : undefined
  if (result?.success === true) return result.data as OutputOf<Table, Name>
  throw new Fault('internal', `the running process answered \`${command}\` in a form that this version does not know`, {
    hint: 'use the version of the command that the process is of',
  })
}

function open(path: string, directory: string): Promise<Socket> {
  return new Promise((resolve, reject) => {
    const socket = connect(path)
    socket.once('connect', () => {
      socket.off('error', refused)
      resolve(socket)
    })
    const refused = (error: NodeJS.ErrnoException): void => {
      const dead = error.code === 'ECONNREFUSED' || error.code === 'ENOENT'
      reject(unreachable(directory, dead ? 'nobody listens any more' : error.message))
    }
    socket.once('error', refused)
  })
}

function realPath(path: string): string | undefined {
  try {
    return realpathSync(path)
  } catch (error) {
    const { code } = error as NodeJS.ErrnoException
    if (code === 'ENOENT' || code === 'ENOTDIR') return undefined
    throw error
  }
}

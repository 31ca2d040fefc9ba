// Perimeter: a Unix socket in the lock directory that says to other pid namespaces (containers that share the directory)
// whether its maker lives. The kernel answers for it: a connection is taken as long as the process exists, however busy
// it is, and refused from the moment at which it does not, however it died.
import { closeSync, constants, openSync } from 'node:fs'
import { connect, createServer, type Server } from 'node:net'
import { livenessAnswerMs } from './limits.js'

/** A listening socket; `close` removes it. */
export type LivenessSocket = { readonly close: () => Promise<void> }

/**
 * Listens on `directory/name`. The path goes through a descriptor of the directory, because a Unix socket path has at most
 * 107 bytes. Resolves to `undefined` where the platform or the file system has no such sockets: then processes of other
 * namespaces cannot judge the holder and must take it for alive.
 */
export async function listenForLiveness(directory: string, name: string): Promise<LivenessSocket | undefined> {
  if (process.platform !== 'linux') return undefined
  const descriptor = openDirectory(directory)
  const server = createServer((socket) => socket.destroy())
  server.unref()
  if (!(await isListening(server, `/proc/self/fd/${descriptor}/${name}`))) {
    closeSync(descriptor)
    return undefined
  }
  const close = (): Promise<void> =>
    new Promise((resolve) => {
      // Node removes the socket's name while it closes, through the descriptor, which must outlive that.
      server.close(() => {
        closeSync(descriptor)
        resolve()
      })
    })
  return { close }
}

/** Asks a liveness socket. `unknown` when there is none or nobody says anything. */
export async function askLiveness(directory: string, name: string): Promise<'alive' | 'dead' | 'unknown'> {
  const descriptor = openDirectory(directory)
  try {
    return await new Promise((resolve) => {
      const socket = connect(`/proc/self/fd/${descriptor}/${name}`)
      const timer = setTimeout(() => answer('unknown'), livenessAnswerMs)
      const answer = (life: 'alive' | 'dead' | 'unknown'): void => {
        clearTimeout(timer)
        socket.destroy()
        resolve(life)
      }
      socket.once('connect', () => answer('alive'))
      socket.once('error', (error: NodeJS.ErrnoException) => answer(error.code === 'ECONNREFUSED' ? 'dead' : 'unknown'))
    })
  } finally {
    closeSync(descriptor)
  }
}

function openDirectory(directory: string): number {
  return openSync(directory, constants.O_RDONLY | constants.O_DIRECTORY)
}

function isListening(server: Server, path: string): Promise<boolean> {
  return new Promise((resolve) => {
    server.once('listening', () => resolve(true))
    server.once('error', () => resolve(false))
    server.listen(path)
  })
}

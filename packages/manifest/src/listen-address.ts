import { isIP } from 'node:net'
import { resolve } from 'node:path'

/** Where a server waits for connections: an address of this machine and a port (0: one that is free), or a Unix socket. */
export type ListenAddress =
  | { readonly kind: 'tcp'; readonly host: string; readonly port: number }
  | { readonly kind: 'unix'; readonly path: string }

/** Why a text is no address to listen on, and what to write. */
export type ListenProblem = { readonly message: string; readonly hint: string }

const form = 'write "127.0.0.1:8080", "[::1]:8080", "localhost:8080", or the path of a Unix socket: "./http.sock"'

/** A path on a Unix socket may have as many bytes as the kernel keeps of it. */
const socketPathBytesMax = 107

/**
 * Reads where to listen. Names other than `localhost` are refused: what they lead to may change between two starts.
 *
 * @param directory from which a relative path starts
 * @example
 * ```ts
 * parseListen('127.0.0.1:8080', '/srv') // { kind: 'tcp', host: '127.0.0.1', port: 8080 }
 * parseListen('./http.sock', '/srv') // { kind: 'unix', path: '/srv/http.sock' }
 * ```
 */
export function parseListen(written: string, directory: string): ListenAddress | ListenProblem {
  if (/^\.{0,2}\//.test(written)) return unixSocket(resolve(directory, written))
  const [, host = '', digits = ''] = /^(\[[0-9a-fA-F:.]+\]|[^[\]:/]+):(0|[1-9]\d{0,4})$/.exec(written) ?? []
  const bare = host.startsWith('[') ? host.slice(1, -1) : host
  const isAddress = host.startsWith('[') ? isIP(bare) === 6 : isIP(bare) === 4
  if (!isAddress && host !== 'localhost') return { message: 'this is no address to listen on', hint: form }
  const port = Number(digits)
  if (port > 65_535) return { message: `${port} is no port`, hint: 'a port is at most 65535' }
  if (port > 0 && port < 1024) {
    const hint = 'listen on 1024 or above, and let a reverse proxy or a redirection of the firewall have the lower port'
    return { message: `port ${port} is privileged, and this process is not to be`, hint }
  }
  return { kind: 'tcp', host: bare, port }
}

function unixSocket(path: string): ListenAddress | ListenProblem {
  if (Buffer.byteLength(path) <= socketPathBytesMax && !path.includes('\0')) return { kind: 'unix', path }
  return { message: 'the path of a Unix socket is too long', hint: `at most ${socketPathBytesMax} bytes: ${path}` }
}

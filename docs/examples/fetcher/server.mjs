// What the fetcher asks: a server on this machine that shows its `/private` to whoever has the key.
import { createServer } from 'node:http'

export const port = 8642

/** @param {string} key @returns {import('node:http').Server} */
export function serve(key) {
  const server = createServer((request, response) => {
    switch (request.url) {
      case '/hello':
        return response.end('hello')
      case '/private':
        return request.headers.authorization === key
          ? response.end('welcome')
          : response.writeHead(401).end('who are you?')
      case '/moved':
        return response.writeHead(302, { location: 'http://example.com/' }).end('gone')
      default:
        return response.writeHead(404).end()
    }
  })
  return server.listen(port, '127.0.0.1')
}

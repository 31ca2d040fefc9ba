import { DocumentError } from '@bulkhead/document'
import { describe, expect, it } from 'vitest'
import { httpBodyBytesDefault, httpRoutesMax, routeCharactersMax } from './limits.js'
import { parseListen } from './listen-address.js'
import { parseTree } from './parse-tree.js'
import { parseRoutePattern } from './route-pattern.js'

const child = '[children.web]\ncomponent = "./web.wasm"\n'
const read = (http: string) => parseTree(`[http]\n${http}\n${child}`, { file: '/srv/bulkhead.toml' }).http

function findings(http: string): readonly string[] {
  try {
    read(http)
    return []
  } catch (thrown) {
    if (!(thrown instanceof DocumentError)) throw thrown
    return thrown.findings.map(({ line, column, message }) => `${line}:${column} ${message}`)
  }
}

const listen = 'listen = "127.0.0.1:8080"'

describe('[http]', () => {
  it('says where, what to whom, and how much', () => {
    const http = read(`${listen}\nroutes = { "/**" = "web", "Api.Test/v1/x" = "web" }\nmax_body = "1MiB"`)
    expect(http).toMatchObject({
      listen: { kind: 'tcp', host: '127.0.0.1', port: 8080 },
      routes: [
        { path: '', isPrefix: true, child: 'web', pattern: '/**' },
        { host: 'api.test', path: '/v1/x', isPrefix: false, child: 'web' },
      ],
      bodyBytesMax: 1024 * 1024,
    })
    expect(read(`${listen}\nroutes = { "/**" = "web" }`)?.bodyBytesMax).toBe(httpBodyBytesDefault)
    expect(read(`${listen}\nroutes = { "/**" = "web" }\nmax_body = "0B"`)?.bodyBytesMax).toBe(0)
  })

  it('leads to children that the tree has: by their id, in pools and with tenants too', () => {
    const tree = parseTree(
      `[http]\n${listen}\nroutes = { "/**" = "acme/web", "/p/**" = "web" }\n[children.one]\ncomponent = "./a.wasm"\n` +
        `[supervisors.acme]\ntenant = "acme"\n[supervisors.acme.children.web]\ncomponent = "./a.wasm"\n` +
        `[supervisors.web]\nmax_children = 3\n[supervisors.web.template]\ncomponent = "./a.wasm"\n`,
      { file: '/srv/bulkhead.toml' },
    )
    expect(tree.http?.routes.map((route) => route.child)).toEqual(['acme/web', 'web'])
    expect(findings(`${listen}\nroutes = { "/**" = "wep" }`)).toEqual(['3:20 the tree has no child `wep`'])
  })

  it.each([
    ['routes = { "/**" = "web" }', '1:2 `listen` is missing'],
    [listen, '1:2 `routes` is missing'],
    [`${listen}\nroutes = {}`, '3:10 no route is listed'],
    [
      `${listen}\nroutes = { "/a" = "web", "/a/**" = "web", "h/a" = "web", "H/a" = "web" }`,
      '3:58 the route `H/a` is there twice',
    ],
    [`${listen}\nroutes = { "/*/a" = "web" }`, '3:12 `*` stands only at the end, as `/**`'],
    [`${listen}\nroutes = { "/a" = 1 }`, '3:19 a whole number stands where the id of a child in quotes belongs'],
    [`${listen}\nroutes = { "/a" = "web" }\nmax_body = "much"`, '4:12 '],
    [`${listen}\nroutes = { "/a" = "web" }\nmax = 1`, '4:1 unknown key `max`'],
    ['listen = "127.0.0.1:80"\nroutes = { "/a" = "web" }', '2:10 port 80 is privileged, and this process is not to be'],
  ])('refuses %s', (http, finding) => {
    expect(findings(http)).toEqual([expect.stringContaining(finding)])
  })

  it('has so many routes and no more', () => {
    const routes = (count: number) =>
      `${listen}\nroutes = { ${Array.from({ length: count }, (_, index) => `"/${index}" = "web"`).join(', ')} }`
    expect(read(routes(httpRoutesMax))?.routes).toHaveLength(httpRoutesMax)
    expect(findings(routes(httpRoutesMax + 1))).toEqual([expect.stringContaining('are too many')])
  })
})

describe('an address to listen on', () => {
  it.each([
    ['127.0.0.1:0', { kind: 'tcp', host: '127.0.0.1', port: 0 }],
    ['0.0.0.0:65535', { kind: 'tcp', host: '0.0.0.0', port: 65_535 }],
    ['[::1]:1024', { kind: 'tcp', host: '::1', port: 1024 }],
    ['localhost:8080', { kind: 'tcp', host: 'localhost', port: 8080 }],
    ['./http.sock', { kind: 'unix', path: '/srv/http.sock' }],
    ['../run/http.sock', { kind: 'unix', path: '/run/http.sock' }],
    ['/run/http.sock', { kind: 'unix', path: '/run/http.sock' }],
  ])('is %s', (written, address) => {
    expect(parseListen(written, '/srv')).toEqual(address)
  })

  it.each([
    ...['8080', ':8080', 'example.com:8080', '127.0.0.1', '127.0.0.1:', '127.0.0.1:08080', '127.1:8080', '::1:8080'],
    ...['[::1]', '[127.0.0.1]:8080', '127.0.0.1:65536', '127.0.0.1:1', '127.0.0.1:1023', 'localhost:443', ''],
    ...[`/${'a'.repeat(107)}`],
  ])('is not %s', (written) => {
    expect(parseListen(written, '/srv')).toMatchObject({ message: expect.any(String), hint: expect.any(String) })
  })
})

describe('a route', () => {
  it.each([
    ['/', { path: '/', isPrefix: false }],
    ['/**', { path: '', isPrefix: true }],
    ['/a/b', { path: '/a/b', isPrefix: false }],
    ['/a/b/**', { path: '/a/b', isPrefix: true }],
    ['/a/', { path: '/a/', isPrefix: false }],
    ['A-b.Example/**', { host: 'a-b.example', path: '', isPrefix: true }],
    ['127.0.0.1/**', { host: '127.0.0.1', path: '', isPrefix: true }],
    ['[::1]/x', { host: '[::1]', path: '/x', isPrefix: false }],
  ])('is %s', (written, pattern) => {
    expect(parseRoutePattern(written)).toEqual(pattern)
  })

  it.each([
    ...['', 'a', '*', '/*', '/a*', '/**/a', '/a//b', '//**', '/a//**', '/./a', '/a/..', '/%61', '/a?b', '/a#b', '/ä'],
    ...['*.example/**', '-a/**', 'a..b/**', 'a:80/**', '[1]/**', '[::1/**', `/${'a'.repeat(routeCharactersMax)}`],
  ])('is not %s', (written) => {
    expect(parseRoutePattern(written)).toMatchObject({ message: expect.any(String), hint: expect.any(String) })
  })
})

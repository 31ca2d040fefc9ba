import type { RouteSpec } from '@bulkhead/manifest'

/**
 * Which child a request goes to. What names the request's host goes before what names none; of those the path itself goes
 * before a prefix, and a longer prefix before a shorter one.
 */
export class Routes {
  /** By host and path; `''` is every host. */
  #exact = new Map<string, string>()
  #prefixes = new Map<string, string>()
  #prefixCharactersMax = 0

  constructor(routes: readonly RouteSpec[]) {
    this.replace(routes)
  }

  /** Other routes from the next request on. */
  replace(routes: readonly RouteSpec[]): void {
    this.#exact = new Map()
    this.#prefixes = new Map()
    this.#prefixCharactersMax = 0
    for (const { host = '', path, isPrefix, child } of routes) {
      if (isPrefix) this.#prefixCharactersMax = Math.max(this.#prefixCharactersMax, path.length)
      const table = isPrefix ? this.#prefixes : this.#exact
      table.set(`${host} ${path}`, child)
    }
  }

  /** The child; `undefined` where no route leads. */
  find(host: string, path: string): string | undefined {
    return this.#at(host, path) ?? this.#at('', path)
  }

  #at(host: string, path: string): string | undefined {
    const exact = this.#exact.get(`${host} ${path}`)
    if (exact !== undefined) return exact
    for (let prefix = this.#start(path); ; prefix = prefix.slice(0, prefix.lastIndexOf('/'))) {
      const child = this.#prefixes.get(`${host} ${prefix}`)
      if (child !== undefined || prefix === '') return child
    }
  }

  /** The longest beginning of a path that ends before a slash, or with it, and may be a prefix. */
  #start(path: string): string {
    const max = this.#prefixCharactersMax
    if (path.length <= max) return path
    return path.slice(0, path.lastIndexOf('/', max))
  }
}

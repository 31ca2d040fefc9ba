// What answers HTTP requests, and what sends them: a service that does what a path asks of it, and the fetcher of the examples.
import { readFileSync } from 'node:fs'

const fetcher = new URL('../../../docs/examples/fetcher/', import.meta.url)

/** @param {URL[]} common @returns {{ name: string, sources: URL[], make: () => Promise<Uint8Array> }[]} */
export function httpGuests(common) {
  const source = new URL('./service.js', import.meta.url)
  const tool = new URL('../messages/component-from-javascript.mjs', import.meta.url)
  return [
    {
      name: 'http-service',
      sources: [...common, source, tool],
      make: async () => {
        const { componentFromJavaScript } = await import('../messages/component-from-javascript.mjs')
        return componentFromJavaScript(readFileSync(source, 'utf8'), 'scripted-service')
      },
    },
    {
      name: 'http-fetcher',
      sources: [...common, new URL('fetcher.js', fetcher), new URL('build.mjs', fetcher), tool],
      make: async () => (await import('../../../docs/examples/fetcher/build.mjs')).buildFetcher(),
    },
  ]
}

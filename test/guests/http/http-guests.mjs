// What answers HTTP requests: a service in JavaScript that does what a path asks of it.
import { readFileSync } from 'node:fs'

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
  ]
}
